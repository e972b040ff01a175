//! The molecule of a configuration: the System, and the topology that hosts are told.
use crate::config::{Config, Source};
use crate::system::{Bond, Force, System, Terms};
use crate::xml;
use epp::sdk::{CreateError, CreateRequest, GoldenSample, Topology};
use freeland_molecule::alanine;
use freeland_molecule::bonds::Held;
use freeland_molecule::constraints;
use freeland_molecule::molecule::{Particles, read_pdb, read_system, topology};
use freeland_molecule::pdb::Pdb;

/// What single precision keeps of an energy in which terms of a few hundred kJ/mol cancel.
const TOLERANCE: f64 = 1e-5;

/// A System and what is known of its atoms.
#[derive(Debug)]
pub struct Molecule {
    /// Forces.
    pub system: System,
    /// Atoms.
    pub topology: Topology,
    /// Known energies; only of what is built in.
    pub golden: Vec<GoldenSample>,
    /// The System as it was read.
    pub xml: String,
}

impl Molecule {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// `BadConfig` naming the key and the file, `Unsupported` naming the force or option.
    pub fn load(request: &CreateRequest<Config>) -> Result<Molecule, CreateError> {
        let config = &request.config;
        let source = config.source().map_err(|error| CreateError::BadConfig(error.to_string()))?;
        let mut molecule = match source {
            Source::BuiltIn(_, implicit) => {
                let broken = |error: String| CreateError::Internal(format!("the built-in molecule: {error}"));
                let pdb = Pdb::parse(alanine::PDB.as_bytes()).map_err(|error| broken(error.to_string()))?;
                let golden = implicit.golden_samples(TOLERANCE).map_err(|error| broken(error.to_string()))?;
                Molecule { golden, ..assemble(implicit.system_xml(), pdb, "the built-in molecule")? }
            }
            Source::Files { xml, pdb } => {
                let (xml, pdb) = (request.path(xml), request.path(pdb));
                let (text, atoms) = (read_system(&xml)?, read_pdb(&pdb)?);
                assemble(&text, atoms, &format!("system-xml: {} with {}", xml.display(), pdb.display()))?
            }
        };
        let system = &mut molecule.system;
        let strength = config.constraints.strength(config.constraint_strength, system.constraints.len())?;
        system.forces.extend(strength.map(|strength| in_their_place(system, strength)));
        Ok(molecule)
    }
}

/// Joins the System with the atoms of the PDB, which must be as many.
fn assemble(xml: &str, pdb: Pdb, what: &str) -> Result<Molecule, CreateError> {
    let bad = |error: String| CreateError::BadConfig(format!("{what}: {error}"));
    let system = xml::read_system(xml).map_err(|error| match error {
        xml::SystemError::Unsupported { .. } => CreateError::Unsupported(format!("{what}: {error}")),
        _ => bad(error.to_string()),
    })?;
    let particles =
        Particles { masses: system.masses.clone(), charges: system.charges.clone(), held: held(&system) };
    let topology = topology(pdb, particles).map_err(|error| bad(error.to_string()))?;
    Ok(Molecule { system, topology, golden: Vec::new(), xml: xml.to_owned() })
}

/// Bonds `k/2 (r - d)^2` in the place of constraints.
fn in_their_place(system: &System, strength: f64) -> Force {
    let bonds = system.constraints.iter();
    let bonds = bonds.map(|fixed| Bond { atoms: fixed.atoms, length: fixed.distance, strength });
    Force { name: xml::unique_name(constraints::NAME, &system.forces), terms: Terms::Bonds(bonds.collect()) }
}

/// The pairs that harmonic bonds and constraints hold together.
fn held(system: &System) -> Vec<Held> {
    let pair = |atoms: [usize; 2], length| Held { atoms: atoms.map(|atom| atom as u32), length };
    let harmonic = system.forces.iter().filter_map(|force| match &force.terms {
        Terms::Bonds(list) => Some(list),
        _ => None,
    });
    let harmonic = harmonic.flatten().map(|bond| pair(bond.atoms, bond.length));
    harmonic.chain(system.constraints.iter().map(|fixed| pair(fixed.atoms, fixed.distance))).collect()
}
