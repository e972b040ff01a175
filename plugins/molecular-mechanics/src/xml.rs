//! Reads the System that OpenMM's `XmlSerializer` writes, without OpenMM.
//!
//! A force, option or expression that is not understood exactly is refused by name: nothing is ever left out of an energy in silence.
mod bonded;
mod born;
mod custom;
mod element;
mod expression;
mod nonbonded;
mod obc;

use crate::system::{Force, System, Terms};
use element::Element;

/// Why a System could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Not XML.
    #[error("the System is not well-formed XML: {0}")]
    Malformed(#[from] roxmltree::Error),
    /// XML, but something else.
    #[error(
        "expected the root element <System type=\"System\">, found <{0}>: write the file with openmm.XmlSerializer.serialize(system)"
    )]
    NotASystem(String),
    /// A required part is absent.
    #[error("{place}: expected {expected}, found none")]
    Missing {
        /// Force and element.
        place: String,
        /// The attribute or element.
        expected: String,
    },
    /// A value that cannot be.
    #[error("{place}: expected {expected}, found '{found}'")]
    BadValue {
        /// Force and element.
        place: String,
        /// What would do.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Legitimate in OpenMM, unknown here.
    #[error("{what} is not supported by plugin 'molecular-mechanics'; {instead}")]
    Unsupported {
        /// Force or option.
        what: String,
        /// What to do about it.
        instead: String,
    },
}

const USE_OPENMM: &str = "use plugin 'openmm', which evaluates any OpenMM System";

fn unsupported(what: impl Into<String>) -> SystemError {
    SystemError::Unsupported { what: what.into(), instead: USE_OPENMM.into() }
}

/// Reads a serialised System.
///
/// # Errors
/// Refuses virtual sites, cutoffs, periodic boxes and unknown forces by name; constraints are counted.
pub fn read_system(text: &str) -> Result<System, SystemError> {
    let document = roxmltree::Document::parse(text)?;
    let root = Element::new(document.root_element(), "System");
    if root.name() != "System" {
        return Err(SystemError::NotASystem(root.name().into()));
    }
    let mut masses = Vec::new();
    for (index, particle) in root.child("Particles")?.children().enumerate() {
        if let Some(site) = particle.children().next() {
            return Err(unsupported(format!("the virtual site of particle {index} ({})", site.name())));
        }
        masses.push(particle.number("mass")?);
    }
    let mut charges = Vec::new();
    let mut forces: Vec<Force> = Vec::new();
    for node in root.child("Forces")?.children() {
        let (kind, base) = (node.text("type")?, node.optional("name").unwrap_or(node.text("type")?));
        let force = node.within(base);
        if kind == "NonbondedForce" {
            charges = nonbonded::charges(&force)?;
        }
        let terms = read_force(kind, &force, masses.len())?;
        forces.push(Force { name: unique_name(base, &forces), terms });
    }
    Ok(System { masses, charges, constraints: root.list("Constraints").len(), forces })
}

/// A second force of the same name is `name 2`, and so on.
fn unique_name(base: &str, forces: &[Force]) -> String {
    let taken = |name: &str| forces.iter().any(|force| force.name == name);
    if !taken(base) {
        return base.into();
    }
    (2..).map(|number| format!("{base} {number}")).find(|name| !taken(name)).expect("names are finitely many")
}

fn read_force(kind: &str, force: &Element<'_, '_>, atoms: usize) -> Result<Terms, SystemError> {
    match kind {
        "HarmonicBondForce" => bonded::harmonic_bonds(force, atoms),
        "HarmonicAngleForce" => bonded::harmonic_angles(force, atoms),
        "PeriodicTorsionForce" => bonded::periodic_torsions(force, atoms),
        "RBTorsionForce" => bonded::ryckaert_bellemans_torsions(force, atoms),
        "CMAPTorsionForce" => bonded::correction_maps(force, atoms),
        "NonbondedForce" => nonbonded::nonbonded(force, atoms),
        "GBSAOBCForce" => obc::gbsa_obc(force, atoms),
        "CustomGBForce" => born::custom(force, atoms),
        "CustomTorsionForce" => custom::impropers(force, atoms),
        "CustomBondForce" => custom::lennard_jones_14(force, atoms),
        "CustomNonbondedForce" => custom::lennard_jones_by_type(force, atoms),
        "CMMotionRemover" => Ok(Terms::Nothing),
        other => Err(unsupported(format!("the force {other} ('{}')", force.place()))),
    }
}
