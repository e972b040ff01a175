//! Notices that the process has forked: threads and Contexts of a plugin do not live on in the child.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// How many forks lie between the first process and this one. An instance of another generation must not be used.
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

#[pyfunction]
fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Has Python call [`forked`] in every child that it forks.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    // Where there is no fork, there is nothing to watch.
    let Ok(register) = os.getattr("register_at_fork") else { return Ok(()) };
    let arguments = PyDict::new(py);
    arguments.set_item("after_in_child", wrap_pyfunction!(forked, py)?)?;
    register.call((), Some(&arguments))?;
    Ok(())
}
