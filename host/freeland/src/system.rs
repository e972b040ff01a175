//! A system: potential, coordinates, coarse map and temperature; its reduced energy with gradients.
//!
//! Positions `r` (nm, or the potential's own length) become coarse coordinates `s` and standardised fine coordinates
//! `x`, with `ladj = ln|dr/d(s, x)|`, so that `p(x | s) ∝ exp(-u + ladj)`. For molecules the six rigid degrees of
//! freedom are dropped, and `ladj` is up to their constant.

#[cfg(test)]
mod alanine;
mod atom_name;
mod checks;
mod coordinates;
mod derive;
mod energy;
mod energy_calls;
mod error;
pub(crate) mod geometry;
mod internal;
mod linear;
mod open;
mod peptide;
mod pieces;
mod rotor;
mod scale;
mod transform;
pub mod variables;
pub(crate) mod vector;
mod z_matrix;

use freeland_loader::{Faults, Potential, SearchPath};

use crate::config::Config;
use crate::space::Axis;
use crate::units::Temperature;

use variables::CollectiveVariable;

pub(crate) use atom_name::{atom_name, name as own_name};
pub use checks::{CheckError, Checks, Given, Origin, UnlikeGroup};
pub use derive::{DeriveError, derive};
pub use energy::{CartesianEnergies, ReducedEnergies, STATUS_NOT_FINITE, STATUS_OUTSIDE};
pub use energy_calls::{EnergyCalls, MOST_CALLS, PHASES, Phase};
pub use error::{FrameError, NotInternal, SystemError};
pub use peptide::AtomProblem;
pub use scale::{NARROW_TORSION_RAD, NamedScale, SMALLEST_SD, Scale, Standardisation};
pub use transform::{Cartesian, Internal};
pub use z_matrix::{Degenerate, Measured, Placement, ZMatrix, ZMatrixError};

/// A potential at a temperature, in coordinates. Shared between threads by reference.
#[derive(Debug)]
pub struct System {
    potential: Potential,
    coordinates: coordinates::Coordinates,
    /// The functions of r that F is a function of, one for each of `coarse`.
    variables: Vec<Box<dyn CollectiveVariable>>,
    coarse: Vec<Axis>,
    /// Why no flow can be conditional on them, where that is so.
    not_internal: Option<NotInternal>,
    fine_names: Vec<String>,
    masses: Vec<f64>,
    start: Vec<f64>,
    checks: Checks,
    temperature: Temperature,
    kt: f64,
    calls: EnergyCalls,
    /// For potentials whose energies are draws from a distribution.
    seed: u64,
    /// Of worker processes in earlier sessions of a run.
    earlier_faults: Faults,
}

impl System {
    /// Loads the plugin, derives or validates the z-matrix, and finds the coarse variables in it.
    ///
    /// # Errors
    /// The plugin is not found or refuses its configuration; coordinates, coarse variables or start configuration do
    /// not fit its molecule; the temperature does not fit its units. The text names the key.
    pub fn open(config: &Config, search: &SearchPath) -> Result<Self, SystemError> {
        let open::Parts {
            potential,
            coordinates,
            variables,
            coarse,
            not_internal,
            fine_names,
            masses,
            start,
            kt,
        } = open::parts(config, search)?;
        Ok(Self {
            fine_names,
            potential,
            coordinates,
            variables,
            coarse,
            not_internal,
            masses,
            start,
            checks: Checks::default(),
            temperature: config.temperature,
            kt,
            calls: EnergyCalls::default(),
            seed: config.seed,
            earlier_faults: Faults::default(),
        })
    }

    /// The variables of F, in the order of its axes.
    pub fn coarse(&self) -> &[Axis] {
        &self.coarse
    }

    /// The functions of the configuration that are the variables of F.
    pub fn collective_variables(&self) -> &[Box<dyn CollectiveVariable>] {
        &self.variables
    }

    /// The other coordinates and how they are scaled, which [`standardise`](Self::standardise) changes.
    pub fn fine(&self) -> Vec<NamedScale> {
        let scales = self.fine_names.iter().zip(self.coordinates.scales());
        scales.map(|(name, scale)| NamedScale { name: name.clone(), scale: *scale }).collect()
    }

    /// The plugin's instance.
    pub fn potential(&self) -> &Potential {
        &self.potential
    }

    /// The temperature of the ensemble.
    pub fn temperature(&self) -> Temperature {
        self.temperature
    }

    /// kT in the potential's energy unit.
    pub fn kt(&self) -> f64 {
        self.kt
    }

    /// Masses of the atoms, Da; 1 where the plugin does not tell them.
    pub fn masses(&self) -> &[f64] {
        &self.masses
    }

    /// A configuration to start from, `[atoms * dimensions]`: the configured one, else the plugin's, else zeros.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// Numbers in one configuration: atoms x dimensions.
    pub fn size(&self) -> usize {
        self.coordinates.size()
    }

    /// The z-matrix, for molecules.
    pub fn z_matrix(&self) -> Option<&ZMatrix> {
        match &self.coordinates {
            coordinates::Coordinates::Internal(map) => Some(map.z_matrix()),
            coordinates::Coordinates::Linear(_) => None,
        }
    }

    /// The atoms of those coarse variables that are torsions.
    pub fn coarse_torsions(&self) -> Vec<[usize; 4]> {
        let measured = self.variables.iter().filter_map(|variable| variable.measured());
        let torsion = |measured| if let Measured::Torsion(atoms) = measured { Some(atoms) } else { None };
        measured.filter_map(torsion).collect()
    }

    /// Configurations sent to the plugin so far, by phase.
    pub fn energy_calls(&self) -> &EnergyCalls {
        &self.calls
    }

    /// What went wrong in worker processes so far, earlier sessions included; `None` where the plugin runs in this
    /// process and always has.
    pub fn faults(&self) -> Option<Faults> {
        let now = self.potential.faults();
        let mut faults = self.earlier_faults;
        faults += now.unwrap_or_default();
        (now.is_some() || faults != Faults::default()).then_some(faults)
    }

    /// The same system with the faults of a checkpoint.
    pub fn with_faults(mut self, earlier: Faults) -> Self {
        self.earlier_faults = earlier;
        self
    }

    /// The scales of the fine coordinates, for a checkpoint.
    pub fn standardisation(&self) -> Standardisation {
        Standardisation { fine: self.fine() }
    }

    /// The same system with the scales of a checkpoint.
    ///
    /// # Errors
    /// The scales are not those of these coordinates.
    pub fn with_standardisation(mut self, standardisation: &Standardisation) -> Result<Self, SystemError> {
        let named = |list: &[NamedScale], index: usize| {
            list.get(index).map_or_else(|| "nothing".to_owned(), |scale| scale.name.clone())
        };
        let own = self.standardisation();
        let longest = own.fine.len().max(standardisation.fine.len());
        for index in 0..longest {
            let (expected, found) = (named(&own.fine, index), named(&standardisation.fine, index));
            if expected != found {
                return Err(SystemError::OtherCoordinates { index, expected, found });
            }
        }
        for (own, new) in own.fine.iter().zip(&standardisation.fine) {
            if !new.scale.is_valid() || !new.scale.replaces(&own.scale) {
                return Err(SystemError::BadScale { name: new.name.clone() });
            }
        }
        self.coordinates.set_scales(standardisation.fine.iter().map(|named| named.scale).collect());
        Ok(self)
    }
}
