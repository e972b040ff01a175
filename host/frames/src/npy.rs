//! Positions from numpy's `.npy`.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use ndarray::ArrayD;
use ndarray_npy::{ReadDataError, ReadNpyError, ReadNpyExt, ReadableElement};
use py_literal::Value;

use super::Problem;
use super::content::Content;

/// A longer header than this is none of an array of numbers, in bytes. numpy's are 118 as a rule.
const LONGEST_HEADER: usize = 1024;
/// Read at a time, in bytes: a multiple of every element.
const PIECE: usize = 1 << 16;

/// `[n, atoms, dimensions]` or `[n, atoms * dimensions]`, f64 or f32 of either byte order, C or Fortran order.
pub(super) fn read(path: &Path, atoms: usize, dimensions: usize) -> Result<Content, Problem> {
    let mut input = BufReader::new(File::open(path)?);
    short_header(input.fill_buf()?)?;
    let array = ArrayD::<Coordinate>::read_npy(input).map_err(problem)?;
    let fits = match *array.shape() {
        [_, found_atoms, found_dimensions] => found_atoms == atoms && found_dimensions == dimensions,
        [_, coordinates] => coordinates == atoms * dimensions,
        _ => false,
    };
    if !fits {
        return Err(Problem::Shape { found: array.shape().to_vec(), atoms, dimensions });
    }
    // Logical order, whatever the order in the file.
    Ok(Content { positions: array.iter().map(|value| value.0).collect(), ..Content::default() })
}

/// A header is read as a literal of Python's, which calls itself for every bracket.
fn short_header(start: &[u8]) -> Result<(), Problem> {
    let length = match *start {
        [_, _, _, _, _, _, 1, _, a, b, ..] => usize::from(u16::from_le_bytes([a, b])),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    };
    if length <= LONGEST_HEADER {
        return Ok(());
    }
    let reason = format!("its header says it has {length} bytes, expected at most {LONGEST_HEADER}");
    Err(Problem::Malformed { format: "numpy .npy", reason })
}

/// A number that a file holds in either precision.
#[derive(Debug, Clone, Copy)]
struct Coordinate(f64);

impl ReadableElement for Coordinate {
    fn read_to_end_exact_vec<R: Read>(
        mut reader: R,
        descriptor: &Value,
        count: usize,
    ) -> Result<Vec<Self>, ReadDataError> {
        let other = || ReadDataError::WrongDescriptor(descriptor.clone());
        let Value::String(name) = descriptor else { return Err(other()) };
        let (bytes, number): (usize, fn(&[u8]) -> f64) = match name.as_str() {
            "<f8" => (8, |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])),
            ">f8" => (8, |b| f64::from_be_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])),
            "<f4" => (4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).into()),
            ">f4" => (4, |b| f32::from_be_bytes([b[0], b[1], b[2], b[3]]).into()),
            _ => return Err(other()),
        };
        // Not reserved up front: the shape of a broken file may be anything.
        let mut values = Vec::new();
        let mut missing = count.checked_mul(bytes).ok_or(ReadDataError::MissingData)?;
        let mut piece = vec![0; PIECE];
        while missing > 0 {
            let piece = &mut piece[..missing.min(PIECE)];
            reader.read_exact(piece)?;
            missing -= piece.len();
            values.extend(piece.chunks_exact(bytes).map(|bytes| Self(number(bytes))));
        }
        let extra = std::io::copy(&mut reader, &mut std::io::sink())?;
        if extra > 0 { Err(ReadDataError::ExtraBytes(extra as usize)) } else { Ok(values) }
    }
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
        ReadNpyError::WrongDescriptor(found) => Problem::Dtype { found: found.to_string() },
        error => Problem::Malformed { format: "numpy .npy", reason: error.to_string() },
    }
}
