//! Says whether a plugin can be trusted: the catalogue of rules, each tried in a process of its own.
//!
//! [`run`] does a [`Plan`] and gives a [`Report`]. The catalogue is [`catalogue`].

mod bench;
mod call;
mod catalogue;
mod child;
mod demand;
mod evaluation;
mod library;
mod memory;
mod plan;
mod process;
mod raw;
mod record;
mod report;
mod rule;
mod save;
mod scales;
mod schedule;
mod strays;
mod survey;
mod tables;
mod variation;
mod verdict;
mod waiting;

use std::path::PathBuf;

pub use catalogue::catalogue;
pub use plan::Plan;
pub use report::Report;
pub use rule::Check;
pub use schedule::{Progress, run};
pub use verdict::{CheckResult, Grade, Verdict};

use crate::text::list;

/// What a program does when it was started with the arguments of [`Plan::respond`] and a folder: it evaluates what
/// `request.json` in there asks for, writes the bits to `bits.json`, and ends the process.
///
/// # Errors
/// The request cannot be read, or the plugin fails.
pub fn respond(folder: &std::path::Path) -> Result<std::convert::Infallible, Box<dyn std::error::Error>> {
    process::respond(folder)
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The library cannot be read.
    #[error("plugin '{}' cannot be read: {reason}", .path.display())]
    Library {
        /// The library.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// No check has this id, nor begins like this.
    #[error("there is no check '{name}'; 'freeland plugin check --list' tells which there are")]
    UnknownCheck {
        /// What was asked for.
        name: String,
    },
    /// The library has no such potential.
    #[error("the library has no potential '{id}'; it has {}", list(.known))]
    UnknownId {
        /// What was asked for.
        id: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The configuration is no JSON object.
    #[error("the configuration '{text}' is no JSON object such as {{}}")]
    Config {
        /// What it is.
        text: String,
    },
    /// No process can be given so long.
    #[error("the time limit is {seconds} s; expected more than 0 and at most {most} s")]
    TimeLimit {
        /// What was asked for.
        seconds: f64,
        /// The longest there is.
        most: f64,
    },
    /// Checks are forks of this process, which is possible from one thread only.
    #[error(
        "this process has {found} threads; checks are forked from a process with one, or run with in_process"
    )]
    Threads {
        /// How many there are.
        found: usize,
    },
    /// No folder for temporary files.
    #[error("no folder for temporary files can be made: {0}")]
    Scratch(std::io::Error),
    /// No process.
    #[error("no process can be made: {0}")]
    Fork(std::io::Error),
}
