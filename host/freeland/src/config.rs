//! TOML text -> [`Raw`] (serde) -> [`Config`] (validated, units applied), and back.
//!
//! A section is one file: a type that reads and writes itself as a person types it, by
//! `#[serde(try_from = "RawSection", into = "RawSection")]`, with the rules of the section in `TryFrom`, whose errors
//! begin with the full key (`flow.bins: expected ...`). To add one: a field in [`Raw`], a field in [`Config`], the line
//! in each of the two conversions, and a line in `resolve_paths` if it holds paths.

pub mod active_learning;
pub mod atoms;
pub mod coarse;
pub mod coordinates;
pub mod error;
pub mod flow;
pub mod free_energy;
pub mod isolation;
mod locate;
pub mod potential;
pub mod quantity;
pub mod sampling;
pub mod starting_data;
pub mod training;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::units::Temperature;
use active_learning::ActiveLearningConfig;
use coarse::CoarseConfig;
use coordinates::CoordinatesConfig;
pub use error::{ConfigError, Refusal};
use flow::FlowConfig;
use free_energy::FreeEnergyConfig;
use potential::PotentialConfig;
use sampling::SamplingConfig;
use starting_data::StartingDataConfig;
use training::TrainingConfig;

/// A run, validated. Serialises to the resolved TOML from which it reads back equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct Config {
    /// For people: figures and reports carry it.
    pub title: String,
    /// Every random number of the run follows from it.
    pub seed: u64,
    /// Temperature of the ensemble.
    pub temperature: Temperature,
    /// Which energy.
    pub potential: PotentialConfig,
    /// How positions become coordinates.
    pub coordinates: CoordinatesConfig,
    /// Which coordinates F is a function of.
    pub coarse: CoarseConfig,
    /// The frames a run starts from.
    pub starting_data: StartingDataConfig,
    /// The normalizing flow.
    pub flow: FlowConfig,
    /// How the flow learns.
    pub training: TrainingConfig,
    /// The ensemble fitted to the weights.
    pub free_energy: FreeEnergyConfig,
    /// Where energy calls are spent.
    pub active_learning: ActiveLearningConfig,
    /// What `freeland sample` does.
    pub sampling: SamplingConfig,
}

/// The file as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Raw {
    /// Free text; default: empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Seed of every random number; default 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// `"300 K"`, or `"10 reduced"` for kT in the unit of a reduced potential.
    pub temperature: Temperature,
    /// `[potential]`.
    pub potential: PotentialConfig,
    /// `[coordinates]`; default: internal coordinates derived from the bonds.
    #[serde(default)]
    pub coordinates: CoordinatesConfig,
    /// `[coarse]`; left out, it has no variables, and is refused with an example of how to write them.
    #[serde(default)]
    pub coarse: CoarseConfig,
    /// `[starting-data]`.
    pub starting_data: StartingDataConfig,
    /// `[flow]`.
    #[serde(default)]
    pub flow: FlowConfig,
    /// `[training]`.
    #[serde(default)]
    pub training: TrainingConfig,
    /// `[free-energy]`.
    #[serde(default)]
    pub free_energy: FreeEnergyConfig,
    /// `[active-learning]`.
    pub active_learning: ActiveLearningConfig,
    /// `[sampling]`.
    #[serde(default)]
    pub sampling: SamplingConfig,
}

fn default_seed() -> u64 {
    1
}

impl TryFrom<Raw> for Config {
    type Error = Refusal;

    fn try_from(raw: Raw) -> Result<Self, Refusal> {
        let Raw {
            title,
            seed,
            temperature,
            potential,
            coordinates,
            coarse,
            starting_data,
            flow,
            training,
            free_energy,
            active_learning,
            sampling,
        } = raw;
        if temperature.kt().is_nan() || temperature.kt() <= 0.0 {
            return Err(Refusal::new(
                "temperature",
                format!("a temperature is above zero, got {temperature}"),
            ));
        }
        coarse.check_against(&coordinates)?;
        starting_data.check()?;
        training.check()?;
        free_energy.check()?;
        active_learning.check()?;
        let sampling = sampling.resolve(&starting_data, &active_learning)?;
        Ok(Self {
            title,
            seed,
            temperature,
            potential,
            coordinates,
            coarse,
            starting_data,
            flow,
            training,
            free_energy,
            active_learning,
            sampling,
        })
    }
}

impl From<Config> for Raw {
    fn from(config: Config) -> Self {
        let Config {
            title,
            seed,
            temperature,
            potential,
            coordinates,
            coarse,
            starting_data,
            flow,
            training,
            free_energy,
            active_learning,
            sampling,
        } = config;
        Self {
            title,
            seed,
            temperature,
            potential,
            coordinates,
            coarse,
            starting_data,
            flow,
            training,
            free_energy,
            active_learning,
            sampling,
        }
    }
}

impl Config {
    /// Reads a file; relative paths in it are relative to its folder.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Read { file: file.to_owned(), source };
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        let mut config = Self::parse(&text, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::path::absolute(folder).map_err(unreadable)?;
        config.resolve_paths(&folder);
        Ok(config)
    }

    /// Reads text; `file` is its name in errors. Paths stay as written.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| locate::explain(text, file, &error))
    }

    /// The resolved TOML, every default written out.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(ConfigError::Write)
    }

    /// What the command line says instead of the file; `None` leaves the file's word.
    pub fn apply(&mut self, plugin: Option<&str>, seed: Option<u64>, max_energy_calls: Option<u64>) {
        if let Some(plugin) = plugin {
            self.potential.choose(plugin);
        }
        self.seed = seed.unwrap_or(self.seed);
        let active = &mut self.active_learning;
        active.max_energy_calls = max_energy_calls.unwrap_or(active.max_energy_calls);
    }

    /// Makes relative paths absolute, from `folder`.
    pub fn resolve_paths(&mut self, folder: &Path) {
        self.potential.resolve_paths(folder);
        self.coordinates.resolve_paths(folder);
        self.coarse.resolve_paths(folder);
        self.starting_data.resolve_paths(folder);
    }
}
