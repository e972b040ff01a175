//! A System's particles and the atoms of a PDB file, joined into what a host is told.

use std::path::Path;

use epp::sdk::{CreateError, Electrons, Topology};

use crate::bonds::{Held, bonds};
use crate::pdb::Pdb;

/// What a System knows of its particles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Particles {
    /// `[particles]` Da
    pub masses: Vec<f64>,
    /// `[particles]` e; empty if unknown.
    pub charges: Vec<f64>,
    /// Pairs of harmonic bonds and of constraints.
    pub held: Vec<Held>,
}

/// A System and a PDB file that are not of one molecule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoleculeError {
    /// Different numbers.
    #[error(
        "the System has {particles} particles, the PDB {atoms} atoms; they must be the same in the same order"
    )]
    Atoms {
        /// Of the System.
        particles: usize,
        /// Of the file.
        atoms: usize,
    },
    /// Nothing there.
    #[error("the System has no particles")]
    Empty,
}

/// The molecule as hosts are told it: not periodic, in the box of the file.
///
/// # Errors
/// The System has no particles, or another number than the file has atoms.
pub fn topology(pdb: Pdb, particles: Particles) -> Result<Topology, MoleculeError> {
    let (count, atoms) = (particles.masses.len(), pdb.atoms());
    if count != atoms {
        return Err(MoleculeError::Atoms { particles: count, atoms });
    }
    if count == 0 {
        return Err(MoleculeError::Empty);
    }
    let bonds = bonds(&pdb, &particles.held);
    let electrons = electrons(&pdb.atomic_numbers, &particles);
    Ok(Topology {
        atomic_numbers: pdb.atomic_numbers,
        masses: particles.masses,
        charges: particles.charges,
        atom_names: pdb.atom_names,
        residues: pdb.residues,
        residue_names: pdb.residue_names,
        residue_numbers: pdb.residue_numbers,
        chain_names: pdb.chain_names,
        bonds,
        bond_orders: Vec::new(),
        periodic: 0,
        positions: pdb.models.into_iter().next().unwrap_or_default(),
        unit_cell: pdb.box_rows,
        electrons,
    })
}

/// A sum of partial charges is a whole number to this, e.
const WHOLE: f64 = 1e-3;

/// The charge of the whole where the partial charges add up to a whole number, with the lowest spin that the number of
/// electrons allows. `None` where charges or elements are not known; particles without mass are no atoms.
fn electrons(atomic_numbers: &[u32], particles: &Particles) -> Option<Electrons> {
    let unknown =
        atomic_numbers.iter().zip(&particles.masses).any(|(&number, &mass)| number == 0 && mass != 0.0);
    let sum: f64 = particles.charges.iter().sum();
    if unknown || particles.charges.len() != atomic_numbers.len() || (sum - sum.round()).abs() > WHOLE {
        return None;
    }
    let protons: i64 = atomic_numbers.iter().map(|&number| i64::from(number)).sum();
    let total_charge = sum.round() as i32;
    let odd = (protons - i64::from(total_charge)).rem_euclid(2) == 1;
    Some(Electrons { total_charge, multiplicity: if odd { 2 } else { 1 } })
}

/// Names of energy terms as hosts know them (`energy:NAME`): those of OpenMM's forces in lower case with hyphens,
/// `harmonic-bond-force`, and with a number where one comes again.
pub fn term_names<'a>(forces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for force in forces {
        let name = kebab_case(force);
        let mut candidate = name.clone();
        for count in 2.. {
            if !names.contains(&candidate) {
                break;
            }
            candidate = format!("{name}-{count}");
        }
        names.push(candidate);
    }
    names
}

/// `CMAPTorsionForce` becomes `cmap-torsion-force`; what is no letter and no digit separates words.
fn kebab_case(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (place, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            name.push('-');
            continue;
        }
        let before = place.checked_sub(1).map(|place| characters[place]);
        let after_small = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let begins_word = before.is_some_and(|c| c.is_ascii_uppercase())
            && characters.get(place + 1).is_some_and(char::is_ascii_lowercase);
        if character.is_ascii_uppercase() && (after_small || begins_word) {
            name.push('-');
        }
        name.push(character.to_ascii_lowercase());
    }
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "force".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_have_names_that_hosts_take() {
        let forces = [
            "HarmonicBondForce",
            "CMAPTorsionForce",
            "GBSAOBCForce",
            "HarmonicBondForce",
            "my Force_2",
            "\u{3b1}",
        ];
        let names = ["harmonic-bond-force", "cmap-torsion-force", "gbsaobc-force", "harmonic-bond-force-2"];
        assert_eq!(term_names(forces), [&names[..], &["my-force-2", "force"]].concat());
    }

    #[test]
    fn the_whole_charge_comes_with_the_lowest_spin() {
        let particles = |charges: &[f64]| Particles {
            masses: vec![1.0; charges.len()],
            charges: charges.to_vec(),
            ..Particles::default()
        };
        let found = |numbers: &[u32], charges: &[f64]| electrons(numbers, &particles(charges));
        let expected = |total_charge, multiplicity| Some(Electrons { total_charge, multiplicity });
        assert_eq!(found(&[8, 1, 1], &[-0.834, 0.417, 0.417]), expected(0, 1));
        assert_eq!(found(&[7, 1, 1, 1, 1], &[0.2; 5]), expected(1, 1));
        assert_eq!(found(&[8, 1], &[-0.5, 0.5]), expected(0, 2));
        assert_eq!(found(&[8, 1], &[-0.5, 0.4]), None);
        assert_eq!(found(&[8, 0], &[-0.5, 0.5]), None);
        assert_eq!(found(&[8, 1], &[]), None);
    }
}

/// The bytes of a file that a key of the configuration names.
///
/// # Errors
/// `BadConfig` with the key, the file and, for a relative path, the folder that it starts from.
pub fn read(key: &str, path: &Path) -> Result<Vec<u8>, CreateError> {
    std::fs::read(path).map_err(|error| {
        let from = match std::env::current_dir() {
            Ok(folder) if path.is_relative() => {
                format!(" (relative to the current directory, {})", folder.display())
            }
            _ => String::new(),
        };
        CreateError::BadConfig(format!("{key}: cannot read {}{from}: {error}", path.display()))
    })
}

/// The molecule of the PDB file that the configuration names.
///
/// # Errors
/// `BadConfig` with the file and what is wrong with it.
pub fn read_pdb(path: &Path) -> Result<Pdb, CreateError> {
    Pdb::parse(&read("pdb", path)?)
        .map_err(|error| CreateError::BadConfig(format!("pdb: {}: {error}", path.display())))
}

/// The text of the System file that the configuration names.
///
/// # Errors
/// `BadConfig` with the file.
pub fn read_system(path: &Path) -> Result<String, CreateError> {
    String::from_utf8(read("system-xml", path)?).map_err(|_| {
        CreateError::BadConfig(format!(
            "system-xml: {}: is not UTF-8, as OpenMM's XmlSerializer writes it",
            path.display()
        ))
    })
}
