//! Checkpoints: the whole of a driver between two rounds, on disk.
//!
//! A round is three files: `round-N.flow.safetensors`, `round-N.state.safetensors` and, written last, `round-N.json`, which
//! names the digests of the other two. A round without its JSON never happened.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use freeland_loader::Faults;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::arrays::{Arrays, ArraysError};
use super::state_arrays;
use super::summary::PluginRecord;
use crate::active::{Driver, Round, StartingRound, State, new_flow};
use crate::config::Config;
use crate::flow;
use crate::system::{MOST_CALLS, Phase, Standardisation, System, SystemError};
use crate::train::{Adam, Replay};
use crate::write::{WriteError, atomically};

const FORMAT: u32 = 1;
/// No run comes near so many rounds.
const MOST_ROUNDS: usize = 1 << 15;
/// So many rounds are kept: the last, and one to go back to.
const KEPT: usize = 2;

/// A checkpoint that could not be written, or cannot be gone on from.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// Not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The flow's file.
    #[error(transparent)]
    Flow(#[from] flow::CheckpointError),
    /// A tensor could not be written.
    #[error("{}: cannot be written: {reason}; earlier checkpoints are untouched", path.display())]
    WriteTensors {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Not read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Cut off or changed.
    #[error(
        "{}: truncated or changed since it was written ({reason}). Delete the files of this round to go on from the one before",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Cut off or changed, and the only one there is.
    #[error(
        "{}: truncated or changed since it was written ({reason}); there is no other checkpoint, start the run anew",
        path.display()
    )]
    DamagedLast {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another format.
    #[error(
        "{}: checkpoint format {found}, this freeland reads {read}; go on with the freeland that wrote it, or start a new run",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// What is read.
        read: u32,
    },
    /// Made with other variables.
    #[error(
        "{}: checkpoint of another system: its {what} are {found}; the configuration gives {expected}. Resume with the \
         config.toml of the run folder, or start a new run",
        path.display()
    )]
    OtherSystem {
        /// The file.
        path: PathBuf,
        /// Which variables.
        what: &'static str,
        /// In the checkpoint.
        found: String,
        /// In the configuration.
        expected: String,
    },
    /// Made with another seed.
    #[error("{}: the checkpoint has seed {found}, the configuration {expected}; a run keeps its seed", path.display())]
    OtherSeed {
        /// The file.
        path: PathBuf,
        /// In the checkpoint.
        found: u64,
        /// In the configuration.
        expected: u64,
    },
    /// The scales of the fine coordinates.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The flow cannot be made.
    #[error(transparent)]
    Shape(#[from] flow::FlowError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: u32,
    seed: u64,
    plugin: PluginRecord,
    coarse: Vec<String>,
    standardisation: Standardisation,
    energy_calls: BTreeMap<Phase, u64>,
    #[serde(default)]
    failed_energy_calls: BTreeMap<i32, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    faults: Option<Faults>,
    adam_steps: i64,
    generations: Vec<usize>,
    replay_next: usize,
    started: StartingRound,
    rounds: Vec<Round>,
    flow_sha256: String,
    state_sha256: String,
}

impl Record {
    /// What is wrong with its numbers, which later sums rely on.
    fn fault(&self) -> Option<String> {
        let of_round = |round: &Round| {
            let Round { added, draws, failed, clipped, filtered, .. } = *round;
            [added, draws, failed, clipped, filtered].map(|count| count as u64)
        };
        let StartingRound { starting_data, epochs, energy_calls, .. } = &self.started;
        let counts = [starting_data.frames as u64, starting_data.restarts, *epochs as u64, *energy_calls];
        let largest = (counts.into_iter())
            .chain(self.rounds.iter().flat_map(of_round))
            .chain(self.rounds.iter().map(|round| round.energy_calls))
            .chain(self.energy_calls.values().copied())
            .chain(self.failed_energy_calls.values().copied())
            // A negative one becomes a large one.
            .chain([self.adam_steps as u64])
            .max();
        if let Some(count) = largest.filter(|count| *count > MOST_CALLS) {
            return Some(format!("it counts up to {count}"));
        }
        let numbered = (1..).zip(&self.rounds).all(|(index, round)| round.index == index);
        if !numbered || self.rounds.len() > MOST_ROUNDS {
            return Some(format!("its {} rounds are not those of a run", self.rounds.len()));
        }
        None
    }
}

