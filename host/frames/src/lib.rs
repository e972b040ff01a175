//! Configurations from files: `.npy` (nm, or the potential's own unit), `.pdb` and `.dcd` (ångström, read as nm).
//!
//! Whatever the file, what comes out is `[count, atoms * dimensions]`, finite, and of the shape that was asked for, with the boxes
//! that the file tells. A file is never trusted: what its header promises is not reserved before it is there.

mod content;
mod dcd;
mod error;
mod npy;
mod pdb;
mod rows;

use std::path::Path;

use ndarray::Array2;

use content::Content;

pub use content::BoxRows;
pub use error::{FramesError, Problem};
pub use rows::{RowsError, rows};

/// All that a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// `[count, atoms * dimensions]`: nm from `.pdb` and `.dcd`, as they are from `.npy`.
    pub positions: Array2<f64>,
    /// `[count]`: the box of every frame, where the file tells them.
    pub boxes: Option<Vec<BoxRows>>,
    /// What is odd about the file although it is read, a sentence each.
    pub warnings: Vec<String>,
}

/// Reads all configurations of a file.
///
/// # Errors
/// The file cannot be read, is cut short before its first frame ends, is of another shape or molecule, or holds a number that is
/// not finite.
pub fn read(path: &Path, atoms: usize, dimensions: usize) -> Result<Frames, FramesError> {
    let error = |problem| FramesError { path: path.to_owned(), problem };
    let coordinates = atoms * dimensions;
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let molecular = ["pdb", "dcd"].contains(&extension.as_str());
    if molecular && dimensions != 3 {
        return Err(error(Problem::Dimensions { dimensions }));
    }
    let Content { positions, boxes, warnings } = match extension.as_str() {
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
    let positions = Array2::from_shape_vec((count, coordinates), positions)
        .expect("every reader gives whole configurations");
    Ok(Frames { positions, boxes, warnings })
}
