//! Configurations between Python and JSON.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::Value;

use crate::error::ConfigError;

/// A configuration as JSON: a mapping (paths in it become text), JSON text, or `None` for `{}`.
pub fn to_json(config: Option<&Bound<'_, PyAny>>) -> PyResult<Value> {
    let Some(config) = config else { return Ok(Value::Object(serde_json::Map::new())) };
    let py = config.py();
    let text: String = match config.cast::<PyString>() {
        Ok(text) => text.to_string(),
        Err(_) => {
            let options = PyDict::new(py);
            options.set_item("allow_nan", false)?;
            options.set_item("default", py.import("os")?.getattr("fspath")?)?;
            let written = py.import("json")?.call_method("dumps", (config,), Some(&options));
            let refuse = |error: PyErr| {
                ConfigError::new_err(format!("the configuration cannot be written as JSON: {error}"))
            };
            written.map_err(refuse)?.extract()?
        }
    };
    serde_json::from_str(&text)
        .map_err(|reason| ConfigError::new_err(format!("the configuration is not JSON: {reason}")))
}

/// JSON as Python's own types.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (value.to_string(),))
}

/// A path-like or text.
pub fn path_text(path: &Bound<'_, PyAny>) -> PyResult<String> {
    let path = path.py().import("os")?.call_method1("fspath", (path,))?;
    path.extract().map_err(|_| PyValueError::new_err(format!("{path} is not text in UTF-8")))
}
