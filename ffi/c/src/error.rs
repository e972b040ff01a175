//! What a caller in C can be told.

use std::cell::RefCell;
use std::ffi::{CString, c_char};

use epp::sdk::TopologyError;
use epp::sys;
use freeland_loader::{EvaluateError, OpenError};

/// Why a function failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An argument that the header forbids.
    #[error("{function}: {argument} {problem}")]
    Argument {
        /// The function of the header.
        function: &'static str,
        /// The argument or field.
        argument: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The configuration is not JSON.
    #[error("freeland_open: config_json is no JSON: '{text}': {reason}")]
    NotJson {
        /// Its start.
        text: String,
        /// What the JSON reader says.
        reason: serde_json::Error,
    },
    /// The molecule is none.
    #[error("the molecule cannot be used: {0}")]
    Topology(TopologyError),
    /// The loader refuses the plugin.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The loader refuses the call, or the plugin fails.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A panic of ours.
    #[error("{function}: internal error of libfreeland: {words}")]
    Panic {
        /// The function of the header.
        function: &'static str,
        /// The words of the panic.
        words: String,
    },
}

impl Failure {
    /// The code that the function returns.
    pub fn code(&self) -> i32 {
        match self {
            Self::Evaluate(error) => match error {
                EvaluateError::Failed { code, .. } => code.0,
                EvaluateError::Lost { .. }
                | EvaluateError::Worker { .. }
                | EvaluateError::Restart { .. }
                | EvaluateError::RestartBudget { .. } => sys::E_LOST,
                EvaluateError::Dtype { .. }
                | EvaluateError::NoGradient { .. }
                | EvaluateError::NoOutput { .. } => sys::E_UNSUPPORTED,
                _ => sys::E_INVALID_ARGUMENT,
            },
            Self::Panic { .. } => sys::E_INTERNAL,
            Self::NotJson { .. } => sys::E_BAD_CONFIG,
            Self::Topology(_) => sys::E_BAD_TOPOLOGY,
            Self::Argument { .. } | Self::Open(_) => sys::E_INVALID_ARGUMENT,
        }
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// Keeps the text of `failure` for this thread.
pub fn keep(failure: &Failure) {
    let text = failure.to_string().replace('\0', "\u{fffd}");
    LAST.with(|last| *last.borrow_mut() = CString::new(text).unwrap_or_default());
}

/// What was kept; lives until the next [`keep`] of this thread.
pub fn last() -> *const c_char {
    LAST.with(|last| last.borrow().as_ptr())
}
