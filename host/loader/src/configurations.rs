//! Positions from files: `.npy` (nm, or the potential's own unit), `.pdb` and `.dcd` (ångström, read as nm).
//!
//! Whatever the file, what comes out is `[count][atoms][dimensions]`, finite, and of the shape that was asked for.

mod dcd;
mod npy;
mod pdb;

use std::path::{Path, PathBuf};

use ndarray::Array2;

/// nm in an ångström.
const ANGSTROM: f64 = 0.1;

/// Why a file gave no configurations. The text begins with the file.
#[derive(Debug, thiserror::Error)]
#[error("'{}': {problem}", .path.display())]
pub struct ConfigurationsError {
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
    /// No configuration at all.
    #[error("holds no configuration")]
    Empty,
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads all configurations of a file: `[count, atoms * dimensions]`, in nm from `.pdb` and `.dcd`, as it is from `.npy`.
///
/// # Errors
/// The file cannot be read, is cut short, is of another shape or molecule, or holds a number that is not finite.
pub fn read(path: &Path, atoms: usize, dimensions: usize) -> Result<Array2<f64>, ConfigurationsError> {
    let error = |problem| ConfigurationsError { path: path.to_owned(), problem };
    let coordinates = atoms * dimensions;
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let molecular = ["pdb", "dcd"].contains(&extension.as_str());
    if molecular && dimensions != 3 {
        return Err(error(Problem::Dimensions { dimensions }));
    }
    let positions = match extension.as_str() {
        "npy" => npy::read(path, atoms, dimensions),
        "pdb" => pdb::read(path, atoms),
        "dcd" => dcd::read(path, atoms),
        _ => Err(Problem::UnknownFormat(extension)),
    }
    .map_err(error)?;
    if positions.is_empty() {
        return Err(error(Problem::Empty));
    }
    if let Some(place) = positions.iter().position(|value| !value.is_finite()) {
        let (index, within) = (place / coordinates, place % coordinates);
        let (atom, coordinate) = (within / dimensions, within % dimensions);
        return Err(error(Problem::NotFinite { index, atom, coordinate, value: positions[place] }));
    }
    let count = positions.len() / coordinates;
    Ok(Array2::from_shape_vec((count, coordinates), positions)
        .expect("every reader gives whole configurations"))
}
