//! The run folder, which other programs read.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::checkpoint::{self, CheckpointError, Saved};
use super::figure::{FigureError, draw};
use super::html;
use super::lock::{Lock, LockError};
use super::sampling::{self, SamplingSummary, SavedSampling};
use super::summary::Summary;
use crate::active::{Driver, Outcome};
use crate::config::{Config, ConfigError};
use crate::dynamics::{DynamicsError, Sampling};
use crate::landscape::Landscape;
use crate::space::Axis;
use crate::write::{WriteError, atomically, sweep};

/// A folder with `config.toml`, `rounds.jsonl`, `summary.json`, `pmf.npz`, `checkpoint/`, `figures/` and `report.html`,
/// which no other process opens as long as this value or a clone of it lives.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    _lock: Arc<Lock>,
}

/// What can go wrong with a run folder.
#[derive(Debug, Error)]
pub enum RunFolderError {
    /// A new run may not overwrite an old one.
    #[error("{}: there is a run already; go on with --resume {}, or choose another --out", path.display(), path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing to resume.
    #[error("{}: not a run folder: it has no config.toml", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// A folder could not be made.
    #[error("{}: cannot be made: {source}", path.display())]
    Make {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody else is at work.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A file.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The figure.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The result of sampling.
    #[error(transparent)]
    Sampling(#[from] DynamicsError),
    /// A folder of `freeland sample` given to `freeland run`, or the other way round.
    #[error("{}: this folder was made by `freeland {found}`; go on with it there", path.display())]
    OtherVerb {
        /// The folder.
        path: PathBuf,
        /// The verb.
        found: &'static str,
    },
}

impl RunFolder {
    /// Refuses a path where there is a run already.
    pub fn refuse_existing(path: &Path) -> Result<(), RunFolderError> {
        if config_of(path).exists() {
            return Err(RunFolderError::Exists { path: path.to_owned() });
        }
        Ok(())
    }

    /// Makes a folder for a new run and writes its resolved configuration.
    pub fn create(path: &Path, config: &Config) -> Result<Self, RunFolderError> {
        for folder in [path.to_owned(), path.join("checkpoint"), path.join("figures")] {
            std::fs::create_dir_all(&folder)
                .map_err(|source| RunFolderError::Make { path: folder, source })?;
        }
        let folder = Self::locked(path)?;
        Self::refuse_existing(path)?;
        folder.write_config(config)?;
        Ok(folder)
    }

    /// Writes the resolved configuration.
    pub fn write_config(&self, config: &Config) -> Result<(), RunFolderError> {
        Ok(atomically(&self.config_path(), config.to_toml()?.as_bytes())?)
    }

    /// Opens the folder of a run that was begun.
    pub fn open(path: &Path) -> Result<Self, RunFolderError> {
        if !config_of(path).exists() {
            return Err(RunFolderError::NotARun { path: path.to_owned() });
        }
        Self::locked(path)
    }

    /// Keeps other processes out, and takes away what an interrupted one left half written.
    fn locked(path: &Path) -> Result<Self, RunFolderError> {
        let folder = Self { path: path.to_owned(), _lock: Arc::new(Lock::of(path)?) };
        for part in [path.to_owned(), folder.checkpoint_path(), path.join("figures")] {
            sweep(&part);
        }
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `config.toml`.
    pub fn config_path(&self) -> PathBuf {
        config_of(&self.path)
    }

    /// `pmf.npz`.
    pub fn pmf_path(&self) -> PathBuf {
        self.path.join("pmf.npz")
    }

    /// `report.html`.
    pub fn report_path(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// `checkpoint/`.
    pub fn checkpoint_path(&self) -> PathBuf {
        self.path.join("checkpoint")
    }

    /// The last complete round, if there is one.
    pub fn saved(&self) -> Result<Option<Saved>, RunFolderError> {
        if sampling::is_there(&self.checkpoint_path()) {
            return Err(RunFolderError::OtherVerb { path: self.path.clone(), found: "sample" });
        }
        Ok(Saved::find(&self.checkpoint_path())?)
    }

    /// The last checkpoint of sampling, if there is one.
    pub fn saved_sampling(&self) -> Result<Option<SavedSampling>, RunFolderError> {
        if Saved::find(&self.checkpoint_path())?.is_some() {
            return Err(RunFolderError::OtherVerb { path: self.path.clone(), found: "run" });
        }
        Ok(SavedSampling::find(&self.checkpoint_path())?)
    }

    /// Writes a checkpoint of sampling between two segments, and the summary without metrics.
    pub fn save_sampling(&self, sampling: &Sampling, wall_seconds: f64) -> Result<(), RunFolderError> {
        sampling::save(sampling, wall_seconds, &self.checkpoint_path())?;
        self.write_summary(&SamplingSummary::of(sampling, None, wall_seconds))
    }

    /// Writes the free energy of sampling, its figure, and the summary; the summary alone, whose verdict says why, where
    /// what was sampled gives no free energy.
    pub fn finish_sampling(
        &self,
        sampling: &Sampling,
        title: &str,
        wall_seconds: f64,
    ) -> Result<SamplingSummary, RunFolderError> {
        let sampled = sampling.sampled();
        let summary = SamplingSummary::of(sampling, Some(sampled.as_ref()), wall_seconds);
        if let Ok(sampled) = sampled {
            self.save_pmf(sampling.system().coarse(), title, &sampled.landscape)?;
        }
        self.write_summary(&summary)?;
        Ok(summary)
    }

    fn write_summary(&self, summary: &impl serde::Serialize) -> Result<(), RunFolderError> {
        let json = serde_json::to_vec_pretty(summary).expect("a summary is plain numbers and text");
        Ok(atomically(&self.path.join("summary.json"), &json)?)
    }

    /// Writes everything there is to know after a round; the checkpoint first.
    pub fn save(&self, driver: &Driver, outcome: Option<Outcome>) -> Result<Summary, RunFolderError> {
        checkpoint::save(driver, &self.path.join("checkpoint"))?;
        self.report(driver, outcome)
    }

    /// Writes everything but the checkpoint: of a run whose last round could not be completed.
    pub fn report(&self, driver: &Driver, outcome: Option<Outcome>) -> Result<Summary, RunFolderError> {
        let state = driver.state();
        let mut lines = line(&state.started);
        lines.extend(state.rounds.iter().flat_map(line));
        atomically(&self.path.join("rounds.jsonl"), &lines)?;
        let summary = Summary::of(driver, outcome);
        self.write_summary(&summary)?;
        let figure = match driver.pmf() {
            Some(pmf) => self.save_pmf(driver.system().coarse(), &driver.config().title, pmf)?,
            None => None,
        };
        let title = &driver.config().title;
        let page = html::page(title, &summary, &state.started, &state.rounds, figure.as_deref());
        atomically(&self.report_path(), page.as_bytes())?;
        Ok(summary)
    }

    /// `pmf.npz` and, in one or two dimensions, its figure, whose SVG text is returned.
    pub(super) fn save_pmf(
        &self,
        variables: &[Axis],
        title: &str,
        pmf: &Landscape,
    ) -> Result<Option<String>, RunFolderError> {
        pmf.write(&self.pmf_path())?;
        if !(1..=2).contains(&pmf.axes.len()) {
            return Ok(None);
        }
        let svg = self.path.join("figures/pmf.svg");
        draw(pmf, variables, title, &svg)?;
        draw(pmf, variables, title, &self.path.join("figures/pmf.png"))?;
        Ok(std::fs::read_to_string(&svg).ok())
    }
}

fn config_of(folder: &Path) -> PathBuf {
    folder.join("config.toml")
}

fn line(record: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(record).expect("records are plain numbers and text");
    line.push(b'\n');
    line
}
