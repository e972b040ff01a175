//! What leaves `freeland sample`: its checkpoint and its summary.
//!
//! A checkpoint is `sampling-N.safetensors` and, written last, `sampling.json`, which names it with its digest.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use freeland_loader::Faults;
use serde::{Deserialize, Serialize};

use super::arrays::{self, Arrays};
use super::checkpoint::CheckpointError;
use super::summary::{BASIN_DEPTH_KT, PluginRecord};
use super::verdict::Verdict;
use crate::config::Config;
use crate::config::sampling::Method;
use crate::dynamics::{DynamicsError, Findings, Rotamers, Sampled, Sampling, Snapshot};
use crate::landscape::Basins;
use crate::space::Grid;
use crate::system::{Checks, MOST_CALLS, Phase, System};
use crate::write::atomically;

/// 1 had its arrays in an .npz, and no faults.
const FORMAT: u32 = 2;
const JSON: &str = "sampling.json";
/// How the names of files of arrays begin.
const PREFIX: &str = "sampling-";
/// The spread of F is reported below this free energy, kT.
const CAP_KT: f64 = 10.0;

/// The whole of a sampling run in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SamplingSummary {
    /// `"complete"`; absent while it goes on.
    pub outcome: Option<String>,
    /// Whether the result can be trusted; absent while it goes on.
    pub verdict: Option<Verdict>,
    /// How F was sampled.
    pub method: Method,
    /// Every configuration ever sent to the plugin.
    pub energy_calls: u64,
    /// The same by phase of the run.
    pub energy_calls_by_phase: BTreeMap<Phase, u64>,
    /// How often a walker was put back because its energy failed.
    pub restarts: u64,
    /// States of other torsions, and which of them no walker visited so far.
    pub rotamers: Rotamers,
    /// Basins below 10 kT that are deeper than 1 kT, and the passes between them; absent while it goes on.
    pub basins: Option<Basins>,
    /// What went wrong in worker processes and was made good; absent where the plugin runs in the host's own process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// Wall-clock time, in whatever sessions.
    pub wall_seconds: f64,
    /// The plugin.
    pub plugin: PluginRecord,
    /// Version of freeland.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// `rms_std_kt`, `max_std_kt` below 10 kT, `half_kld` between two halves of the data; null where one is no finite
    /// number.
    pub metrics: BTreeMap<String, f64>,
}

impl SamplingSummary {
    /// Of a run between two segments; with its free energy, or why there is none, when it is complete.
    pub fn of(
        sampling: &Sampling,
        sampled: Option<Result<&Sampled, &DynamicsError>>,
        wall_seconds: f64,
    ) -> Self {
        let system = sampling.system();
        let mut metrics = BTreeMap::new();
        let basins = sampled
            .and_then(Result::ok)
            .map(|sampled| sampled.landscape.basins(&Grid::bins(system.coarse()), BASIN_DEPTH_KT, CAP_KT));
        if let Some(Ok(sampled)) = sampled {
            let spread = sampled.landscape.spread_below(CAP_KT);
            let all = [
                ("rms_std_kt", spread.rms_kt),
                ("max_std_kt", spread.largest_kt),
                ("half_kld", sampled.half_kld),
            ];
            metrics.extend(all.map(|(name, value)| (name.to_owned(), value)));
        }
        let rotamers = sampling.rotamers();
        let verdict = sampled
            .map(|sampled| Verdict::of_sampling(sampled, CAP_KT, sampling.restarts()))
            .map(|verdict| verdict.with_hidden_states(&rotamers, "walkers"));
        Self {
            outcome: sampling.progress().phase.is_none().then(|| "complete".to_owned()),
            verdict,
            method: sampling.method(),
            energy_calls: system.energy_calls().total(),
            energy_calls_by_phase: system.energy_calls().by_phase(),
            restarts: sampling.restarts(),
            rotamers,
            basins,
            faults: system.faults(),
            wall_seconds,
            plugin: PluginRecord::of(system),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: sampling.seed(),
            metrics,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: u32,
    method: Method,
    seed: u64,
    plugin: PluginRecord,
    coarse: Vec<String>,
    energy_calls: BTreeMap<Phase, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    faults: Option<Faults>,
    wall_seconds: f64,
    #[serde(default)]
    findings: Findings,
    #[serde(default)]
    checks: Checks,
    counts: BTreeMap<String, u64>,
    /// Name and digest of the arrays.
    numbers: String,
    numbers_sha256: String,
}

/// The last checkpoint of a sampling run.
#[derive(Debug)]
pub struct SavedSampling {
    json: PathBuf,
    record: Record,
}

/// Whether there is a checkpoint of sampling in `folder`.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join(JSON).exists()
}

/// Writes a checkpoint into `folder`, which exists, and deletes the one before.
pub(super) fn save(sampling: &Sampling, wall_seconds: f64, folder: &Path) -> Result<(), CheckpointError> {
    let system = sampling.system();
    let Snapshot { counts, numbers, findings } = sampling.snapshot();
    let name = format!("{PREFIX}{}.safetensors", system.energy_calls().total());
    let path = folder.join(&name);
    atomically(&path, &arrays::to_bytes(&numbers))?;
    let record = Record {
        format: FORMAT,
        method: sampling.method(),
        seed: sampling.seed(),
        plugin: PluginRecord::of(system),
        coarse: system.coarse().iter().map(|variable| variable.name.clone()).collect(),
        energy_calls: system.energy_calls().by_phase(),
        faults: system.faults(),
        wall_seconds,
        findings,
        checks: system.checks().clone(),
        counts,
        numbers_sha256: digest(&path)?,
        numbers: name.clone(),
    };
    let json = serde_json::to_vec_pretty(&record).expect("records are plain numbers and text");
    atomically(&folder.join(JSON), &json)?;
    let unreadable = |source| CheckpointError::Read { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let old = entry.map_err(unreadable)?;
        let text = old.file_name().to_string_lossy().into_owned();
        if text.starts_with(PREFIX)
            && text != name
            && let Err(error) = std::fs::remove_file(old.path())
        {
            tracing::warn!("{}: an old checkpoint could not be deleted: {error}", old.path().display());
        }
    }
    Ok(())
}

fn digest(path: &Path) -> Result<String, CheckpointError> {
    freeland_loader::sha256(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })
}

