//! What is tried before a run spends its energy calls: lengths of bonds, energies of the frames that were given, whether the
//! energy stays the same when a molecule is moved as a whole, and whether atoms that look alike are alike.
mod energies;
mod error;
mod exchange;
mod invariance;
mod lengths;
mod suspicion;
mod unlike;

use freeland_loader::Units;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use self::exchange::Group;
use super::System;
use super::coordinates::Coordinates;
use super::energy::CartesianEnergies;
use super::energy_calls::Phase;
use super::error::SystemError;
use crate::config::coordinates::{CoordinateMap, CoordinatesConfig, FoldRotors};

pub use error::{CheckError, Origin};
pub use unlike::UnlikeGroup;

/// What the checks found and did not refuse.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Checks {
    /// Equal atoms by elements and bonds that are not equal by the energy.
    pub unlike: Vec<UnlikeGroup>,
}

impl Checks {
    /// For people: every rotor that is not folded, and why.
    pub fn warnings(&self) -> Vec<String> {
        let unfolded = self.unlike.iter().filter(|group| group.unfolded);
        unfolded.map(|group| format!("a rotor is not folded: {group}")).collect()
    }
}

/// Frames that a run was given, of which it keeps every so many.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Those it keeps, `[frames, atoms * dimensions]`, nm.
    pub positions: ArrayView2<'a, f64>,
    /// `starting-data.keep-every`.
    pub every: usize,
}

impl Given<'_> {
    /// About `count` frames, evenly spread.
    fn some(&self, count: usize) -> Vec<(Origin, Vec<f64>)> {
        let last = self.positions.nrows().saturating_sub(1);
        let mut chosen: Vec<usize> = (0..count).map(|k| k * last / (count - 1).max(1)).collect();
        chosen.dedup();
        chosen.retain(|frame| *frame < self.positions.nrows());
        chosen.into_iter().map(|frame| (self.origin(frame), self.positions.row(frame).to_vec())).collect()
    }

    fn origin(&self, frame: usize) -> Origin {
        Origin::Frame(frame * self.every)
    }
}

impl System {
    /// Checks before a flow is trained: the start, the frames if there are some, the energy, and the rotors, of which those
    /// that the energy tells apart are folded no longer. Done before scales are set.
    ///
    /// # Errors
    /// A coarse variable is no coordinate; a bond has a length that no bond has; the frames have no energies, or far too high ones; the energy depends on place
    /// or orientation; a rotor that has to be folded has unlike hydrogens; the plugin fails as a whole.
    pub fn check_for_flow(
        &mut self,
        config: &CoordinatesConfig,
        given: Option<Given<'_>>,
    ) -> Result<(), SystemError> {
        self.require_internal()?;
        self.check_lengths(given)?;
        if let Some(given) = given {
            energies::check(self, given)?;
        }
        if matches!(self.coordinates, Coordinates::Internal(_)) {
            invariance::check(self, given)?;
        }
        let unlike = exchange::unlike(self, given)?;
        let always =
            matches!(&config.map, CoordinateMap::Internal(map) if map.fold_rotors == FoldRotors::Always);
        if let Some(group) = unlike.iter().find(|group| always && group.unfolded) {
            return Err(CheckError::Rotor { group: group.clone() }.into());
        }
        self.set_checks(Checks { unlike });
        Ok(())
    }

    /// Checks before dynamics alone, to which neither place nor folding matter.
    ///
    /// # Errors
    /// A bond of the start has a length that no bond has; the plugin fails as a whole.
    pub fn check_for_dynamics(&mut self) -> Result<(), SystemError> {
        self.check_lengths(None)?;
        let unlike = exchange::unlike(self, None)?;
        self.checks = Checks { unlike };
        Ok(())
    }

    /// Energy calls of [`check_for_flow`](Self::check_for_flow), at most; `frames`: whether frames are given.
    pub fn most_check_calls(&self, frames: bool) -> u64 {
        let internal = matches!(self.coordinates, Coordinates::Internal(_));
        let energies = if frames { energies::MOST_CALLS } else { 0 };
        let invariance = if internal { invariance::most_calls(frames) } else { 0 };
        let groups = self.potential.topology().map_or(0, |topology| Group::all(topology).len());
        (energies + invariance + exchange::most_calls(groups)) as u64
    }

    /// What the checks found.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// The same system with what checks found before, for a checkpoint.
    pub fn with_checks(mut self, checks: Checks) -> Self {
        self.set_checks(checks);
        self
    }

    /// Atoms that the energy tells apart, although elements and bonds do not.
    pub(crate) fn unlike_atoms(&self) -> Vec<usize> {
        self.checks.unlike.iter().flat_map(|group| group.atoms.iter().copied()).collect()
    }

    fn set_checks(&mut self, checks: Checks) {
        if let Coordinates::Internal(map) = &mut self.coordinates {
            checks.unlike.iter().filter(|group| group.unfolded).for_each(|group| map.unfold(&group.atoms));
        }
        self.checks = checks;
    }

    fn check_lengths(&self, given: Option<Given<'_>>) -> Result<(), CheckError> {
        let nm = self.potential.info().units == Units::Md;
        let whole =
            matches!(self.coordinates, Coordinates::Internal(_)) || !self.potential.info().is_periodic();
        let Some(topology) = self.potential.topology().filter(|_| whole && nm) else { return Ok(()) };
        if self.is_configuration(&self.start) {
            lengths::check(topology, &self.start, Origin::Start)?;
        }
        let Some(given) = given else { return Ok(()) };
        for (frame, r) in given.positions.rows().into_iter().enumerate() {
            lengths::check(topology, &r.to_vec(), given.origin(frame))?;
        }
        Ok(())
    }

    /// Whether `r` has coordinates: a start that nobody told is all zeros.
    fn is_configuration(&self, r: &[f64]) -> bool {
        let (mut s, mut x) = (vec![0.0; self.coarse.len()], vec![0.0; self.fine_names.len()]);
        r.iter().any(|value| *value != 0.0)
            && self.coordinates.encode(r, &mut self.coordinates.scratch(), &mut s, &mut x).is_ok()
    }

    /// The start, if it is one, and at most `count` frames.
    fn configurations(&self, given: Option<Given<'_>>, count: usize) -> Vec<(Origin, Vec<f64>)> {
        let start = self.is_configuration(&self.start).then(|| (Origin::Start, self.start.clone()));
        let frames = given.map(|given| given.some(count)).unwrap_or_default();
        start.into_iter().chain(frames).collect()
    }

    /// Energies of configurations one after another, counted as those of checks.
    fn checked_energies(&self, positions: &[f64]) -> Result<CartesianEnergies, SystemError> {
        let n = positions.len() / self.size();
        let r = ArrayView2::from_shape((n, self.size()), positions).expect("whole configurations");
        self.cartesian_energy(r, Phase::Checks)
    }
}
