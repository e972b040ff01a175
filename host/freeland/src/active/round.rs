//! Records of what a run did.
use serde::{Deserialize, Serialize};

use crate::dynamics::StartingSummary;

/// The first part of a run: starting data and training by example. A line of `rounds.jsonl`, with index 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartingRound {
    /// Always 0.
    pub index: usize,
    /// The frames and how they were made.
    pub starting_data: StartingSummary,
    /// Mean of `-ln q(x|s)` over held-out frames for the flow that was kept.
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
    pub loss_kt: f64,
    /// Effective sample size of the round's last generation, as a fraction of its draws.
    pub ess_fraction: f64,
    /// Largest spread of the ensemble over the bins with F below the cap, kT.
    pub max_std_kt: f64,
    /// Root mean square of that spread, kT.
    pub rms_std_kt: f64,
    /// Root mean square change of F since the round before, over the same bins, kT; absent in the first.
    pub change_kt: Option<f64>,
    /// All configurations sent to the plugin so far.
    pub energy_calls: u64,
    /// Seconds this round took.
    pub wall_seconds: f64,
}
