//! Systems without the means: a clear refusal.

use std::process::ExitCode;

use super::{IsolationError, ProcessOptions};
use crate::creation::Creation;
use crate::error::OpenError;
use crate::evaluator::Evaluator;
use crate::facts::Facts;
use crate::inspect::Demands;
use crate::library_file::LibraryFile;
use crate::registry::Found;

pub(crate) fn open(
    _: &Found,
    _: &serde_json::Value,
    _: &Demands<'_>,
    _: &Creation,
    _: &ProcessOptions,
) -> Result<(LibraryFile, Facts, Box<dyn Evaluator>), OpenError> {
    Err(IsolationError::NeedsLinux.into())
}

/// The whole of `freeland-worker`.
pub fn serve() -> ExitCode {
    eprintln!("{}", IsolationError::NeedsLinux);
    ExitCode::from(2)
}
