//! How a verb ends, and the exit status that says so.

use std::process::ExitCode;

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well: 0.
    Good,
    /// It ran, and found something bad: 1.
    FoundBad,
    /// It could not run: 2, as for a usage error.
    CouldNotRun,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Good => 0,
            Outcome::FoundBad => 1,
            Outcome::CouldNotRun => 2,
        })
    }
}
