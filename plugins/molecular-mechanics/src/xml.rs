//! Reads the System that OpenMM's `XmlSerializer` writes, without OpenMM.
//!
//! A force, option or expression that is not understood exactly is refused by name: nothing is ever left out of an energy in silence.
mod bonded;
mod born;
mod custom;
mod custom_born;
mod custom_nonbonded;
mod element;
mod expression;
mod globals;
mod nonbonded;
mod obc;
mod scope;
mod tabulated;
mod version;
mod without_energy;
mod written_born;

use crate::room;
use crate::system::{Constraint, Force, System, Terms};
use element::Element;
use globals::Globals;
use std::cell::OnceCell;
use std::collections::BTreeSet;

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

/// Refuses what would not fit into the machine: so many pairs that each have `numbers` numbers beyond their atoms.
fn refuse_without_room(force: &Element<'_, '_>, pairs: u64, numbers: usize) -> Result<(), SystemError> {
    let bytes = room::PER_PAIR + 3 * size_of::<f64>() * numbers;
    match room::lacking(pairs, bytes as u64) {
        None => Ok(()),
        Some(bytes) => Err(SystemError::Unsupported {
            what: format!("a list of the {pairs} pairs of '{}' ({bytes})", force.place()),
            instead:
                "use a force that OpenMM's NonbondedForce can express, interaction groups, or plugin 'openmm'"
                    .into(),
        }),
    }
}

/// Reads a serialised System, every element and attribute of it.
///
/// # Errors
/// Refuses virtual sites, cutoffs, periodic boxes, unknown forces and whatever else is not understood by name.
pub fn read_system(text: &str) -> Result<System, SystemError> {
    let document = roxmltree::Document::parse(text)?;
    let root = Element::root(document.root_element(), "System");
    if root.name() != "System" || root.text("type")? != "System" {
        return Err(SystemError::NotASystem(root.name().into()));
    }
    root.version("System")?;
    root.optional("openmmVersion");
    root.child("PeriodicBoxVectors", default_box)?;
    let masses = root.list("Particles", "Particle", |particle| {
        if let Some(site) = particle.first_child() {
            return Err(unsupported(format!("the virtual site <{site}> of '{}'", particle.place())));
        }
        particle.not_negative("mass")
    })?;
    if masses.is_empty() {
        return Err(root.bad("at least one particle in <Particles>".into(), "none"));
    }
    let constraints = constraints(&root, &masses)?;
    let (charges, globals) = (OnceCell::new(), Globals::default());
    let mut forces: Vec<Force> = Vec::new();
    root.list("Forces", "Force", |force| {
        let kind = force.text("type")?;
        let base = force.optional("name").unwrap_or(kind);
        force.named(base);
        let reading = Reading { version: 0, atoms: masses.len(), globals: &globals, charges: &charges };
        let terms = read_force(kind, force, reading)?;
        forces.push(Force { name: unique_name(base, &forces), terms });
        Ok(())
    })?;
    root.finish()?;
    Ok(System { masses, charges: charges.into_inner().unwrap_or_default(), constraints, forces })
}

/// The default box, in the reduced form that OpenMM asks for. Without cutoff it has no energy.
fn default_box(vectors: &Element<'_, '_>) -> Result<(), SystemError> {
    let vector = |name| {
        vectors.child(name, |vector| Ok([vector.number("x")?, vector.number("y")?, vector.number("z")?]))
    };
    let (a, b, c) = (vector("A")?, vector("B")?, vector("C")?);
    let diagonal = a[0] > 0.0 && b[1] > 0.0 && c[2] > 0.0 && a[1] == 0.0 && a[2] == 0.0 && b[2] == 0.0;
    if !diagonal || a[0] < 2.0 * b[0].abs() || a[0] < 2.0 * c[0].abs() || b[1] < 2.0 * c[1].abs() {
        let expected = "A = (x, 0, 0), B = (x, y, 0), C = (x, y, z) in reduced form";
        return Err(vectors.bad(expected.into(), &format!("{a:?}, {b:?}, {c:?}")));
    }
    Ok(())
}

/// Constraints, at most one between two particles, none between a particle with mass and one without.
fn constraints(root: &Element<'_, '_>, masses: &[f64]) -> Result<Vec<Constraint>, SystemError> {
    let mut seen = BTreeSet::new();
    root.list("Constraints", "Constraint", |constraint| {
        let atoms = constraint.atoms(["p1", "p2"], masses.len())?;
        if atoms.iter().filter(|&&atom| masses[atom] == 0.0).count() == 1 {
            let expected = "particles with mass in 'p1' and 'p2'".into();
            return Err(constraint.bad(expected, &format!("{atoms:?}")));
        }
        if !seen.insert([atoms[0].min(atoms[1]), atoms[0].max(atoms[1])]) {
            let expected = "one constraint between 'p1' and 'p2'".into();
            return Err(constraint.bad(expected, &format!("a second one for {atoms:?}")));
        }
        Ok(Constraint { atoms, distance: constraint.not_negative("d")? })
    })
}

/// A second force of the same name is `name 2`, and so on.
pub(crate) fn unique_name(base: &str, forces: &[Force]) -> String {
    let taken = |name: &str| forces.iter().any(|force| force.name == name);
    if !taken(base) {
        return base.into();
    }
    (2..).map(|number| format!("{base} {number}")).find(|name| !taken(name)).expect("names are finitely many")
}

/// What the reader of a force is told.
struct Reading<'a> {
    /// Of the force, one that is in the table of versions.
    version: i64,
    /// Particles of the System.
    atoms: usize,
    /// Parameters of all forces.
    globals: &'a Globals,
    /// Charges of the particles, e: those of the first NonbondedForce.
    charges: &'a OnceCell<Vec<f64>>,
}

fn read_force(kind: &str, force: &Element<'_, '_>, mut reading: Reading<'_>) -> Result<Terms, SystemError> {
    let read: fn(&Element<'_, '_>, &Reading<'_>) -> Result<Terms, SystemError> = match kind {
        "HarmonicBondForce" => bonded::harmonic_bonds,
        "HarmonicAngleForce" => bonded::harmonic_angles,
        "PeriodicTorsionForce" => bonded::periodic_torsions,
        "RBTorsionForce" => bonded::ryckaert_bellemans_torsions,
        "CMAPTorsionForce" => bonded::correction_maps,
        "NonbondedForce" => nonbonded::nonbonded,
        "GBSAOBCForce" => obc::gbsa_obc,
        "CustomBondForce" => custom::bonds,
        "CustomAngleForce" => custom::angles,
        "CustomTorsionForce" => custom::torsions,
        "CustomExternalForce" => custom::external,
        "CustomNonbondedForce" => custom_nonbonded::pairs,
        "CustomGBForce" => custom_born::custom_born,
        "CMMotionRemover" => |_, _| Ok(Terms::Nothing),
        other => return Err(unsupported(format!("the force {other} ('{}')", force.place()))),
    };
    reading.version = force.version(kind)?;
    without_energy::skip(force, kind, reading.version)?;
    read(force, &reading)
}
