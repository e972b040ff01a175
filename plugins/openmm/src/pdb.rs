//! The molecule of a PDB file, by the columns of the format: first model, first alternate location, atoms in the order of
//! the file.
//!
//! Read here because the order of atoms and the CONECT records have to survive, which readers that sort atoms into chains
//! and residues do not promise.

use std::collections::{BTreeSet, HashMap};

use crate::element;

/// Atoms with positions, and the bonds that CONECT records tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pdb {
    pub(crate) atomic_numbers: Vec<u32>,
    pub(crate) atom_names: Vec<String>,
    /// `[atoms]` index from 0.
    pub(crate) residues: Vec<u32>,
    /// `[atoms]`
    pub(crate) residue_names: Vec<String>,
    /// `[atoms][3]` nm.
    pub(crate) positions: Vec<f64>,
    /// Each pair once, the smaller index first, in order.
    pub(crate) bonds: Vec<[u32; 2]>,
}

/// What is wrong with a PDB file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum PdbError {
    #[error("line {line}: columns {from}-{to} should hold {what}, found '{found}'")]
    Field { line: usize, from: usize, to: usize, what: &'static str, found: String },
    #[error("line {line}: a NUL character in a name; is this a PDB file?")]
    Nul { line: usize },
    #[error("no ATOM or HETATM record; is this a PDB file?")]
    NoAtoms,
}

/// Columns `from` to `to`, counted from 1 as the format's description does.
fn columns(line: &str, from: usize, to: usize) -> &str {
    line.get(from - 1..to.min(line.len())).unwrap_or("")
}

fn field<T: std::str::FromStr>(
    line: &str,
    number: usize,
    from: usize,
    to: usize,
    what: &'static str,
) -> Result<T, PdbError> {
    let text = columns(line, from, to).trim();
    text.parse().map_err(|_| PdbError::Field { line: number, from, to, what, found: text.to_owned() })
}

impl Pdb {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// A coordinate that is no number, or no atoms at all.
    pub(crate) fn parse(text: &str) -> Result<Pdb, PdbError> {
        let mut pdb = Pdb::default();
        let mut index_of_serial: HashMap<String, u32> = HashMap::new();
        let mut last_residue = None;
        let mut bonds = BTreeSet::new();
        let mut in_first_model = true;
        for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            match columns(line, 1, 6).trim_end() {
                "ATOM" | "HETATM"
                    if in_first_model && matches!(columns(line, 17, 17), " " | "" | "A" | "1") =>
                {
                    index_of_serial
                        .insert(columns(line, 7, 11).trim().to_owned(), pdb.atom_names.len() as u32);
                    pdb.atom(line, number)?;
                    // Residue name, chain, number and insertion code.
                    let residue = columns(line, 18, 27).to_owned();
                    let previous = pdb.residues.last().copied();
                    let same = last_residue.as_ref() == Some(&residue);
                    pdb.residues.push(previous.map_or(0, |index| if same { index } else { index + 1 }));
                    last_residue = Some(residue);
                }
                "ENDMDL" => in_first_model = false,
                "CONECT" => {
                    let atom =
                        |from: usize| index_of_serial.get(columns(line, from, from + 4).trim()).copied();
                    let Some(a) = atom(7) else { continue };
                    let partners = [12, 17, 22, 27].into_iter().filter_map(atom).filter(|&b| b != a);
                    bonds.extend(partners.map(|b| [a.min(b), a.max(b)]));
                }
                _ => {}
            }
        }
        if pdb.atom_names.is_empty() {
            return Err(PdbError::NoAtoms);
        }
        pdb.bonds = bonds.into_iter().collect();
        Ok(pdb)
    }

    fn atom(&mut self, line: &str, number: usize) -> Result<(), PdbError> {
        for (from, to) in [(31, 38), (39, 46), (47, 54)] {
            let angstrom: f64 = field(line, number, from, to, "a coordinate in angstrom")?;
            self.positions.push(angstrom / 10.0);
        }
        if columns(line, 13, 20).contains('\0') {
            return Err(PdbError::Nul { line: number });
        }
        let symbol = columns(line, 77, 78).trim();
        let named = columns(line, 13, 16);
        let guess = || element::guess_from_pdb_name(named);
        self.atomic_numbers.push(element::atomic_number(symbol).unwrap_or_else(guess));
        self.atom_names.push(named.trim().to_owned());
        self.residue_names.push(columns(line, 18, 20).trim().to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
CRYST1   30.000   30.000   30.000  90.00  90.00  90.00 P 1           1
MODEL        1
ATOM      7  N   GLY A   1      10.000  -1.000   2.500  1.00  0.00           N
ATOM      8  CA AGLY A   1      11.000   0.000   0.000  0.50  0.00
ATOM      9  CA BGLY A   1      12.000   0.000   0.000  0.50  0.00
ATOM     10  N   GLY A   1A      0.000   0.000   0.000  1.00  0.00           N
HETATM   11 CL   CL  B   1       0.000   0.000   0.000  1.00  0.00          CL
ENDMDL
MODEL        2
ATOM      7  N   GLY A   1       0.000   0.000   0.000  1.00  0.00           N
ENDMDL
CONECT    8    7   10
CONECT    7    8   99
END
";

    #[test]
    fn first_model_first_location_bonds_once() {
        let pdb = Pdb::parse(TEXT).unwrap();
        assert_eq!(pdb.atomic_numbers, [7, 6, 7, 17]);
        assert_eq!(pdb.atom_names, ["N", "CA", "N", "CL"]);
        assert_eq!(pdb.residues, [0, 0, 1, 2]);
        assert_eq!(pdb.residue_names, ["GLY", "GLY", "GLY", "CL"]);
        assert_eq!(pdb.positions[..4], [1.0, -0.1, 0.25, 1.1]);
        assert_eq!(pdb.bonds, [[0, 1], [1, 2]]);
    }

    #[test]
    fn what_is_no_pdb_is_refused() {
        assert_eq!(Pdb::parse("hello"), Err(PdbError::NoAtoms));
        let error = Pdb::parse("ATOM      7  N   GLY A   1      10.000").unwrap_err();
        assert!(error.to_string().starts_with("line 1: columns 39-46 should hold a coordinate"), "{error}");
        Pdb::parse("ATOM      7  N   GLY A   1      \u{e9}\u{e9}\u{e9}").unwrap_err();
    }
}
