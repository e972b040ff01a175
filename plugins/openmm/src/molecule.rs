//! The molecule of a configuration: OpenMM's System, and the topology that hosts are told.

use std::path::Path;

use epp::sdk::{CreateError, GoldenSample, Topology};

use crate::config::{BuiltIn, Config, Constraints, Source};
use crate::pdb::Pdb;
use crate::{alanine, forcefield};

/// A System and what is known of its atoms.
pub(crate) struct Molecule {
    pub(crate) system: openmm::System,
    pub(crate) topology: Topology,
    /// Known energies; only of what is built in.
    pub(crate) golden: Vec<GoldenSample>,
}

impl Molecule {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// `BadConfig` naming the key and the file; `Unsupported` for a System with constraints unless they are ignored.
    pub(crate) fn load(config: &Config) -> Result<Molecule, CreateError> {
        let molecule = match config.source()? {
            Source::BuiltIn(BuiltIn::AlanineDipeptide, implicit) => {
                let broken = |error: String| {
                    CreateError::Internal(format!("the built-in molecule is broken: {error}"))
                };
                let pdb = Pdb::parse(alanine::PDB).map_err(|error| broken(error.to_string()))?;
                let golden = alanine::golden_samples(implicit).map_err(|error| broken(error.to_string()))?;
                Molecule { golden, ..assemble(alanine::system_xml(implicit), pdb).map_err(broken)? }
            }
            Source::SystemXml { xml, pdb } => {
                let text = read("system-xml", &xml)?;
                let molecule = read_pdb(&pdb)?;
                assemble(&text, molecule).map_err(|error| {
                    CreateError::BadConfig(format!(
                        "system-xml: {} with {}: {error}",
                        xml.display(),
                        pdb.display()
                    ))
                })?
            }
            Source::ForceField { files, pdb } => {
                let text = read("pdb", &pdb)?;
                let made = forcefield::make(&files, &text).map_err(|error| {
                    CreateError::BadConfig(format!(
                        "forcefield: {} for {}: {error}",
                        files.join(" + "),
                        pdb.display()
                    ))
                })?;
                assemble(&made.xml, made.pdb)
                    .map_err(|error| CreateError::BadConfig(format!("forcefield: {error}")))?
            }
        };
        let constraints = molecule.system.constraints();
        if constraints > 0 && config.constraints == Constraints::Refuse {
            return Err(CreateError::Unsupported(format!(
                "the System has {constraints} constraints, whose distances have no energy: make it with \
                 constraints=None and rigidWater=False, or set \"constraints\": \"ignore\" if you know that you want this"
            )));
        }
        Ok(molecule)
    }
}

fn read(key: &str, path: &Path) -> Result<String, CreateError> {
    std::fs::read_to_string(path).map_err(|error| {
        let from = match std::env::current_dir() {
            Ok(folder) if path.is_relative() => {
                format!(" (relative to the current directory, {})", folder.display())
            }
            _ => String::new(),
        };
        CreateError::BadConfig(format!("{key}: cannot read {}{from}: {error}", path.display()))
    })
}

fn read_pdb(path: &Path) -> Result<Pdb, CreateError> {
    Pdb::parse(&read("pdb", path)?)
        .map_err(|error| CreateError::BadConfig(format!("pdb: {}: {error}", path.display())))
}

/// Joins the System with the atoms of the PDB, which must be as many. Bonds: those of the PDB and those of the System's
/// HarmonicBondForces.
fn assemble(xml: &str, pdb: Pdb) -> Result<Molecule, String> {
    let system = openmm::System::from_xml(xml).map_err(|error| error.to_string())?;
    let (particles, atoms) = (system.particles(), pdb.atom_names.len());
    if particles != atoms {
        return Err(format!(
            "the System has {particles} particles, the PDB {atoms} atoms; they must be the same in the same order"
        ));
    }
    if particles == 0 {
        return Err("the System has no particles".to_owned());
    }
    let periodic = system.is_periodic().map_err(|error| error.to_string())?;
    let mut bonds = pdb.bonds;
    bonds.extend(system.harmonic_bonds());
    bonds.sort_unstable();
    bonds.dedup();
    let topology = Topology {
        atomic_numbers: pdb.atomic_numbers,
        masses: system.masses(),
        charges: system.charges().unwrap_or_default(),
        atom_names: pdb.atom_names,
        residues: pdb.residues,
        residue_names: pdb.residue_names,
        bonds,
        periodic: if periodic { 0b111 } else { 0 },
        positions: pdb.positions,
        unit_cell: None,
    };
    Ok(Molecule { system, topology, golden: Vec::new() })
}
