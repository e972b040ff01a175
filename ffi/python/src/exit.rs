//! Notices that the interpreter ends.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter has begun to end.
pub fn begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

#[pyfunction]
fn begin() {
    BEGUN.store(true, Ordering::Relaxed);
}

/// Has Python call [`begin`] when it ends.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(begin, py)?,))?;
    Ok(())
}
