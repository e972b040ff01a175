//! What a checkpoint of sampling holds, without a file format.
use std::collections::BTreeMap;

use super::error::DynamicsError;

/// Arrays by name, flat.
pub type Numbers = BTreeMap<String, Vec<f64>>;

/// A run between two segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Counters by name.
    pub counts: BTreeMap<String, u64>,
    /// Arrays by name.
    pub numbers: Numbers,
}

impl Snapshot {
    /// Takes an array out.
    pub(super) fn take(&mut self, name: &str) -> Result<Vec<f64>, DynamicsError> {
        let missing = || DynamicsError::OtherRun { what: format!("it has no array '{name}'") };
        self.numbers.remove(name).ok_or_else(missing)
    }

    /// A counter.
    pub(super) fn count(&self, name: &str) -> Result<u64, DynamicsError> {
        let missing = || DynamicsError::OtherRun { what: format!("it has no number '{name}'") };
        self.counts.get(name).copied().ok_or_else(missing)
    }
}
