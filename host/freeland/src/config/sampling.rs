//! The `[sampling]` section: what `freeland sample` does.
use serde::{Deserialize, Serialize};

use super::active_learning::ActiveLearningConfig;
use super::error::Refusal;
use super::starting_data::StartingDataConfig;
use crate::units::{Dalton, Energy, Kt, PerPicosecond, Picosecond};

/// How F is sampled without a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Dynamics as it is: right where barriers are low.
    Langevin,
    /// Well-tempered metadynamics with many walkers on one bias, which is then frozen and reweighted.
    Metadynamics,
    /// Harmonic windows, added where F is low enough, put together by MBAR.
    Umbrella,
}

/// Long dynamics, with or without a bias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SamplingConfig {
    /// Walkers side by side.
    pub walkers: usize,
    /// Steps of each walker that count; one energy call each. Umbrella sampling shares `walkers * steps` among its windows.
    pub steps: usize,
    /// Steps of each walker with the final bias before they count.
    pub equilibration_steps: usize,
    /// Whether to minimise the energy of `coordinates.start` first; default: as in `[starting-data]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimise: Option<bool>,
    /// Length of a step; default: that of `[starting-data]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_step: Option<Picosecond>,
    /// Friction of the thermostat; default: that of `[starting-data]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friction: Option<PerPicosecond>,
    /// Mass of hydrogens; default: none where `time-step` is given, that of `[starting-data]` where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hydrogen_mass: Option<Dalton>,
    /// `[sampling.metadynamics]`.
    pub metadynamics: MetadynamicsConfig,
    /// `[sampling.umbrella]`.
    pub umbrella: UmbrellaConfig,
}

/// The bias of metadynamics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MetadynamicsConfig {
    /// Steps of each walker while the bias grows; then it is frozen.
    pub build_up_steps: usize,
    /// Height of the first hills; later ones are lower where the bias is high.
    pub height: Energy,
    /// Standard deviation of hills, as a fraction of each coarse variable's range.
    pub relative_width: f64,
    /// Steps between hills.
    pub pace: usize,
    /// `(T + dT) / T` of the coarse variables; above 1. Walkers sample `exp(-F / bias-factor)`.
    pub bias_factor: f64,
}

/// The windows of umbrella sampling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct UmbrellaConfig {
    /// Distance of neighbouring windows, as a fraction of each coarse variable's range.
    pub relative_spacing: f64,
    /// Standard deviation that a window's bias alone would leave, as a fraction of the range: its force constant is
    /// `kT / (relative-width * range)^2`.
    pub relative_width: f64,
    /// Windows are added as long as a neighbour's F is below this; default: `active-learning.max-free-energy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_free_energy: Option<Kt>,
    /// Steps of every window between two looks for new ones.
    pub growth_steps: usize,
    /// Every how many steps neighbouring windows may exchange their walkers.
    pub exchange_every: usize,
    /// Every how many steps a sample is kept.
    pub keep_every: usize,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self {
            walkers: 128,
            steps: 10_000,
            equilibration_steps: 1_000,
            minimise: None,
            time_step: None,
            friction: None,
            hydrogen_mass: None,
            metadynamics: MetadynamicsConfig::default(),
            umbrella: UmbrellaConfig::default(),
        }
    }
}

impl Default for MetadynamicsConfig {
    fn default() -> Self {
        Self {
            build_up_steps: 5_000,
            height: Energy::Kt(0.1),
            relative_width: 0.05,
            pace: 50,
            bias_factor: 6.0,
        }
    }
}

impl Default for UmbrellaConfig {
    fn default() -> Self {
        Self {
            relative_spacing: 0.05,
            relative_width: 0.03,
            max_free_energy: None,
            growth_steps: 400,
            exchange_every: 50,
            keep_every: 10,
        }
    }
}

impl SamplingConfig {
    /// With what other sections give where this one says nothing.
    pub(super) fn resolve(
        mut self,
        starting_data: &StartingDataConfig,
        active_learning: &ActiveLearningConfig,
    ) -> Result<Self, Refusal> {
        if let StartingDataConfig::Dynamics(dynamics) = starting_data {
            if self.time_step.is_none() {
                self.hydrogen_mass = self.hydrogen_mass.or(dynamics.hydrogen_mass);
            }
            self.time_step.get_or_insert(dynamics.time_step);
            self.friction.get_or_insert(dynamics.friction);
            self.minimise.get_or_insert(dynamics.minimise);
        }
        self.umbrella.max_free_energy.get_or_insert(active_learning.max_free_energy);
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), Refusal> {
        let Self { metadynamics, umbrella, .. } = self;
        if self.walkers < 2 {
            let reason = format!("expected at least 2, which the error is taken from, got {}", self.walkers);
            return Err(Refusal::new("sampling.walkers", reason));
        }
        for (key, count) in [
            ("steps", self.steps),
            ("metadynamics.build-up-steps", metadynamics.build_up_steps),
            ("metadynamics.pace", metadynamics.pace),
            ("umbrella.growth-steps", umbrella.growth_steps),
            ("umbrella.exchange-every", umbrella.exchange_every),
            ("umbrella.keep-every", umbrella.keep_every),
        ] {
            if count == 0 {
                return Err(Refusal::new(format!("sampling.{key}"), "expected at least 1, got 0"));
            }
        }
        let height = match metadynamics.height {
            Energy::Kt(value) | Energy::Absolute(value) => value,
        };
        for (key, value) in [
            ("time-step", self.time_step.map(|step| step.0)),
            ("friction", self.friction.map(|friction| friction.0)),
            ("hydrogen-mass", self.hydrogen_mass.map(|mass| mass.0)),
            ("metadynamics.height", Some(height)),
            ("umbrella.max-free-energy", umbrella.max_free_energy.map(|energy| energy.0)),
        ] {
            if value.is_some_and(|value| value.is_nan() || value <= 0.0) {
                let reason = format!("expected a number above 0, got {}", value.unwrap_or_default());
                return Err(Refusal::new(format!("sampling.{key}"), reason));
            }
        }
        for (key, fraction) in [
            ("metadynamics.relative-width", metadynamics.relative_width),
            ("umbrella.relative-spacing", umbrella.relative_spacing),
            ("umbrella.relative-width", umbrella.relative_width),
        ] {
            if !(1e-3..=0.5).contains(&fraction) {
                let reason = format!("expected a fraction of the range from 0.001 to 0.5, got {fraction}");
                return Err(Refusal::new(format!("sampling.{key}"), reason));
            }
        }
        if metadynamics.bias_factor.is_nan() || metadynamics.bias_factor <= 1.0 {
            let reason = format!("expected a number above 1, got {}", metadynamics.bias_factor);
            return Err(Refusal::new("sampling.metadynamics.bias-factor", reason));
        }
        if umbrella.growth_steps < 8 * umbrella.keep_every {
            let reason = format!(
                "expected at least 8 times keep-every ({}), so that windows can be put together, got {}",
                umbrella.keep_every, umbrella.growth_steps
            );
            return Err(Refusal::new("sampling.umbrella.growth-steps", reason));
        }
        if umbrella.relative_width * 3.0 < umbrella.relative_spacing {
            let reason = format!(
                "{} with windows {} apart leaves gaps between them; expected at least a third of relative-spacing",
                umbrella.relative_width, umbrella.relative_spacing
            );
            return Err(Refusal::new("sampling.umbrella.relative-width", reason));
        }
        Ok(())
    }
}
