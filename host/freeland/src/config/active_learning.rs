//! The `[active-learning]` section: where energy calls are spent, and when it is enough.
use serde::{Deserialize, Serialize};

use super::error::Refusal;
use crate::units::Kt;

/// Rounds, walkers in coarse space, and reasons to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ActiveLearningConfig {
    /// Every configuration ever sent to the plugin counts; the run stops before it would go over.
    pub max_energy_calls: u64,
    /// Rounds, at most.
    #[serde(default = "max_rounds")]
    pub max_rounds: usize,
    /// Training steps of a round.
    #[serde(default = "steps_per_round")]
    pub steps_per_round: usize,
    /// Sites of a training step; one draw and one energy call each.
    #[serde(default = "batch")]
    pub batch: usize,
    /// Walkers in coarse space. They cost no energy calls.
    #[serde(default = "batch")]
    pub walkers: usize,
    /// Steps a walker may take to find the frontier.
    #[serde(default = "exploration_steps")]
    pub exploration_steps: usize,
    /// Walkers stop where the ensemble disagrees by more than this: the frontier.
    #[serde(default = "spread_threshold")]
    pub spread_threshold: Kt,
    /// F above this is of no interest.
    pub max_free_energy: Kt,
    /// Centres kept of the frontier, the farthest from each other.
    #[serde(default = "centres")]
    pub centres: usize,
    /// Sites scattered around each centre, at most.
    #[serde(default = "sites_per_centre")]
    pub sites_per_centre: usize,
    /// Standard deviation of that scatter, as a fraction of each coarse variable's range.
    #[serde(default = "radius")]
    pub radius: f64,
    /// Fraction of a round's sites that may go to the frontier.
    #[serde(default = "frontier_share")]
    pub frontier_share: f64,
    /// Of the sites inside of what is known: fraction spread evenly below `max-free-energy` while there is a frontier.
    #[serde(default = "uniform_share_exploring")]
    pub uniform_share_exploring: f64,
    /// The same when there is none.
    #[serde(default = "uniform_share")]
    pub uniform_share: f64,
    /// Converged when the spread of the ensemble and the change of F between rounds, as root mean squares below
    /// `max-free-energy`, are below this.
    #[serde(default = "tolerance")]
    pub tolerance: Kt,
    /// And the effective sample size of the last draws is above this fraction of their number.
    #[serde(default = "least_ess_fraction")]
    pub least_ess_fraction: f64,
}

fn max_rounds() -> usize {
    100
}
fn steps_per_round() -> usize {
    100
}
fn batch() -> usize {
    256
}
fn exploration_steps() -> usize {
    2000
}
fn spread_threshold() -> Kt {
    Kt(1.0)
}
fn centres() -> usize {
    32
}
fn sites_per_centre() -> usize {
    200
}
fn radius() -> f64 {
    0.05
}
fn frontier_share() -> f64 {
    0.5
}
fn uniform_share_exploring() -> f64 {
    0.3
}
fn uniform_share() -> f64 {
    0.12
}
fn tolerance() -> Kt {
    Kt(0.05)
}
fn least_ess_fraction() -> f64 {
    0.1
}

impl ActiveLearningConfig {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let key = |name: &str| format!("active-learning.{name}");
        let counts = [
            ("max-energy-calls", self.max_energy_calls as usize),
            ("max-rounds", self.max_rounds),
            ("steps-per-round", self.steps_per_round),
            ("batch", self.batch),
            ("walkers", self.walkers),
            ("exploration-steps", self.exploration_steps),
            ("centres", self.centres),
            ("sites-per-centre", self.sites_per_centre),
        ];
        for (name, value) in counts {
            if value == 0 {
                return Err(Refusal::new(key(name), "expected at least 1, got 0"));
            }
        }
        let energies = [
            ("spread-threshold", self.spread_threshold),
            ("max-free-energy", self.max_free_energy),
            ("tolerance", self.tolerance),
        ];
        for (name, value) in energies {
            if value.0.is_nan() || value.0 <= 0.0 {
                return Err(Refusal::new(key(name), format!("expected an energy above 0 kT, got {value}")));
            }
        }
        let fractions = [
            ("radius", self.radius),
            ("frontier-share", self.frontier_share),
            ("uniform-share", self.uniform_share),
            ("uniform-share-exploring", self.uniform_share_exploring),
            ("least-ess-fraction", self.least_ess_fraction),
        ];
        for (name, value) in fractions {
            if !(0.0..=1.0).contains(&value) {
                return Err(Refusal::new(key(name), format!("expected a fraction from 0 to 1, got {value}")));
            }
        }
        Ok(())
    }
}
