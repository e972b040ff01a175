//! Why a run does not begin.
use std::fmt;

use super::suspicion::Suspicion;
use super::unlike::UnlikeGroup;

/// Where a configuration is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The configuration to start from.
    Start,
    /// A frame of the starting data, from 0.
    Frame(usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("coordinates.start (or what the plugin tells where it is not given)"),
            Self::Frame(frame) => write!(f, "starting-data.file: frame {frame}"),
        }
    }
}

/// Why a run does not begin.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CheckError {
    /// A bond that is none.
    #[error(
        "{origin}: the bond {bond} is {found_nm:.3} nm long, where about {expected_nm:.2} nm is expected; {suspicion}"
    )]
    Length {
        /// Of which configuration.
        origin: Origin,
        /// Its two atoms.
        bond: String,
        /// Its length.
        found_nm: f64,
        /// What bonds between such elements have.
        expected_nm: f64,
        /// What may be the reason.
        suspicion: Suspicion,
    },
    /// Frames without energies.
    #[error(
        "starting-data.file: none of {tried} frames that were tried has an energy, the first has status {status} ({meaning}); are they \
         frames of this potential, in its unit of length and with its order of atoms"
    )]
    NoEnergy {
        /// Frames.
        tried: usize,
        /// Of the first.
        status: i32,
        /// What it means.
        meaning: &'static str,
    },
    /// Frames that the potential would never visit.
    #[error(
        "starting-data.file: half of {tried} frames that were tried lie more than {above_kt:.1e} kT above {lowest}: this potential never \
         visits them. Are they in nm, of whole molecules, and in the order of atoms of this potential"
    )]
    TooHigh {
        /// Frames.
        tried: usize,
        /// Median energy above the lowest, kT.
        above_kt: f64,
        /// What the lowest is.
        lowest: &'static str,
    },
    /// An energy that is not that of a molecule alone.
    #[error(
        "coordinates.kind: internal coordinates need an energy that does not depend on place and orientation, and that of {origin} is \
         {before:.3} {unit}, but {after:.3} {unit} {moved}; remove restraints, walls and external fields from the potential (such as a \
         CustomExternalForce of an OpenMM System), or use kind = \"linear\""
    )]
    Moved {
        /// Of which configuration.
        origin: Origin,
        /// Its energy, in the potential's unit.
        before: f64,
        /// When it was moved.
        after: f64,
        /// That unit.
        unit: &'static str,
        /// How it was moved.
        moved: &'static str,
    },
    /// A rotor that has to be folded and cannot be.
    #[error(
        "coordinates.fold-rotors: {group}, so that it cannot be folded; write \"where-alike\", which is the default, or false"
    )]
    Rotor {
        /// Its atoms.
        group: UnlikeGroup,
    },
}
