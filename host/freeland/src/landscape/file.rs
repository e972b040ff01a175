//! `pmf.npz`: a free energy on a grid, as other programs read it.
use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use ndarray::{Array1, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, NpzWriter, ReadNpyError, ReadNpzError};
use thiserror::Error;

use super::Landscape;
use crate::write::{WriteError, atomically_by};

/// A file that is no PMF.
#[derive(Debug, Error)]
pub enum LandscapeFileError {
    /// It cannot be opened.
    #[error("{}: cannot be read: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no .npz file, or holds something else.
    #[error("{}: not a PMF: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadNpzError,
    },
    /// Arrays are missing.
    #[error("{}: not a PMF: expected arrays f_kt (or p) and axis_0, axis_1, ...; found {found}", path.display())]
    Names {
        /// The file.
        path: PathBuf,
        /// Names in it.
        found: String,
    },
    /// An axis does not fit.
    #[error("{}: axis {axis} has {found} bin centres, F has {expected} bins there", path.display())]
    Axis {
        /// The file.
        path: PathBuf,
        /// Axis, from 0.
        axis: usize,
        /// Length of the axis.
        found: usize,
        /// Length of F along it.
        expected: usize,
    },
    /// The error does not fit F.
    #[error("{}: f_std_kt has {found:?} bins, f_kt has {expected:?}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Bins of the error.
        found: Vec<usize>,
        /// Bins of F.
        expected: Vec<usize>,
    },
    /// Values that are no numbers.
    #[error("{}: F is not a number at bin {bin}", path.display())]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Index in standard layout.
        bin: usize,
    },
}

impl Landscape {
    /// Reads a file with arrays `axis_0`, `axis_1`, ..., `f_kt`, and `f_std_kt` where it has an error; or with `p` instead of
    /// `f_kt`, whose F has its minimum at 0, and one `axis` for all dimensions.
    ///
    /// # Errors
    /// It cannot be read, or its arrays are not these.
    pub fn read(path: &Path) -> Result<Self, LandscapeFileError> {
        let file =
            File::open(path).map_err(|source| LandscapeFileError::Open { path: path.to_owned(), source })?;
        let wrong = |source| LandscapeFileError::Read { path: path.to_owned(), source };
        let mut npz = NpzReader::new(file).map_err(wrong)?;
        let names = npz.names().map_err(wrong)?;
        let has = |name: &str| names.iter().any(|n| n == name);
        // In double precision or in single.
        let mut array = |name: &str| match npz.by_name::<OwnedRepr<f64>, IxDyn>(name) {
            Err(ReadNpzError::Npy(ReadNpyError::WrongDescriptor(_))) => {
                npz.by_name::<OwnedRepr<f32>, IxDyn>(name).map(|array| array.mapv(f64::from)).map_err(wrong)
            }
            other => other.map_err(wrong),
        };
        let f_kt = if has("f_kt") {
            array("f_kt")?
        } else if has("p") {
            let p = array("p")?;
            let largest = p.iter().copied().fold(0.0, f64::max);
            p.mapv(|p| -(p / largest).ln())
        } else {
            return Err(LandscapeFileError::Names { path: path.to_owned(), found: names.join(", ") });
        };
        let mut axes = Vec::new();
        for axis in 0..f_kt.ndim() {
            let name = [format!("axis_{axis}"), "axis".to_owned()].into_iter().find(|name| has(name));
            let Some(name) = name else {
                return Err(LandscapeFileError::Names { path: path.to_owned(), found: names.join(", ") });
            };
            let centres: Vec<f64> = array(&name)?.iter().copied().collect();
            if centres.len() != f_kt.shape()[axis] {
                let (found, expected) = (centres.len(), f_kt.shape()[axis]);
                return Err(LandscapeFileError::Axis { path: path.to_owned(), axis, found, expected });
            }
            axes.push(centres);
        }
        if let Some(bin) = f_kt.iter().position(|f| f.is_nan() || *f == f64::NEG_INFINITY) {
            return Err(LandscapeFileError::NotANumber { path: path.to_owned(), bin });
        }
        let f_std_kt = if has("f_std_kt") { array("f_std_kt")? } else { f_kt.mapv(|_| f64::NAN) };
        if f_std_kt.shape() != f_kt.shape() {
            let (found, expected) = (f_std_kt.shape().to_vec(), f_kt.shape().to_vec());
            return Err(LandscapeFileError::Shape { path: path.to_owned(), found, expected });
        }
        Ok(Self { axes, f_kt, f_std_kt })
    }

    /// Writes the file, atomically. The same F gives the same bytes.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        atomically_by(path, |file| self.write_to(file).map_err(std::io::Error::other))
    }

    fn write_to(&self, file: impl Write + Seek) -> Result<(), ndarray_npy::WriteNpzError> {
        let mut npz = NpzWriter::new(file);
        for (axis, centres) in self.axes.iter().enumerate() {
            npz.add_array(format!("axis_{axis}"), &Array1::from(centres.clone()))?;
        }
        npz.add_array("f_kt", &self.f_kt)?;
        if self.has_error() {
            npz.add_array("f_std_kt", &self.f_std_kt)?;
        }
        npz.finish()?;
        Ok(())
    }
}
