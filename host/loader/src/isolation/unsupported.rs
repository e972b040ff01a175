//! Systems without the means: a clear refusal.

use std::process::ExitCode;

use super::{Faults, IsolationError, ProcessOptions};
use crate::error::{EvaluateError, OpenError};
use crate::extra::Extra;
use crate::facts::Facts;
use crate::inspect::Demands;
use crate::library_file::LibraryFile;
use crate::registry::Found;
use crate::request::Request;

/// There are none.
pub(crate) enum Workers {}

impl Workers {
    pub(crate) fn evaluate(&self, _: &Facts, _: &mut Request<'_>, _: Extra<'_>) -> Result<(), EvaluateError> {
        match *self {}
    }

    pub(crate) fn unconfined(&self) -> Vec<String> {
        match *self {}
    }

    pub(crate) fn faults(&self) -> Faults {
        match *self {}
    }
}

pub(crate) fn open(
    _: &Found,
    _: &serde_json::Value,
    _: &Demands<'_>,
    _: &ProcessOptions,
) -> Result<(LibraryFile, Facts, Workers), OpenError> {
    Err(IsolationError::NeedsLinux.into())
}

/// The whole of `freeland-worker`.
pub fn serve() -> ExitCode {
    eprintln!("{}", IsolationError::NeedsLinux);
    ExitCode::from(2)
}
