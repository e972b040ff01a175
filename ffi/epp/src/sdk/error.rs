//! Why an instance could not be made, or a whole batch not evaluated.
use crate::sys;

/// Why [`Potential::create`](super::Potential::create) refuses. The text reaches the user: it names the key, what was
/// expected, what was found, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// The configuration is well-formed but its values are not acceptable.
    #[error("{0}")]
    BadConfig(String),
    /// The molecule is not one that this potential can take, or one is needed.
    #[error("{0}")]
    BadTopology(String),
    /// Understood, but not available here.
    #[error("{0}")]
    Unsupported(String),
    /// Memory, of the machine or of a device, does not suffice.
    #[error("out of memory")]
    OutOfMemory,
    /// A bug in the plugin, or in something it uses.
    #[error("{0}")]
    Internal(String),
}

impl CreateError {
    /// The `EPP_E_*` code.
    pub fn code(&self) -> i32 {
        match self {
            Self::BadConfig(_) => sys::E_BAD_CONFIG,
            Self::BadTopology(_) => sys::E_BAD_TOPOLOGY,
            Self::Unsupported(_) => sys::E_UNSUPPORTED,
            Self::OutOfMemory => sys::E_OUT_OF_MEMORY,
            Self::Internal(_) => sys::E_INTERNAL,
        }
    }
}

/// Why a whole batch could not be evaluated. One configuration that fails is not an error of the batch: give it a
/// [`SampleStatus`](super::SampleStatus) and return `Ok`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The request is one that the contract forbids.
    #[error("{0}")]
    InvalidArgument(String),
    /// Understood, but not available here.
    #[error("{0}")]
    Unsupported(String),
    /// Memory, of the machine or of a device, does not suffice.
    #[error("out of memory")]
    OutOfMemory,
    /// A bug in the plugin, or in something it uses.
    #[error("{0}")]
    Internal(String),
    /// What the instance rests on (a device, a server, its state) is gone: every further call would fail, and the host
    /// makes a new instance.
    #[error("{0}")]
    Lost(String),
}

impl EvaluateError {
    /// The `EPP_E_*` code.
    pub fn code(&self) -> i32 {
        match self {
            Self::InvalidArgument(_) => sys::E_INVALID_ARGUMENT,
            Self::Unsupported(_) => sys::E_UNSUPPORTED,
            Self::OutOfMemory => sys::E_OUT_OF_MEMORY,
            Self::Internal(_) => sys::E_INTERNAL,
            Self::Lost(_) => sys::E_LOST,
        }
    }
}
