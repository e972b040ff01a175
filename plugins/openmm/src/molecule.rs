//! The molecule of a configuration: OpenMM's System, and the topology that hosts are told.

use epp::sdk::{CreateError, CreateRequest, GoldenSample, Topology};
use freeland_molecule::alanine::{self, BuiltIn};
use freeland_molecule::bonds::Held;
use freeland_molecule::constraints;
use freeland_molecule::molecule::{Particles, read, read_pdb, read_system, topology};
use freeland_molecule::pdb::{self, Pdb};

use crate::config::{Config, Source};
use crate::forcefield;

/// Two versions of OpenMM's Reference platform, or two processors, differ by rounding only.
const DOUBLE: f64 = 1e-7;
/// Other platforms compute in single precision, in which terms of a few hundred kJ/mol cancel.
const SINGLE: f64 = 1e-4;

/// A System and what is known of its atoms.
pub(crate) struct Molecule {
    pub(crate) system: openmm::System,
    pub(crate) topology: Topology,
    /// Known energies; only of what is built in.
    pub(crate) golden: Vec<GoldenSample>,
    /// The System as it was read.
    pub(crate) xml: String,
}

impl Molecule {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// `BadConfig` naming the key and the file; `Unsupported` for a System with constraints unless the configuration says what becomes of them.
    pub(crate) fn load(request: &CreateRequest<Config>) -> Result<Molecule, CreateError> {
        let config = &request.config;
        let mut molecule = match config.source()? {
            Source::BuiltIn(BuiltIn::AlanineDipeptide, implicit) => {
                let broken = |error: String| {
                    CreateError::Internal(format!("the built-in molecule is broken: {error}"))
                };
                let pdb = Pdb::parse(alanine::PDB.as_bytes()).map_err(|error| broken(error.to_string()))?;
                let tolerance = if config.platform == "Reference" { DOUBLE } else { SINGLE };
                let golden = implicit.golden_samples(tolerance).map_err(|error| broken(error.to_string()))?;
                Molecule { golden, ..assemble(implicit.system_xml(), pdb).map_err(broken)? }
            }
            Source::SystemXml { xml, pdb } => {
                let (xml, pdb) = (request.path(xml), request.path(pdb));
                let text = read_system(&xml)?;
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
                let path = request.path(pdb);
                let folder = std::path::absolute(request.path("")).unwrap_or_default();
                let text = read("pdb", &path)?;
                let molecule = read_pdb(&path)?;
                let xml =
                    forcefield::make(&files, &pdb::text(&text), &folder, &request.host).map_err(|error| {
                        CreateError::BadConfig(format!(
                            "forcefield: {} for {}: {error}",
                            files.join(" + "),
                            path.display()
                        ))
                    })?;
                assemble(&xml, molecule)
                    .map_err(|error| CreateError::BadConfig(format!("forcefield: {error}")))?
            }
        };
        let count = molecule.system.constraints().len();
        if let Some(strength) = config.constraints.strength(config.constraint_strength, count)? {
            let replaced = molecule.system.replace_constraints_by_bonds(constraints::NAME, strength);
            replaced.map_err(|error| CreateError::Internal(error.to_string()))?;
        }
        Ok(molecule)
    }
}

/// Joins the System with the atoms of the PDB, which must be as many.
fn assemble(xml: &str, pdb: Pdb) -> Result<Molecule, String> {
    let system = openmm::System::from_xml(xml).map_err(|error| error.to_string())?;
    let periodic = system.is_periodic().map_err(|error| error.to_string())?;
    let held = [system.harmonic_bonds(), system.constraints()].concat();
    let held = held.into_iter().map(|pair| Held { atoms: pair.particles, length: pair.length });
    let particles = Particles {
        masses: system.masses(),
        charges: system.charges().unwrap_or_default(),
        held: held.collect(),
    };
    let mut topology = topology(pdb, particles).map_err(|error| error.to_string())?;
    if periodic {
        topology.periodic = 0b111;
        topology.unit_cell = Some(system.default_box());
    }
    Ok(Molecule { system, topology, golden: Vec::new(), xml: xml.to_owned() })
}
