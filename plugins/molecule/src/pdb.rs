//! Molecules from PDB files, read as OpenMM's `PDBFile` reads them: the names, the first location of every atom, the bonds of
//! standard residues and of CONECT records, the box, and the positions of every model.
//!
//! It deviates where that loses or invents something. A CONECT record is left aside where a serial number that it names belongs to
//! several atoms (files of more than 99,999 atoms begin again); serial and residue numbers may be hybrid-36 as well as
//! hexadecimal; a text that is not UTF-8 is Latin-1; models must have the same atoms; a coordinate must be finite; and a
//! two-letter symbol that only the name of an atom tells is not read as its first letter.

mod cell;
mod connect;
mod guess;
mod record;
mod serial;
mod structure;

use std::borrow::Cow;

use structure::Structure;

/// Atoms in the order of the file, with their positions and bonds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pdb {
    /// `[atoms]`, 0 if unknown or no atom (an extra particle).
    pub atomic_numbers: Vec<u32>,
    /// `[atoms]` OpenMM's names: `H1` for `HH31` of `ACE`.
    pub atom_names: Vec<String>,
    /// `[atoms]` index from 0.
    pub residues: Vec<u32>,
    /// `[atoms]` OpenMM's names: `HIS` for `HIE`.
    pub residue_names: Vec<String>,
    /// `[atoms]` the number of the residue with its insertion code: `52A`.
    pub residue_numbers: Vec<String>,
    /// `[atoms]` the letter of the chain; empty where the file has none.
    pub chain_names: Vec<String>,
    /// `[models][atoms][3]` nm; one at least.
    pub models: Vec<Vec<f64>>,
    /// Each pair once, the smaller index first, in order.
    pub bonds: Vec<[u32; 2]>,
    /// Rows in OpenMM's reduced form, nm: CRYST1.
    pub box_rows: Option<[[f64; 3]; 3]>,
}

/// What is wrong with a PDB file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdbError {
    /// Columns that hold something else.
    #[error("line {line}: columns {from}-{to} should hold {what}, found '{found}'")]
    Field {
        /// From 1.
        line: usize,
        /// First column, from 1.
        from: usize,
        /// Last column.
        to: usize,
        /// What should be there.
        what: &'static str,
        /// What is there.
        found: String,
    },
    /// A residue name of four letters that does not begin at its column.
    #[error(
        "line {line}: the residue name '{found}' should begin in column 18; a fourth letter may stand in column 21"
    )]
    Misaligned {
        /// From 1.
        line: usize,
        /// Columns 18 to 21.
        found: String,
    },
    /// A NUL in the name of an atom, a residue or a chain, or in the number of a residue.
    #[error("line {line}: a NUL character in a name; is this a PDB file?")]
    Nul {
        /// From 1.
        line: usize,
    },
    /// Lengths and angles that close no cell.
    #[error("line {line}: the lengths and angles of CRYST1 are those of no cell")]
    Cell {
        /// From 1.
        line: usize,
    },
    /// A model with more or fewer atoms than the first.
    #[error("model {model} has {found} atoms, the first has {expected}; models must be of one molecule")]
    Model {
        /// Its place, from 1.
        model: usize,
        /// Its atoms.
        found: usize,
        /// The atoms of the first model.
        expected: usize,
    },
    /// A model with atoms in another order.
    #[error(
        "model {model} has atom {found} where the first has {expected} (atom {atom}); models must have one order"
    )]
    Order {
        /// Its place, from 1.
        model: usize,
        /// Which atom, from 1.
        atom: usize,
        /// Its name.
        found: String,
        /// The name in the first model.
        expected: String,
    },
    /// Nothing in it.
    #[error("no ATOM or HETATM record; is this a PDB file?")]
    NoAtoms,
}

impl Pdb {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// A coordinate, a residue name or a CRYST1 record that is none, models of different molecules, no atoms at all.
    pub fn parse(bytes: &[u8]) -> Result<Pdb, PdbError> {
        let structure = Structure::read(&text(bytes))?;
        structure.into_pdb()
    }

    /// The number of atoms.
    pub fn atoms(&self) -> usize {
        self.atom_names.len()
    }

    /// The positions of the first model, `[atoms][3]` nm.
    pub fn positions(&self) -> &[f64] {
        self.models.first().map_or(&[], Vec::as_slice)
    }
}

/// The text of a file: UTF-8, or else Latin-1, with lines that end in a line feed.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    };
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}
