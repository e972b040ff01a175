//! The `[free-energy]` section: the ensemble fitted to the weights of all draws.
use serde::{Deserialize, Serialize};

use super::error::Refusal;
use crate::units::Kt;

/// The ensemble and its prior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FreeEnergyConfig {
    /// Members whose disagreement is the error of F.
    pub members: usize,
    /// Functions of the basis, at most.
    pub max_functions: usize,
    /// Length over which F varies, before anything is known, as a fraction of each coarse variable's range.
    pub relative_length: f64,
    /// Standard deviation of F before anything is known.
    pub prior_amplitude: Kt,
}

impl Default for FreeEnergyConfig {
    fn default() -> Self {
        Self { members: 10, max_functions: 512, relative_length: 0.1, prior_amplitude: Kt(5.0) }
    }
}

impl FreeEnergyConfig {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.members < 2 {
            let reason = format!("an ensemble needs at least 2 members, got {}", self.members);
            return Err(Refusal::new("free-energy.members", reason));
        }
        if !(8..=5000).contains(&self.max_functions) {
            let reason = format!("expected 8 to 5000 functions, got {}", self.max_functions);
            return Err(Refusal::new("free-energy.max-functions", reason));
        }
        if !(self.relative_length > 0.0 && self.relative_length <= 1.0) {
            let reason = format!("expected a fraction above 0, up to 1, got {}", self.relative_length);
            return Err(Refusal::new("free-energy.relative-length", reason));
        }
        if self.prior_amplitude.0.is_nan() || self.prior_amplitude.0 <= 0.0 {
            let reason = format!("expected an energy above 0 kT, got {}", self.prior_amplitude);
            return Err(Refusal::new("free-energy.prior-amplitude", reason));
        }
        Ok(())
    }
}
