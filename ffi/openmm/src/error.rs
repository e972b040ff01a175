//! What goes wrong, in OpenMM's words.

/// An exception of OpenMM's, or an argument refused before it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not the XML of a System, or one of a newer OpenMM, or with a force that no loaded library knows.
    #[error("OpenMM cannot read the System: {0}")]
    System(String),
    /// A force index beyond the System's forces.
    #[error("force {index} does not exist: the System has {count} forces")]
    NoSuchForce {
        /// The index asked for.
        index: usize,
        /// How many forces there are.
        count: usize,
    },
    /// No platform has this name.
    #[error("OpenMM has no platform '{name}'; there are {}{}", known.join(", "), failures(failed))]
    UnknownPlatform {
        /// The name asked for.
        name: String,
        /// The platforms that are loaded.
        known: Vec<String>,
        /// Plugins of OpenMM's that could not be loaded, and why; the platform may be in one of them.
        failed: Vec<String>,
    },
    /// A Context could not be made: an illegal property, a force that the platform does not support.
    #[error("OpenMM cannot make a Context on platform '{platform}': {message}")]
    Context {
        /// The platform's name.
        platform: String,
        /// OpenMM's text.
        message: String,
    },
    /// A call on a Context failed; the Context can still be used.
    #[error("OpenMM: {0}")]
    Call(String),
    /// Libraries of OpenMM's, beyond libOpenMM itself, could not be found or loaded.
    #[error("OpenMM's plugins cannot be loaded: {0}")]
    Plugins(String),
}

fn failures(failed: &[String]) -> String {
    if failed.is_empty() { String::new() } else { format!(" (could not be loaded: {})", failed.join("; ")) }
}