/// The last complete round in a checkpoint folder.
#[derive(Debug)]
pub struct Saved {
    json: PathBuf,
    record: Record,
}

/// Writes the driver's round into `folder`, which exists, and deletes rounds that are no longer needed.
pub fn save(driver: &Driver, folder: &Path) -> Result<(), CheckpointError> {
    let (system, state) = (driver.system(), driver.state());
    let stem = format!("round-{:04}", state.rounds.len());
    let (flow, tensors) = paths(folder, &stem);
    driver.flow().save(&flow)?;
    state_arrays::write(driver, &tensors)
        .map_err(|reason| CheckpointError::WriteTensors { path: tensors.clone(), reason })?;
    let record = Record {
        format: FORMAT,
        seed: driver.config().seed,
        plugin: PluginRecord::of(driver.system()),
        coarse: system.coarse().iter().map(|v| v.name.clone()).collect(),
        standardisation: system.standardisation(),
        energy_calls: system.energy_calls().by_phase(),
        failed_energy_calls: system.energy_calls().failed(),
        faults: system.faults(),
        adam_steps: driver.optimiser().state().steps,
        generations: state.draws.columns().2.to_vec(),
        replay_next: state.replay.columns().3,
        started: state.started.clone(),
        rounds: state.rounds.clone(),
        flow_sha256: digest(&flow)?,
        state_sha256: digest(&tensors)?,
    };
    let json = serde_json::to_vec_pretty(&record).expect("records are plain numbers and text");
    atomically(&folder.join(format!("{stem}.json")), &json)?;
    let mut stems = stems(folder)?;
    stems.truncate(stems.len().saturating_sub(KEPT));
    for stem in stems {
        // The JSON goes first: without it the round does not exist.
        let (flow, tensors) = paths(folder, &stem);
        for path in [folder.join(format!("{stem}.json")), flow, tensors] {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!("{}: an old checkpoint could not be deleted: {error}", path.display());
            }
        }
    }
    Ok(())
}

impl Saved {
    /// Finds the last complete round; `None` if there is none.
    pub fn find(folder: &Path) -> Result<Option<Self>, CheckpointError> {
        let Some(stem) = stems(folder)?.pop() else { return Ok(None) };
        let json = folder.join(format!("{stem}.json"));
        let text =
            std::fs::read(&json).map_err(|source| CheckpointError::Read { path: json.clone(), source })?;
        let damaged = |error: serde_json::Error| CheckpointError::Damaged {
            path: json.clone(),
            reason: error.to_string(),
        };
        #[derive(Deserialize)]
        struct FormatOnly {
            format: u32,
        }
        let FormatOnly { format } = serde_json::from_slice(&text).map_err(damaged)?;
        if format != FORMAT {
            return Err(CheckpointError::Format { path: json, found: format, read: FORMAT });
        }
        let record: Record = serde_json::from_slice(&text).map_err(damaged)?;
        if let Some(reason) = record.fault() {
            return Err(CheckpointError::Damaged { path: json, reason });
        }
        let (flow, tensors) = paths(folder, &stem);
        for (path, expected) in [(flow, &record.flow_sha256), (tensors, &record.state_sha256)] {
            if digest(&path)? != *expected {
                let reason = "its sha256 is not the one in the checkpoint's JSON".to_owned();
                return Err(CheckpointError::Damaged { path, reason });
            }
        }
        Ok(Some(Self { json, record }))
    }

    /// The plugin the checkpoint was made with.
    pub fn plugin(&self) -> &PluginRecord {
        &self.record.plugin
    }

    /// Number of rounds done.
    pub fn rounds(&self) -> usize {
        self.record.rounds.len()
    }

