//! Where messages of plugins go, and what this library says of them.

use std::fmt;
use std::sync::Arc;

use epp::sys;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something deserves a look.
    Warning,
    /// Worth knowing.
    Info,
    /// For who looks for a fault.
    Debug,
}

impl Level {
    /// That of an `EPP_LOG_*`; what is unknown matters least.
    pub(crate) fn of(level: u32) -> Self {
        match level {
            sys::LOG_ERROR => Self::Error,
            sys::LOG_WARNING => Self::Warning,
            sys::LOG_INFO => Self::Info,
            _ => Self::Debug,
        }
    }

    /// Its `EPP_LOG_*`.
    pub fn code(self) -> u32 {
        match self {
            Self::Error => sys::LOG_ERROR,
            Self::Warning => sys::LOG_WARNING,
            Self::Info => sys::LOG_INFO,
            Self::Debug => sys::LOG_DEBUG,
        }
    }
}

/// Takes a level, the file name of the library, and the text.
type Take = dyn Fn(Level, &str, &str) + Send + Sync;

/// Where messages about one potential go: those of its plugin, and warnings such as what a worker process is not kept
/// from. By default they become [`tracing`] events with target `plugin`.
#[derive(Clone, Default)]
pub struct Log(Option<Arc<Take>>);

impl Log {
    /// Calls `take` with every message: its level, the file name of the library, the text. From any thread, and while
    /// calls of the potential run.
    pub fn to(take: impl Fn(Level, &str, &str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(take)))
    }

    /// Hands a message on.
    pub(crate) fn say(&self, level: Level, library: &str, text: &str) {
        match (&self.0, level) {
            (Some(take), level) => take(level, library, text),
            (None, Level::Error) => tracing::error!(target: "plugin", library, "{text}"),
            (None, Level::Warning) => tracing::warn!(target: "plugin", library, "{text}"),
            (None, Level::Info) => tracing::info!(target: "plugin", library, "{text}"),
            (None, Level::Debug) => tracing::debug!(target: "plugin", library, "{text}"),
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Log(to a function)" } else { "Log(tracing)" })
    }
}

impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}
