//! The line of an atom, by the columns of the format.

use super::PdbError;
use super::serial::{Numbering, Serial};

/// nm in an angstrom.
const ANGSTROM: f64 = 0.1;

/// An ATOM or HETATM record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) serial: Serial,
    /// Four columns with their spaces: ` CA ` is alpha carbon, `CA  ` calcium.
    pub(super) spaced_name: String,
    /// Blank, or the letter of an alternate location.
    pub(super) location: char,
    /// Three columns with their spaces, or four.
    pub(super) spaced_residue: String,
    pub(super) chain: char,
    /// None where the field overflowed.
    pub(super) residue_number: Option<i64>,
    pub(super) insertion: char,
    /// nm
    pub(super) position: [f64; 3],
    /// Columns 77 and 78 without spaces.
    pub(super) symbol: String,
}

impl Record {
    /// Reads a line; `number` is its own, from 1.
    pub(super) fn read(line: &str, number: usize, numbering: &mut Numbering) -> Result<Record, PdbError> {
        let coordinate = |from, to| {
            let value: f64 = field(line, number, from, to, "a coordinate in angstrom")?;
            if value.is_finite() {
                Ok(value * ANGSTROM)
            } else {
                Err(wrong(line, number, from, to, "a finite coordinate in angstrom"))
            }
        };
        let position = [coordinate(31, 38)?, coordinate(39, 46)?, coordinate(47, 54)?];
        if columns(line, 13, 27).contains('\0') {
            return Err(PdbError::Nul { line: number });
        }
        let mut spaced_residue = columns(line, 18, 20).to_owned();
        let fourth = character(line, 21);
        if fourth != ' ' {
            // Some programs have names of four letters; others are a column off.
            if spaced_residue.trim().chars().count() != 3 {
                return Err(PdbError::Misaligned { line: number, found: columns(line, 18, 21).to_owned() });
            }
            spaced_residue.push(fourth);
        }
        Ok(Record {
            serial: numbering.atom(columns(line, 7, 11)),
            spaced_name: columns(line, 13, 16).to_owned(),
            location: character(line, 17),
            spaced_residue,
            chain: character(line, 22),
            residue_number: numbering.residue(columns(line, 23, 26)),
            insertion: character(line, 27),
            position,
            symbol: columns(line, 77, 78).trim().to_owned(),
        })
    }

    /// The name without its spaces.
    pub(super) fn name(&self) -> &str {
        self.spaced_name.trim()
    }

    /// The residue's name without its spaces.
    pub(super) fn residue(&self) -> &str {
        self.spaced_residue.trim()
    }
}

/// Columns `from` to `to`, counted from 1 as the format's description does.
pub(super) fn columns(line: &str, from: usize, to: usize) -> &str {
    if line.is_ascii() {
        return line.get(from - 1..to.min(line.len())).unwrap_or("");
    }
    let place = |column| line.char_indices().nth(column).map_or(line.len(), |(place, _)| place);
    &line[place(from - 1)..place(to)]
}

fn character(line: &str, column: usize) -> char {
    columns(line, column, column).chars().next().unwrap_or(' ')
}

/// The value of columns.
pub(super) fn field<T: std::str::FromStr>(
    line: &str,
    number: usize,
    from: usize,
    to: usize,
    what: &'static str,
) -> Result<T, PdbError> {
    columns(line, from, to).trim().parse().map_err(|_| wrong(line, number, from, to, what))
}

fn wrong(line: &str, number: usize, from: usize, to: usize, what: &'static str) -> PdbError {
    PdbError::Field { line: number, from, to, what, found: columns(line, from, to).trim().to_owned() }
}
