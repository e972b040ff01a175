//! The `[training]` section: how the flow learns.
use serde::{Deserialize, Serialize};

use super::error::Refusal;

/// Both objectives.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrainingConfig {
    /// `[training.by-example]`: on the starting data.
    pub by_example: ByExampleConfig,
    /// `[training.by-energy]`: on energies and gradients of the plugin.
    pub by_energy: ByEnergyConfig,
    /// `[training.replay]`: on draws that have been paid for.
    pub replay: ReplayConfig,
}

/// Forward Kullback-Leibler divergence on the latest draws with their weights; begins once there is an F.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReplayConfig {
    /// Steps by replay after each step by energy; 0 (the default) for none. Helps where p(x|s) has several modes and x few
    /// dimensions; in many dimensions a few heavy weights lead the flow astray.
    pub steps: usize,
    /// So many of the latest draws are kept.
    pub capacity: usize,
    /// Normalised weights `w exp(F)` are cut here.
    pub largest_ratio: f64,
}

impl Default for ReplayConfig {
    fn default() -> Self {
        Self { steps: 0, capacity: 50_000, largest_ratio: 10.0 }
    }
}

/// Forward Kullback-Leibler divergence on frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ByExampleConfig {
    /// Times through the frames; the epoch that is best on held-out frames is kept.
    pub epochs: usize,
    /// Frames per step.
    pub batch: usize,
    /// Largest learning rate of Adam; a cosine brings it to zero.
    pub learning_rate: f64,
    /// Steps of linear warm-up, at most one epoch.
    pub warm_up_steps: usize,
    /// Fraction of frames held out.
    pub held_out: f64,
    /// Norm that the gradient of all parameters is cut to.
    pub clip_norm: f64,
}

impl Default for ByExampleConfig {
    fn default() -> Self {
        Self {
            epochs: 8,
            batch: 256,
            learning_rate: 1e-3,
            warm_up_steps: 10,
            held_out: 0.1,
            clip_norm: 100.0,
        }
    }
}

/// Reverse Kullback-Leibler divergence with the plugin's energies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ByEnergyConfig {
    /// How the gradient in the parameters is estimated.
    pub estimator: Estimator,
    /// Largest learning rate of Adam; a cosine over the budget of energy calls brings it down.
    pub learning_rate: f64,
    /// Steps of linear warm-up.
    pub warm_up_steps: usize,
    /// Norm that the gradient of one draw in its fine coordinates is cut to.
    pub clip_sample: f64,
    /// Norm that the gradient of all parameters is cut to.
    pub clip_norm: f64,
    /// So many draws of a batch, those with the largest losses, are left out of the gradient. They keep their weights.
    pub drop_largest: usize,
    /// Share of draws with one latent coordinate from a wider distribution, which shows what the flow misses.
    pub defensive_share: f64,
}

impl Default for ByEnergyConfig {
    fn default() -> Self {
        Self {
            estimator: Estimator::Path,
            learning_rate: 5e-4,
            warm_up_steps: 50,
            clip_sample: 20.0,
            clip_norm: 100.0,
            drop_largest: 0,
            defensive_share: 0.1,
        }
    }
}

/// Estimators of the gradient of the reverse divergence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// Path gradients: no noise where q = p.
    Path,
    /// The plain gradient through x = f(z; s).
    Reparametrised,
}

impl TrainingConfig {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let (example, energy) = (&self.by_example, &self.by_energy);
        let positive = [
            ("by-example.batch", example.batch as f64),
            ("by-example.epochs", example.epochs as f64),
            ("by-example.learning-rate", example.learning_rate),
            ("by-example.clip-norm", example.clip_norm),
            ("by-energy.learning-rate", energy.learning_rate),
            ("by-energy.clip-sample", energy.clip_sample),
            ("by-energy.clip-norm", energy.clip_norm),
            ("replay.capacity", self.replay.capacity as f64),
            ("replay.largest-ratio", self.replay.largest_ratio),
        ];
        for (key, value) in positive {
            if value.is_nan() || value <= 0.0 {
                return Err(Refusal::new(
                    format!("training.{key}"),
                    format!("expected a number above 0, got {value}"),
                ));
            }
        }
        if !(0.0..=0.9).contains(&energy.defensive_share) {
            let reason = format!("expected a fraction from 0 to 0.9, got {}", energy.defensive_share);
            return Err(Refusal::new("training.by-energy.defensive-share", reason));
        }
        if !(example.held_out > 0.0 && example.held_out <= 0.5) {
            let reason = format!("expected a fraction above 0, up to 0.5, got {}", example.held_out);
            return Err(Refusal::new("training.by-example.held-out", reason));
        }
        Ok(())
    }
}
