//! The molecule of a configuration: the System, and the topology that hosts are told.
use crate::config::{Config, Source};
use crate::pdb::Pdb;
use crate::system::{Angle, Bond, System, Terms};
use crate::{alanine, constraints, xml};
use epp::sdk::{CreateError, GoldenSample, Topology};
use std::collections::BTreeSet;
use std::path::Path;

/// A System and what is known of its atoms.
#[derive(Debug)]
pub struct Molecule {
    /// Forces.
    pub system: System,
    /// Atoms.
    pub topology: Topology,
    /// Known energies; only of what is built in.
    pub golden: Vec<GoldenSample>,
}

impl Molecule {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// `BadConfig` naming the key and the file, `Unsupported` naming the force or option.
    pub fn load(config: &Config) -> Result<Molecule, CreateError> {
        let source = config.source().map_err(|error| CreateError::BadConfig(error.to_string()))?;
        let mut molecule = match source {
            Source::BuiltIn(_, implicit) => {
                let mut molecule =
                    assemble(alanine::system_xml(implicit), alanine::PDB, "the built-in molecule")?;
                molecule.golden = alanine::golden_samples(implicit)
                    .map_err(|error| CreateError::Internal(format!("the built-in molecule: {error}")))?;
                molecule
            }
            Source::Files { xml, pdb } => {
                let (text, atoms) = (read("system-xml", &xml)?, read("pdb", &pdb)?);
                assemble(&text, &atoms, &format!("system-xml: {} with {}", xml.display(), pdb.display()))?
            }
        };
        constraints::settle(&mut molecule.system, config)?;
        Ok(molecule)
    }
}

fn read(key: &str, path: &Path) -> Result<String, CreateError> {
    std::fs::read_to_string(path)
        .map_err(|error| CreateError::BadConfig(format!("{key}: cannot read {}: {error}", path.display())))
}

/// Joins the System with the atoms of the PDB, which must be as many.
fn assemble(xml: &str, pdb: &str, what: &str) -> Result<Molecule, CreateError> {
    let bad = |error: String| CreateError::BadConfig(format!("{what}: {error}"));
    let system = xml::read_system(xml).map_err(|error| match error {
        xml::SystemError::Unsupported { .. } => CreateError::Unsupported(format!("{what}: {error}")),
        _ => bad(error.to_string()),
    })?;
    let pdb = Pdb::parse(pdb).map_err(|error| bad(error.to_string()))?;
    let (particles, atoms) = (system.masses.len(), pdb.atom_names.len());
    if particles != atoms {
        return Err(bad(format!(
            "the System has {particles} particles, the PDB {atoms} atoms; they must be the same in the same order"
        )));
    }
    let mut bonds = pdb.bonds;
    bonds.extend(harmonic_bonds(&system));
    let topology = Topology {
        atomic_numbers: pdb.atomic_numbers,
        masses: system.masses.clone(),
        charges: system.charges.clone(),
        atom_names: pdb.atom_names,
        residues: pdb.residues,
        residue_names: pdb.residue_names,
        bonds: bonds.into_iter().collect(),
        periodic: 0,
        positions: pdb.positions,
    };
    Ok(Molecule { system, topology, golden: Vec::new() })
}

/// The harmonic bonds, less the Urey-Bradley terms that CHARMM force fields put among them: those that span a harmonic angle
/// and are much longer than its sides.
fn harmonic_bonds(system: &System) -> BTreeSet<[u32; 2]> {
    /// A third side across 90 degrees is 1.41 times as long, the sides of a ring of three are equal.
    const LONGER: f64 = 1.25;
    let mut bonds: Vec<&Bond> = Vec::new();
    let mut angles: Vec<&Angle> = Vec::new();
    for force in &system.forces {
        match &force.terms {
            Terms::Bonds(list) => bonds.extend(list),
            Terms::Angles(list) => angles.extend(list),
            _ => {}
        }
    }
    let sorted = |[a, b]: [usize; 2]| [a.min(b) as u32, a.max(b) as u32];
    let lengths: std::collections::BTreeMap<_, _> =
        bonds.iter().map(|bond| (sorted(bond.atoms), bond.length)).collect();
    let mut result: BTreeSet<_> = lengths.keys().copied().collect();
    for angle in angles {
        let [i, j, k] = angle.atoms;
        let across = sorted([i, k]);
        let length = |pair| lengths.get(&pair).copied();
        if let (Some(side_1), Some(side_2), Some(base)) =
            (length(sorted([i, j])), length(sorted([j, k])), length(across))
            && base > LONGER * side_1.max(side_2)
        {
            result.remove(&across);
        }
    }
    result
}
