//! The atoms of a PDB file by the columns of the format: first model, first alternate location, in the order of the file.
use std::collections::{BTreeSet, HashMap};

/// Atoms with positions, and the bonds of CONECT records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pdb {
    /// `[atoms]`, 0 if unknown.
    pub atomic_numbers: Vec<u32>,
    /// `[atoms]`
    pub atom_names: Vec<String>,
    /// `[atoms]` index from 0.
    pub residues: Vec<u32>,
    /// `[atoms]`
    pub residue_names: Vec<String>,
    /// `[atoms][3]` nm.
    pub positions: Vec<f64>,
    /// Each once, the smaller index first.
    pub bonds: BTreeSet<[u32; 2]>,
}

/// What is wrong with a PDB file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdbError {
    /// Not a number.
    #[error("line {line}: columns {from}-{to} should hold a coordinate in angstrom, found '{found}'")]
    Coordinate {
        /// From 1.
        line: usize,
        /// First column, from 1.
        from: usize,
        /// Last column.
        to: usize,
        /// What is there.
        found: String,
    },
    /// A NUL in the name of an atom or a residue.
    #[error("line {line}: a NUL character in a name; is this a PDB file?")]
    Nul {
        /// From 1.
        line: usize,
    },
    /// Nothing in it.
    #[error("no ATOM or HETATM record; is this a PDB file?")]
    NoAtoms,
}

impl Pdb {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// A coordinate that is no number, or no atoms at all.
    pub fn parse(text: &str) -> Result<Pdb, PdbError> {
        let mut pdb = Pdb::default();
        let mut by_serial: HashMap<&str, u32> = HashMap::new();
        let mut residue = None;
        let mut first_model = true;
        for (index, line) in text.lines().enumerate() {
            match columns(line, 1, 6).trim_end() {
                "ATOM" | "HETATM" if first_model && matches!(columns(line, 17, 17), " " | "" | "A" | "1") => {
                    by_serial.insert(columns(line, 7, 11).trim(), pdb.atom_names.len() as u32);
                    // Name, chain, number and insertion code.
                    let here = columns(line, 18, 27);
                    let next = pdb.residues.last().map_or(0, |&last| last + u32::from(residue != Some(here)));
                    residue = Some(here);
                    pdb.residues.push(next);
                    pdb.add_atom(line, index + 1)?;
                }
                "ENDMDL" => first_model = false,
                "CONECT" => {
                    let atom = |from| by_serial.get(columns(line, from, from + 4).trim()).copied();
                    let Some(a) = atom(7) else { continue };
                    let partners = [12, 17, 22, 27].into_iter().filter_map(atom).filter(|&b| b != a);
                    pdb.bonds.extend(partners.map(|b| [a.min(b), a.max(b)]));
                }
                _ => {}
            }
        }
        if pdb.atom_names.is_empty() { Err(PdbError::NoAtoms) } else { Ok(pdb) }
    }

    fn add_atom(&mut self, line: &str, number: usize) -> Result<(), PdbError> {
        for (from, to) in [(31, 38), (39, 46), (47, 54)] {
            let found = columns(line, from, to).trim();
            let angstrom: f64 = found.parse().map_err(|_| PdbError::Coordinate {
                line: number,
                from,
                to,
                found: found.into(),
            })?;
            self.positions.push(angstrom / 10.0);
        }
        if columns(line, 13, 20).contains('\0') {
            return Err(PdbError::Nul { line: number });
        }
        let name = columns(line, 13, 16);
        self.atomic_numbers.push(atomic_number(columns(line, 77, 78).trim(), name));
        self.atom_names.push(name.trim().into());
        self.residue_names.push(columns(line, 18, 20).trim().into());
        Ok(())
    }
}

/// Columns counted from 1, as the description of the format does.
fn columns(line: &str, from: usize, to: usize) -> &str {
    line.get(from - 1..to.min(line.len())).unwrap_or("")
}

/// The elements that force fields of molecules have, by symbol.
const ELEMENTS: [(&str, u32); 22] = [
    ("H", 1),
    ("D", 1),
    ("LI", 3),
    ("B", 5),
    ("C", 6),
    ("N", 7),
    ("O", 8),
    ("F", 9),
    ("NA", 11),
    ("MG", 12),
    ("AL", 13),
    ("SI", 14),
    ("P", 15),
    ("S", 16),
    ("CL", 17),
    ("K", 19),
    ("CA", 20),
    ("FE", 26),
    ("ZN", 30),
    ("SE", 34),
    ("BR", 35),
    ("I", 53),
];

/// By the symbol, or else by the first letter of the name; 0 if neither is known.
fn atomic_number(symbol: &str, name: &str) -> u32 {
    let find =
        |text: &str| ELEMENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(text)).map(|&(_, z)| z);
    let letter = name.trim().trim_start_matches(|c: char| c.is_ascii_digit()).get(..1);
    find(symbol).or_else(|| letter.and_then(find)).unwrap_or(0)
}
