//! Why a potential cannot live, or no longer lives, in worker processes.

use std::path::PathBuf;
use std::time::Duration;

/// Why workers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IsolationError {
    /// Another system.
    #[error("isolation needs Linux; on this system use isolation = \"none\"")]
    NeedsLinux,
    /// The executable of workers is not there.
    #[error("the executable of worker processes, freeland-worker, is not in {}; install it beside this program, or set FREELAND_WORKER to its path", places(.searched))]
    NoExecutable {
        /// Where it was looked for.
        searched: Vec<PathBuf>,
    },
    /// The system does not start it.
    #[error("the worker process '{}' cannot be started: {reason}", .path.display())]
    Spawn {
        /// The executable.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// Shared memory, a socket, a thread or a folder could not be had.
    #[error("{what} for a worker process cannot be had: {reason}")]
    Resource {
        /// What.
        what: &'static str,
        /// What the system says.
        reason: std::io::Error,
    },
    /// An option makes no sense.
    #[error("isolation: {what} is {found}, expected {expected}")]
    Option {
        /// Which one.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The system does not have what the confinement is made from.
    #[error(
        "plugin '{library}' is not loaded: confinement is required, and {}; use a newer kernel, or confinement = \"best-effort\" to run it all the same",
        .gaps.join("; ")
    )]
    Confinement {
        /// File name of the library.
        library: String,
        /// A sentence for each thing that the system does not keep it from.
        gaps: Vec<String>,
    },
    /// The worker ended before the instance was made.
    #[error(
        "the worker process of plugin '{library}' {how} while the plugin was loaded and created{words}; 'freeland plugin check' may tell why"
    )]
    Died {
        /// File name of the library.
        library: String,
        /// How it ended.
        how: String,
        /// Its last line of output, in a form to append.
        words: String,
    },
    /// The plugin took too long to load.
    #[error("plugin '{library}' was not ready {} s after its worker process was started; raise start-limit if it needs more", .limit.as_secs_f64())]
    StartLimit {
        /// File name of the library.
        library: String,
        /// The limit.
        limit: Duration,
    },
    /// The worker is another build, or says what makes no sense.
    #[error("the worker process of plugin '{library}' cannot be understood: {problem}")]
    Protocol {
        /// File name of the library.
        library: String,
        /// What is wrong.
        problem: String,
    },
}

fn places(searched: &[PathBuf]) -> String {
    searched.iter().map(|path| format!("'{}'", path.display())).collect::<Vec<_>>().join(" or ")
}
