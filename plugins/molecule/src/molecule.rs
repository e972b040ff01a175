//! A System's particles and the atoms of a PDB file, joined into what a host is told.

use std::path::Path;

use epp::sdk::{CreateError, Topology};

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
    Ok(Topology {
        atomic_numbers: pdb.atomic_numbers,
        masses: particles.masses,
        charges: particles.charges,
        atom_names: pdb.atom_names,
        residues: pdb.residues,
        residue_names: pdb.residue_names,
        bonds,
        periodic: 0,
        positions: pdb.models.into_iter().next().unwrap_or_default(),
        unit_cell: pdb.box_rows,
    })
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
