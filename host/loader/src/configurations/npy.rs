//! Positions from numpy's `.npy`.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use ndarray::ArrayD;
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement};

use super::Problem;

/// `[n, atoms, dimensions]` or `[n, atoms * dimensions]`, f64 or f32, C or Fortran order.
pub(super) fn read(path: &Path, atoms: usize, dimensions: usize) -> Result<Vec<f64>, Problem> {
    let array = match read_as::<f64>(path) {
        Err(ReadNpyError::WrongDescriptor(found)) => match read_as::<f32>(path) {
            Err(ReadNpyError::WrongDescriptor(_)) => {
                return Err(Problem::Dtype { found: found.to_string() });
            }
            array => array.map(|array| array.mapv(f64::from)),
        },
        array => array,
    }
    .map_err(problem)?;
    let fits = match *array.shape() {
        [_, found_atoms, found_dimensions] => found_atoms == atoms && found_dimensions == dimensions,
        [_, coordinates] => coordinates == atoms * dimensions,
        _ => false,
    };
    if !fits {
        return Err(Problem::Shape { found: array.shape().to_vec(), atoms, dimensions });
    }
    // Logical order, whatever the order in the file.
    Ok(if array.is_standard_layout() {
        array.into_raw_vec_and_offset().0
    } else {
        array.iter().copied().collect()
    })
}

fn read_as<T: ReadableElement>(path: &Path) -> Result<ArrayD<T>, ReadNpyError> {
    ArrayD::<T>::read_npy(BufReader::new(File::open(path)?))
}

fn problem(error: ReadNpyError) -> Problem {
    match error {
        ReadNpyError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Problem::Truncated("it ends within its header".to_owned())
        }
        ReadNpyError::Io(error) => Problem::Io(error),
        ReadNpyError::MissingData => {
            Problem::Truncated("there are fewer numbers than its header says".to_owned())
        }
        error => Problem::Malformed { format: "numpy .npy", reason: error.to_string() },
    }
}
