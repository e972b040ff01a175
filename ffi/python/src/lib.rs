//! The compiled half of the Python package `freeland`; `python/freeland` is the other.
//!
//! It holds what touches plugins and arrays. Everything that touches OpenMM, ASE or files is Python.

mod array;
mod buffers;
mod config;
mod description;
mod error;
mod evaluation;
mod exit;
mod fork;
mod interrupt;
mod isolation;
mod listing;
mod log;
mod outputs;
mod plugin;
mod recipe;
mod shape;
mod topology;

/// Imported by `freeland/__init__.py`, which is what users see.
#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::description::{Description, Info};
    #[pymodule_export]
    use crate::error::{ConfigError, EvaluationError, PluginError, PluginNotFoundError};
    #[pymodule_export]
    use crate::evaluation::Evaluation;
    #[pymodule_export]
    use crate::isolation::Isolation;
    #[pymodule_export]
    use crate::listing::{plugins, search_path, write_manifest};
    #[pymodule_export]
    use crate::log::force_log;
    #[pymodule_export]
    use crate::outputs::Output;
    #[pymodule_export]
    use crate::plugin::Plugin;
    #[pymodule_export]
    use crate::topology::Topology;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::log::watch();
        crate::exit::watch(module.py())?;
        crate::fork::watch(module.py())
    }
}
