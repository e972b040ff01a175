//! Records of what a run did.
use serde::{Deserialize, Deserializer, Serialize};

use crate::dynamics::{Rotamers, StartingSummary};
use crate::system::Checks;

/// The first part of a run: starting data and training by example. A line of `rounds.jsonl`, with index 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartingRound {
    /// Always 0.
    pub index: usize,
    /// The frames and how they were made.
    pub starting_data: StartingSummary,
    /// What was noticed before.
    #[serde(default)]
    pub checks: Checks,
    /// States that the frames may miss.
    #[serde(default)]
    pub rotamers: Rotamers,
    /// Mean of `-ln q(x|s)` over held-out frames for the flow that was kept.
    #[serde(deserialize_with = "nan_from_null")]
    pub held_out_loss: f64,
    /// Epochs of training by example.
    pub epochs: usize,
    /// All configurations sent to the plugin so far.
    pub energy_calls: u64,
    /// Seconds this took.
    pub wall_seconds: f64,
}

/// One round of active learning. A line of `rounds.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Counted from 1.
    pub index: usize,
    /// Centres at the frontier whose surroundings were added.
    pub added: usize,
    /// Walkers that reached the frontier, as a fraction of all.
    pub walkers_at_frontier: f64,
    /// Draws of this round, one energy call each.
    pub draws: usize,
    /// Draws whose energy failed.
    pub failed: usize,
    /// Draws whose gradient was clipped.
    pub clipped: usize,
    /// Draws left out of the gradient because their losses were the largest of their batch.
    pub filtered: usize,
    /// Mean of `u - ladj + ln q` over the round's last tenth, kT (up to a constant of the potential).
    #[serde(deserialize_with = "nan_from_null")]
    pub loss_kt: f64,
    /// Effective sample size of the last draws, those of ten steps and at least 500, as a fraction of their number.
    #[serde(deserialize_with = "nan_from_null")]
    pub ess_fraction: f64,
    /// Largest spread of the ensemble over the bins with F below the cap, kT.
    #[serde(deserialize_with = "nan_from_null")]
    pub max_std_kt: f64,
    /// Root mean square of that spread, kT.
    #[serde(deserialize_with = "nan_from_null")]
    pub rms_std_kt: f64,
    /// Root mean square change of F since the round before, over the same bins, kT; absent in the first.
    pub change_kt: Option<f64>,
    /// All configurations sent to the plugin so far.
    pub energy_calls: u64,
    /// Seconds this round took.
    pub wall_seconds: f64,
}

/// JSON has no number that is not finite, and gets null for one: a round whose every draw failed must be read again.
fn nan_from_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_whose_numbers_are_not_finite_is_read_again() {
        let round = Round {
            index: 1,
            added: 0,
            walkers_at_frontier: 0.0,
            draws: 64,
            failed: 64,
            clipped: 0,
            filtered: 0,
            loss_kt: f64::NAN,
            ess_fraction: f64::NAN,
            max_std_kt: f64::INFINITY,
            rms_std_kt: 0.25,
            change_kt: None,
            energy_calls: 64,
            wall_seconds: 1.0,
        };
        let text = serde_json::to_string(&round).unwrap();
        let again: Round = serde_json::from_str(&text).unwrap();
        assert!(again.loss_kt.is_nan() && again.ess_fraction.is_nan() && again.max_std_kt.is_nan());
        assert_eq!((again.rms_std_kt, again.failed, again.change_kt), (0.25, 64, None));
        assert!(serde_json::from_str::<Round>(&text.replace("0.25", "\"a\"")).is_err());
    }
}
