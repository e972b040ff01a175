//! What is to be checked, and how.

use std::path::PathBuf;

/// What is to be checked, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The library.
    pub library: PathBuf,
    /// The potential; `None`: all of the library.
    pub id: Option<String>,
    /// The configuration that instances are created with, a JSON object.
    pub config: String,
    /// Only these checks, and what they need: ids, or beginnings of ids such as `library/`. Empty: all.
    pub only: Vec<String>,
    /// Makes the same random configurations again.
    pub seed: u64,
    /// Checks that run at the same time; at least 1.
    pub jobs: usize,
    /// Everything in this process, for debuggers: a crash of the plugin is one of the program then.
    pub in_process: bool,
    /// Where configurations at which a check failed are saved; `None`: nowhere.
    pub save: Option<PathBuf>,
    /// Kill a check after so many seconds; `None`: after what the check allows itself, 30 or 60.
    pub time_limit: Option<f64>,
    /// Arguments with which the running program answers to another one of its kind, by
    /// [`respond`](crate::check::respond); a folder is appended to them. Empty: it cannot.
    pub respond: Vec<String>,
}

impl Plan {
    /// Everything, with the defaults.
    pub fn new(library: impl Into<PathBuf>) -> Self {
        Self {
            library: library.into(),
            id: None,
            config: "{}".to_owned(),
            only: Vec::new(),
            seed: 0,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            in_process: false,
            save: None,
            time_limit: None,
            respond: Vec::new(),
        }
    }

    /// Whether a check was asked for.
    pub(crate) fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| id.starts_with(only.as_str()))
    }
}
