//! Why a file gives no configurations.

use std::path::PathBuf;

/// Why a file gave no configurations. The text begins with the file.
#[derive(Debug, thiserror::Error)]
#[error("'{}': {problem}", .path.display())]
pub struct FramesError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a file of configurations.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(std::io::Error),
    /// Its name ends in something else.
    #[error("has the extension '{0}', expected npy, pdb or dcd")]
    UnknownFormat(String),
    /// It is not in the format that its name promises.
    #[error("is no {format} file: {reason}")]
    Malformed {
        /// The format.
        format: &'static str,
        /// Where it deviates.
        reason: String,
    },
    /// It ends too early.
    #[error("is cut short: {0}; was it copied completely?")]
    Truncated(String),
    /// Elements of another type.
    #[error("holds {found}, expected f64 or f32 ('<f8', '<f4')")]
    Dtype {
        /// What it holds, as numpy calls it.
        found: String,
    },
    /// An array of another shape.
    #[error("has shape {found:?}, expected [n, {atoms}, {dimensions}] or [n, {}]", .atoms * .dimensions)]
    Shape {
        /// The shape of the array.
        found: Vec<usize>,
        /// Of the potential.
        atoms: usize,
        /// Of the potential.
        dimensions: usize,
    },
    /// Another molecule.
    #[error("configuration {index} has {found} atoms, expected {expected}")]
    Atoms {
        /// Which one, from 0.
        index: usize,
        /// Its atoms.
        found: usize,
        /// Of the potential.
        expected: usize,
    },
    /// A molecular format for a potential that is no molecule.
    #[error("holds three coordinates per atom, but the potential has {dimensions}; use an .npy file")]
    Dimensions {
        /// Of the potential.
        dimensions: usize,
    },
    /// A NaN or an infinity.
    #[error(
        "configuration {index}, atom {atom}, coordinate {coordinate} (all from 0) is {value}, expected a finite number"
    )]
    NotFinite {
        /// Which configuration.
        index: usize,
        /// Which atom.
        atom: usize,
        /// Which coordinate.
        coordinate: usize,
        /// What is there.
        value: f64,
    },
    /// More numbers than there is memory for.
    #[error("is too large: there is no memory for {bytes} more bytes")]
    TooLarge {
        /// What was asked for.
        bytes: usize,
    },
    /// No configuration at all.
    #[error("holds no configuration")]
    Empty,
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
