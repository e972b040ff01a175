//! TOML text -> [`Raw`] (serde) -> [`Config`] (validated, units applied), and back.
//!
//! A section is one file: a type that reads and writes itself as a person types it, by
//! `#[serde(try_from = "RawSection", into = "RawSection")]`, with the rules of the section in `TryFrom`, whose errors
//! begin with the full key (`flow.bins: expected ...`). To add one: a field in [`Raw`], a field in [`Config`], the line
//! in each of the two conversions, and a line in `resolve_paths` if it holds paths.

pub mod atoms;
pub mod coarse;
pub mod coordinates;
pub mod domain;
pub mod error;
pub mod flow;
mod locate;
pub mod potential;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::units::Temperature;
use coarse::CoarseConfig;
use coordinates::CoordinatesConfig;
pub use error::{ConfigError, Refusal};
use flow::FlowConfig;
use potential::PotentialConfig;

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
    /// Which flow models `p(x | s)`.
    pub flow: FlowConfig,
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
    /// `[coarse]`; default: no coarse variable.
    #[serde(default)]
    pub coarse: CoarseConfig,
    /// `[flow]`; default: spline couplings.
    #[serde(default)]
    pub flow: FlowConfig,
}

fn default_seed() -> u64 {
    1
}

impl TryFrom<Raw> for Config {
    type Error = Refusal;

    fn try_from(raw: Raw) -> Result<Self, Refusal> {
        let Raw { title, seed, temperature, potential, coordinates, coarse, flow } = raw;
        if temperature.kt().is_nan() || temperature.kt() <= 0.0 {
            return Err(Refusal::new("temperature", format!("a temperature is above zero, got {temperature}")));
        }
        coarse.check_against(&coordinates)?;
        Ok(Self { title, seed, temperature, potential, coordinates, coarse, flow })
    }
}

impl From<Config> for Raw {
    fn from(config: Config) -> Self {
        let Config { title, seed, temperature, potential, coordinates, coarse, flow } = config;
        Self { title, seed, temperature, potential, coordinates, coarse, flow }
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

    /// Makes relative paths absolute, from `folder`.
    pub fn resolve_paths(&mut self, folder: &Path) {
        self.potential.resolve_paths(folder);
        self.coordinates.resolve_paths(folder);
    }
}
