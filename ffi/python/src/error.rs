//! The loader's errors as Python exceptions, with the loader's text.

use freeland_loader::{CreateError, EvaluateError, OpenError};
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    freeland,
    PluginError,
    PyRuntimeError,
    "A plugin does not load, a call to it fails as a whole, or its worker process is lost."
);
create_exception!(
    freeland,
    PluginNotFoundError,
    PluginError,
    "No plugin of this name lies in the search path."
);
create_exception!(freeland, ConfigError, PyValueError, "A plugin refuses its configuration.");
create_exception!(
    freeland,
    EvaluationError,
    PyRuntimeError,
    "Some configurations of a batch could not be evaluated; `evaluation` holds the whole batch."
);

/// An [`OpenError`] as an exception.
pub fn of_open(error: &OpenError) -> PyErr {
    let text = error.to_string();
    match error {
        OpenError::Find(_) => PluginNotFoundError::new_err(text),
        OpenError::Create(CreateError::BadConfig { .. } | CreateError::NotAnObject { .. }) => {
            ConfigError::new_err(text)
        }
        OpenError::Ambiguous { .. }
        | OpenError::Create(
            CreateError::NeedsTopology { .. }
            | CreateError::BadTopology { .. }
            | CreateError::HostTopology { .. }
            | CreateError::Folder { .. },
        ) => PyValueError::new_err(text),
        OpenError::Load(_) | OpenError::Create(_) | OpenError::Isolation(_) => PluginError::new_err(text),
    }
}

/// An [`EvaluateError`] as an exception: `ValueError` where the caller's arguments are wrong, `PluginError` where the plugin or
/// its worker process is.
pub fn of_evaluate(error: &EvaluateError) -> PyErr {
    let text = error.to_string();
    match error {
        EvaluateError::Length { .. }
        | EvaluateError::Shape { .. }
        | EvaluateError::Stride { .. }
        | EvaluateError::Dtype { .. }
        | EvaluateError::NothingWanted { .. }
        | EvaluateError::NoBox { .. }
        | EvaluateError::NoGradient { .. }
        | EvaluateError::NoOutput { .. }
        | EvaluateError::OutputLength { .. }
        | EvaluateError::OutputTwice { .. } => PyValueError::new_err(text),
        EvaluateError::Failed { .. }
        | EvaluateError::Lost { .. }
        | EvaluateError::Worker { .. }
        | EvaluateError::Restart { .. }
        | EvaluateError::RestartBudget { .. } => PluginError::new_err(text),
    }
}
