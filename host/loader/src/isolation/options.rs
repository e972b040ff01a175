//! How a potential is opened.

use std::path::PathBuf;
use std::time::Duration;

use crate::creation::Creation;

/// How a potential is opened, beyond which one and with what configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Where its code runs.
    pub isolation: Isolation,
    /// The sha256 (hexadecimal) that the library must have.
    pub sha256: Option<String>,
    /// Whether to load a library that others than its user may write to.
    pub trust_writable: bool,
    /// What an instance is made with: a molecule, threads, a log.
    pub creation: Creation,
}

/// Where the code of a plugin runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Isolation {
    /// In this process: the least overhead, and a crash of the plugin ends the process.
    #[default]
    None,
    /// In worker processes, which are killed and started again where they crash or hang.
    Process(ProcessOptions),
}

/// What happens where the system cannot keep a plugin from all that it should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confinement {
    /// It is told, and the plugin runs with what there is.
    #[default]
    BestEffort,
    /// Nothing of the plugin is loaded.
    Required,
}

/// How worker processes are used.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessOptions {
    /// Worker processes at most. `None`: one for every thread of the machine where an instance takes one call at a time
    /// (`affine`, `serial`), else one.
    pub workers: Option<usize>,
    /// How long one call of the plugin may take. Then its cancel flag is raised.
    pub time_limit: Duration,
    /// How long it may take to heed that. Then it is killed.
    pub grace: Duration,
    /// How long loading the library and creating the instance may take.
    pub start_limit: Duration,
    /// How often workers may be started again before the potential is given up.
    pub max_restarts: u64,
    /// The memory of a worker, in bytes: it gets no more, and one that has grown by half of it is replaced between
    /// batches. `None`: that of the machine.
    pub memory: Option<u64>,
    /// Files and folders that a worker may write to, besides a scratch folder of its own (`TMPDIR`).
    pub writable: Vec<PathBuf>,
    /// What happens where the system cannot keep the plugin from all that it should.
    pub confinement: Confinement,
    /// Use no newer ABI of landlock than this, as an older kernel would: 1 as Linux 5.15, 2 as 6.1. `None`: what there is.
    pub landlock_at_most: Option<u32>,
    /// The executable of workers. `None`: environment `FREELAND_WORKER`, else `freeland-worker` beside the running
    /// executable, else beside the library that contains the loader.
    pub executable: Option<PathBuf>,
}

impl Default for ProcessOptions {
    fn default() -> Self {
        Self {
            workers: None,
            time_limit: Duration::from_secs(60),
            grace: Duration::from_secs(1),
            start_limit: Duration::from_secs(120),
            max_restarts: 1000,
            memory: None,
            writable: Vec::new(),
            confinement: Confinement::default(),
            landlock_at_most: None,
            executable: None,
        }
    }
}
