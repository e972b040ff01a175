//! The `[starting-data]` section: the frames a run starts from.
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Refusal;
use crate::units::{Dalton, Energy, PerPicosecond, Picosecond};

/// Energy calls of the minimisation of a start, at most.
pub const MINIMISATION_CALLS: usize = 300;

/// How frames are obtained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum StartingDataConfig {
    /// Given: a `.npy`, `.pdb` or `.dcd` file.
    Frames(FramesConfig),
    /// Made by Langevin dynamics through the plugin; with hills, by well-tempered metadynamics.
    Dynamics(DynamicsConfig),
}

/// Frames from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FramesConfig {
    /// The file; a relative path is relative to the TOML file.
    pub file: PathBuf,
    /// Every how many frames one is used.
    #[serde(default = "one")]
    pub keep_every: usize,
}

/// Walkers with Langevin dynamics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DynamicsConfig {
    /// Whether to minimise the energy of `coordinates.start` first, with at most 300 energy calls.
    #[serde(default)]
    pub minimise: bool,
    /// Walkers side by side.
    pub walkers: usize,
    /// Steps of each walker; one energy call each.
    pub steps: usize,
    /// Steps before the first frame is kept, one energy call each as well.
    #[serde(default)]
    pub equilibration_steps: usize,
    /// Every how many steps the positions are kept as a frame.
    #[serde(default = "twenty")]
    pub keep_every: usize,
    /// Length of a step.
    pub time_step: Picosecond,
    /// Friction of the thermostat.
    pub friction: PerPicosecond,
    /// Mass of hydrogens, taken from what they are bonded to, so that longer steps hold; it changes no distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hydrogen_mass: Option<Dalton>,
    /// `[starting-data.hills]`: a bias on the coarse variables, shared by all walkers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hills: Option<HillsConfig>,
}

/// A bias that grows where walkers have been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HillsConfig {
    /// Height of the first hills; later ones are lower where the bias is high.
    pub height: Energy,
    /// Standard deviation of hills, as a fraction of each coarse variable's range.
    #[serde(default = "hill_width")]
    pub relative_width: f64,
    /// Steps between hills.
    #[serde(default = "twenty")]
    pub pace: usize,
    /// `(T + dT) / T` of the coarse variables; above 1.
    #[serde(default = "bias_factor")]
    pub bias_factor: f64,
}

fn one() -> usize {
    1
}

fn twenty() -> usize {
    20
}

fn hill_width() -> f64 {
    0.05
}

fn bias_factor() -> f64 {
    10.0
}

impl StartingDataConfig {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Frames(frames) => at_least_one("keep-every", frames.keep_every),
            Self::Dynamics(dynamics) => dynamics.check(),
        }
    }

    /// Energy calls that the frames take, at most.
    pub fn calls(&self) -> u64 {
        match self {
            Self::Frames(_) => 0,
            Self::Dynamics(dynamics) => {
                let minimisation = if dynamics.minimise { MINIMISATION_CALLS } else { 0 };
                // One call tells the gradient that the first step begins with.
                let of_walker =
                    (1 + dynamics.equilibration_steps as u64).saturating_add(dynamics.steps as u64);
                of_walker.saturating_mul(dynamics.walkers as u64).saturating_add(minimisation as u64)
            }
        }
    }

    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        if let Self::Frames(frames) = self {
            frames.file = folder.join(&frames.file);
        }
    }
}

impl DynamicsConfig {
    fn check(&self) -> Result<(), Refusal> {
        at_least_one("walkers", self.walkers)?;
        at_least_one("steps", self.steps)?;
        at_least_one("keep-every", self.keep_every)?;
        positive("time-step", self.time_step.0)?;
        positive("friction", self.friction.0)?;
        self.hydrogen_mass.map_or(Ok(()), |mass| positive("hydrogen-mass", mass.0))?;
        let Some(hills) = &self.hills else { return Ok(()) };
        at_least_one("hills.pace", hills.pace)?;
        positive("hills.relative-width", hills.relative_width)?;
        if hills.bias_factor.is_nan() || hills.bias_factor <= 1.0 {
            let reason = format!("expected a number above 1, got {}", hills.bias_factor);
            return Err(Refusal::new("starting-data.hills.bias-factor", reason));
        }
        Ok(())
    }
}

fn at_least_one(key: &str, value: usize) -> Result<(), Refusal> {
    if value > 0 {
        return Ok(());
    }
    Err(Refusal::new(format!("starting-data.{key}"), "expected at least 1, got 0"))
}

fn positive(key: &str, value: f64) -> Result<(), Refusal> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Refusal::new(format!("starting-data.{key}"), format!("expected a number above 0, got {value}")))
}
