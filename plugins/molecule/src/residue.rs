//! The names and bonds of standard residues, as OpenMM has them. `data/residues.py` makes the table.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/residues.json");

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| serde_json::from_str(TEXT).expect("the table is what data/residues.py writes"));

#[derive(serde::Deserialize)]
struct Tables {
    residue_names: HashMap<String, String>,
    atom_names: HashMap<String, HashMap<String, String>>,
    bonds: BTreeMap<String, Vec<[String; 2]>>,
}

/// The name of a residue that has several: `HIE` is `HIS`, `WAT` is `HOH`.
pub(crate) fn name(alias: &str) -> &str {
    TABLES.residue_names.get(alias).map_or(alias, String::as_str)
}

/// The name of an atom that has several in such a residue: `HH31` of `ACE` is `H1`.
pub(crate) fn atom_name<'a>(residue: &str, alias: &'a str) -> &'a str
where
    'static: 'a,
{
    TABLES.atom_names.get(residue).and_then(|names| names.get(alias)).map_or(alias, String::as_str)
}

/// Pairs of atom names that are bonded in such a residue; a `-` before a name says that it is of the residue before.
pub(crate) fn bonds(residue: &str) -> &'static [[String; 2]] {
    TABLES.bonds.get(residue).map_or(&[], Vec::as_slice)
}

/// Amino acids, nucleotides and water: a metal is not bonded to them by a CONECT record.
pub(crate) fn is_standard(residue: &str) -> bool {
    const STANDARD: [&str; 31] = [
        "ALA", "ASN", "CYS", "GLU", "HIS", "LEU", "MET", "PRO", "THR", "TYR", "ARG", "ASP", "GLN", "GLY",
        "ILE", "LYS", "PHE", "SER", "TRP", "VAL", "A", "G", "C", "U", "I", "DA", "DG", "DC", "DT", "DI",
        "HOH",
    ];
    STANDARD.contains(&residue)
}
