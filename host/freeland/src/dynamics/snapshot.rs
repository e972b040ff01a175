//! What a checkpoint of sampling holds, without a file format.
use std::collections::BTreeMap;

use super::error::DynamicsError;
use super::langevin::WalkersState;
use super::rotamers::Findings;
use crate::system::MOST_CALLS;

/// Arrays by name, flat.
pub type Numbers = BTreeMap<String, Vec<f64>>;

/// A run between two segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Counters by name.
    pub counts: BTreeMap<String, u64>,
    /// Arrays by name.
    pub numbers: Numbers,
    /// What the search for rotamers found.
    pub findings: Findings,
}

impl Snapshot {
    /// Takes an array out.
    pub(super) fn take(&mut self, name: &str) -> Result<Vec<f64>, DynamicsError> {
        let missing = || DynamicsError::OtherRun { what: format!("it has no array '{name}'") };
        self.numbers.remove(name).ok_or_else(missing)
    }

    /// Takes an array out that has finite numbers alone.
    pub(super) fn take_finite(&mut self, name: &str) -> Result<Vec<f64>, DynamicsError> {
        let values = self.take(name)?;
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err(DynamicsError::OtherRun {
                what: format!("its array '{name}' has numbers that are not finite"),
            }),
        }
    }

    /// A counter.
    pub(super) fn count(&self, name: &str) -> Result<u64, DynamicsError> {
        let other = |what| DynamicsError::OtherRun { what };
        let count =
            self.counts.get(name).copied().ok_or_else(|| other(format!("it has no number '{name}'")))?;
        if count > MOST_CALLS {
            return Err(other(format!("its number '{name}' is {count}, which no run reaches")));
        }
        Ok(count)
    }

    /// Takes out what [`WalkersState`] holds.
    pub(super) fn take_walkers(&mut self) -> Result<WalkersState, DynamicsError> {
        Ok(WalkersState {
            positions: self.take_finite("positions")?,
            velocities: self.take_finite("velocities")?,
            gradient: self.take_finite("gradient")?,
        })
    }
}