impl SavedSampling {
    /// Finds the checkpoint in `folder`; `None` if there is none.
    pub(super) fn find(folder: &Path) -> Result<Option<Self>, CheckpointError> {
        let json = folder.join(JSON);
        if !json.exists() {
            return Ok(None);
        }
        let text =
            std::fs::read(&json).map_err(|source| CheckpointError::Read { path: json.clone(), source })?;
        let damaged = |reason: String| CheckpointError::DamagedLast { path: json.clone(), reason };
        #[derive(Deserialize)]
        struct FormatOnly {
            format: u32,
        }
        let FormatOnly { format } =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if format != FORMAT {
            return Err(CheckpointError::Format { path: json, found: format, read: FORMAT });
        }
        let record: Record = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if let Some(count) = record.energy_calls.values().find(|count| **count > MOST_CALLS) {
            return Err(damaged(format!("it counts up to {count}")));
        }
        // A name, not a way to somewhere else.
        if !record.numbers.starts_with(PREFIX) || record.numbers.contains(['/', '\\']) {
            return Err(damaged(format!("its arrays cannot be in '{}'", record.numbers)));
        }
        Ok(Some(Self { json, record }))
    }

    /// The plugin the checkpoint was made with.
    pub fn plugin(&self) -> &PluginRecord {
        &self.record.plugin
    }

    /// The method of the run.
    pub fn method(&self) -> Method {
        self.record.method
    }

    /// Wall-clock time so far.
    pub fn wall_seconds(&self) -> f64 {
        self.record.wall_seconds
    }

    /// The run as it was. `system`: freshly opened from `config`.
    ///
    /// # Errors
    /// The checkpoint is damaged, or of another run than `config` describes.
    pub fn resume(self, config: &Config, system: System) -> Result<Sampling, SavedSamplingError> {
        let Self { json, record } = self;
        let coarse: Vec<String> = system.coarse().iter().map(|variable| variable.name.clone()).collect();
        if coarse != record.coarse {
            let (found, expected) = (record.coarse.join(", "), coarse.join(", "));
            let what = "coarse variables";
            return Err(CheckpointError::OtherSystem { path: json, what, found, expected }.into());
        }
        if record.seed != config.seed {
            let (found, expected) = (record.seed, config.seed);
            return Err(CheckpointError::OtherSeed { path: json, found, expected }.into());
        }
        let path = json.with_file_name(&record.numbers);
        let damaged = |reason: String| CheckpointError::DamagedLast { path: path.clone(), reason };
        if digest(&path)? != record.numbers_sha256 {
            return Err(damaged("its sha256 is not the one in the checkpoint's JSON".to_owned()).into());
        }
        let bytes =
            std::fs::read(&path).map_err(|source| CheckpointError::Read { path: path.clone(), source })?;
        let numbers = Arrays::parse(&bytes).and_then(|arrays| arrays.all_doubles());
        let numbers = numbers.map_err(|error| damaged(error.to_string()))?;
        let system = system.with_faults(record.faults.unwrap_or_default()).with_checks(record.checks);
        system.energy_calls().restore(&record.energy_calls);
        let snapshot = Snapshot { counts: record.counts, numbers, findings: record.findings };
        Ok(Sampling::resume(system, config, record.method, snapshot)?)
    }
}

/// A checkpoint of sampling that cannot be gone on from.
#[derive(Debug, thiserror::Error)]
pub enum SavedSamplingError {
    /// Its files.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// It does not fit the run.
    #[error(transparent)]
    Dynamics(#[from] DynamicsError),
}