    /// The driver as it was. `system`: freshly opened from `config`.
    pub fn resume(self, config: Config, system: System) -> Result<Driver, CheckpointError> {
        let Self { json, record } = self;
        let stem = json.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let (flow_path, tensors_path) = paths(json.parent().unwrap_or(Path::new(".")), &stem);
        let coarse: Vec<String> = system.coarse().iter().map(|v| v.name.clone()).collect();
        same(&json, "coarse variables", &record.coarse, &coarse)?;
        let system = system.with_checks(record.started.checks.clone());
        let fine: Vec<String> = system.fine().iter().map(|v| v.name.clone()).collect();
        let names: Vec<String> = record.standardisation.fine.iter().map(|fine| fine.name.clone()).collect();
        same(&json, "fine coordinates", &names, &fine)?;
        let system = system.with_standardisation(&record.standardisation)?;
        let system = system.with_faults(record.faults.unwrap_or_default());
        if record.seed != config.seed {
            return Err(CheckpointError::OtherSeed { path: json, found: record.seed, expected: config.seed });
        }
        system.energy_calls().restore(&record.energy_calls);
        system.energy_calls().restore_failed(&record.failed_energy_calls);
        let mut flow = new_flow(&config, &system)?;
        flow.restore(&flow_path)?;
        let bytes = std::fs::read(&tensors_path)
            .map_err(|source| CheckpointError::Read { path: tensors_path.clone(), source })?;
        let damaged = |error: ArraysError| CheckpointError::Damaged {
            path: tensors_path.clone(),
            reason: error.to_string(),
        };
        let arrays = Arrays::parse(&bytes).map_err(damaged)?;
        let mut adam = Adam::new(flow.parameters());
        let moments = state_arrays::moments(&arrays, &flow.parameters(), record.adam_steps);
        adam.restore(moments.map_err(damaged)?);
        let (coarse, fine) = (system.coarse().len(), system.fine().len());
        let count = record.rounds.iter().map(|round| round.draws).sum();
        let draws = state_arrays::draws(&arrays, coarse, count, record.generations).map_err(damaged)?;
        let ensemble = if record.rounds.is_empty() {
            None
        } else {
            let ensemble = state_arrays::ensemble(&arrays, system.coarse(), &config.free_energy);
            Some(ensemble.map_err(damaged)?)
        };
        let mut replay = Replay::new(coarse, fine, config.training.replay.capacity);
        state_arrays::replay(&arrays, &mut replay, (coarse, fine), record.replay_next).map_err(damaged)?;
        if let Some(ensemble) = &ensemble {
            let mut scratch = ensemble.scratch();
            replay.normalise(config.training.replay.largest_ratio, |s| ensemble.f_kt(s, &mut scratch));
        }
        let state = State {
            replay,
            started: record.started,
            rounds: record.rounds,
            start_sites: state_arrays::start_sites(&arrays, coarse).map_err(damaged)?,
            draws,
            ensemble,
        };
        Ok(Driver::resume(config, system, flow, adam, state))
    }
}

fn same(
    path: &Path,
    what: &'static str,
    found: &[String],
    expected: &[String],
) -> Result<(), CheckpointError> {
    if found == expected {
        return Ok(());
    }
    let text = |names: &[String]| match names {
        [a, b, c, _, ..] => format!("{a}, {b}, {c}, ... ({} in number)", names.len()),
        names => names.join(", "),
    };
    Err(CheckpointError::OtherSystem {
        path: path.to_owned(),
        what,
        found: text(found),
        expected: text(expected),
    })
}

fn paths(folder: &Path, stem: &str) -> (PathBuf, PathBuf) {
    (folder.join(format!("{stem}.flow.safetensors")), folder.join(format!("{stem}.state.safetensors")))
}

/// `round-N` of every complete round, in order.
fn stems(folder: &Path) -> Result<Vec<String>, CheckpointError> {
    let unreadable = |source| CheckpointError::Read { path: folder.to_owned(), source };
    let mut stems = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".json"))
            && stem.starts_with("round-")
        {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    Ok(stems)
}

fn digest(path: &Path) -> Result<String, CheckpointError> {
    freeland_loader::sha256(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })
}
