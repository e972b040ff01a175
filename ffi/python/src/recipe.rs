//! What a plugin is opened by, and opening it.

use std::path::PathBuf;
use std::sync::Arc;

use freeland_loader::{
    self as loader, Isolation, LoadError, OpenError, Options, Potential, SearchPath, open_with,
};
use pyo3::prelude::*;
use serde_json::Value;

use crate::error::{self, PluginError};
use crate::{exit, fork, log};

/// All that is needed to open it again, in another process for example.
#[derive(Clone)]
pub struct Recipe {
    pub spec: String,
    pub config: Value,
    pub options: Options,
    pub plugin_path: Vec<PathBuf>,
    /// Molecules that it was derived for, one after the other.
    pub derived: Vec<loader::Topology>,
    /// Where is looked: `plugin_path`, and more.
    pub path: SearchPath,
}

/// An instance and the process it was made in.
pub struct Opened {
    generation: u64,
    /// Taken out by [`Drop`] alone.
    potential: Option<Arc<Potential>>,
    isolated: bool,
}

impl Opened {
    fn new(potential: Potential, isolated: bool) -> Self {
        Self { generation: fork::generation(), potential: Some(Arc::new(potential)), isolated }
    }

    /// The instance, unless the process has forked since it was made.
    pub fn usable(&self) -> Option<Arc<Potential>> {
        (self.generation == fork::generation()).then(|| self.potential.clone()).flatten()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut potential = self.potential.take();
        // After a fork, its threads are gone: it can neither be used nor destroyed. And an interpreter that ends gives its lock to
        // nobody: a plugin that asks for it would wait for ever.
        let ends = exit::begun() && !self.isolated;
        if self.generation != fork::generation() || ends {
            std::mem::forget(potential);
            return;
        }
        // Destroying it may take long, and may need the interpreter on another thread.
        Python::try_attach(|py| py.detach(|| drop(potential.take())));
    }
}

impl Recipe {
    pub fn open(&self, py: Python<'_>) -> PyResult<Opened> {
        let mut result = self.attempt(py);
        if let Err(OpenError::Load(LoadError::NotALibrary { reason, .. })) = &result
            && reason.contains("libOpenMM")
        {
            // OpenMM is not where the plugin looks for it. Where Python has one, the plugin takes that, once it is loaded.
            let found = py.import("openmm");
            found.map_err(|_| {
                PluginError::new_err(format!(
                    "plugin '{}' needs OpenMM, which this Python does not have; pip install openmm ({reason})",
                    self.spec
                ))
            })?;
            result = self.attempt(py);
        }
        log::drain(py);
        let potential = result.map_err(|failure| error::of_open(&failure))?;
        Ok(Opened::new(potential, self.isolated()))
    }

    /// Opens it. Other threads of Python go on: the plugin may need the interpreter for itself, on whatever thread.
    fn attempt(&self, py: Python<'_>) -> Result<Potential, OpenError> {
        py.detach(|| {
            let potential = open_with(&self.spec, &self.config, &self.path, &self.options)?;
            self.derived.iter().try_fold(potential, |potential, topology| potential.derive(topology))
        })
    }

    /// The recipe, and the instance, of another plugin for another molecule.
    pub fn derive(
        &self,
        py: Python<'_>,
        potential: &Potential,
        topology: &loader::Topology,
    ) -> PyResult<(Self, Opened)> {
        let derived = py.detach(|| potential.derive(topology));
        log::drain(py);
        let derived = derived.map_err(|failure| error::of_open(&failure))?;
        let mut recipe = self.clone();
        recipe.derived.push(topology.clone());
        Ok((recipe, Opened::new(derived, self.isolated())))
    }

    fn isolated(&self) -> bool {
        self.options.isolation != Isolation::None
    }
}
