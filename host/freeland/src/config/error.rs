//! What is wrong with a configuration.

use std::path::PathBuf;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not TOML.
    #[error("{}:{line}: not valid TOML: {message}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What the reader expected.
        message: String,
    },
    /// A key or its value is refused.
    #[error("{}:{line}: {refusal}", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Line of the key, from 1.
        line: usize,
        /// Key and reason.
        refusal: Refusal,
    },
    /// A configuration cannot be written as TOML.
    #[error("the configuration cannot be written as TOML: {0}")]
    Write(toml::ser::Error),
}

/// A key and why its value is refused. The text is `key: reason`, which is how a section reports through serde.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct Refusal {
    /// Full key: `coarse.variables[1].range`.
    pub key: String,
    /// What was expected, what was found.
    pub reason: String,
}

impl Refusal {
    /// Refuses the value of `key`, a full dotted key.
    pub fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }
}
