//! The result of all checks.

use std::path::PathBuf;

use serde::Serialize;

use super::verdict::{CheckResult, Verdict};

/// The result of all checks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The library.
    pub library: PathBuf,
    /// What it offers.
    pub potentials: Vec<String>,
    /// Makes the same random configurations again.
    pub seed: u64,
    /// One for each check, and where it is one of potentials for each of these.
    pub results: Vec<CheckResult>,
    /// How long all of it took.
    pub seconds: f64,
}

impl Report {
    /// Whether no rule was broken that is not mere information.
    pub fn is_good(&self) -> bool {
        !self.results.iter().any(CheckResult::is_bad)
    }

    /// How many ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict == verdict).count()
    }
}
