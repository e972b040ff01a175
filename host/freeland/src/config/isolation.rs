//! `potential.isolation` and `[potential.process]`: where the code of the plugin runs, and how it is kept in check there.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::Refusal;
use crate::units::{Megabyte, Second};

/// Where the code of the plugin runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In the process of the host.
    #[default]
    None,
    /// In worker processes, which are killed and started again where they crash or hang.
    Process,
}

/// What happens where the system cannot keep a plugin from all that it should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confinement {
    /// It is told, and the plugin runs with what there is.
    #[default]
    BestEffort,
    /// The plugin is not loaded.
    Required,
}

/// The `[potential.process]` section. It counts with `isolation = "process"` only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProcessConfig {
    /// Worker processes at most; default: one for every thread where the plugin takes one call at a time, else one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
    /// How long one call of the plugin may take; then it is told to stop.
    pub time_limit: Second,
    /// How long it may take to stop; then it is killed.
    pub grace: Second,
    /// How long it may take to load.
    pub start_limit: Second,
    /// How often workers may be started again before the run gives up.
    pub max_restarts: u64,
    /// Memory of a worker; default: that of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Megabyte>,
    /// Files and folders that the plugin may write to; relative paths are relative to the TOML file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writable: Vec<PathBuf>,
    /// What happens where the system cannot keep the plugin from all that it should.
    pub confinement: Confinement,
}

impl Default for ProcessConfig {
    fn default() -> Self {
        Self {
            workers: None,
            time_limit: Second(60.0),
            grace: Second(1.0),
            start_limit: Second(120.0),
            max_restarts: 1000,
            memory: None,
            writable: Vec::new(),
            confinement: Confinement::default(),
        }
    }
}

impl ProcessConfig {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        let key = |name: &str| format!("potential.process.{name}");
        if self.workers == Some(0) {
            return Err(Refusal::new(key("workers"), "expected at least 1, got 0"));
        }
        let times =
            [("time-limit", self.time_limit), ("grace", self.grace), ("start-limit", self.start_limit)];
        for (name, time) in times {
            // A year, in s.
            if !(1e-3..=31_536_000.0).contains(&time.0) {
                return Err(Refusal::new(
                    key(name),
                    format!("expected \"1 ms\" to \"8760 h\", got \"{time}\""),
                ));
            }
        }
        if let Some(memory) = self.memory.filter(|memory| !(64.0..=1e9).contains(&memory.0)) {
            let reason = format!("expected at least \"64 MB\", got \"{memory}\"");
            return Err(Refusal::new(key("memory"), reason));
        }
        Ok(())
    }
}
