//! Discovers, loads and calls energy plugins. No libtorch in here.
//!
//! A plugin is a shared library behind the C ABI of `epp.h`. [`SearchPath`] says where plugins are looked for,
//! [`Registry`] what their manifests say without executing anything, [`Library`] loads one and checks all it says, and
//! [`Potential`] is an instance that is evaluated. [`open()`] does all of it:
//!
//! ```no_run
//! use freeland_loader::{SearchPath, open};
//! let potential = open("mueller-brown", &serde_json::json!({}), &SearchPath::new(&[]))?;
//! let evaluation = potential.evaluate(&[-0.55, 1.44], true)?;
//! println!("{} {}", evaluation.energies[0], potential.info().units.energy());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod batch;
#[cfg(feature = "check")]
pub mod check;
mod creation;
mod descriptor;
#[cfg(target_os = "linux")]
mod ending;
mod entry;
mod error;
mod evaluate;
mod evaluator;
mod extensions;
mod facts;
mod floating_point;
mod host;
mod info;
mod inspect;
mod instance;
mod isolation;
mod library;
mod library_file;
mod log;
mod manifest;
mod needed;
mod opened;
mod output;
mod parameter;
mod potential;
mod problem;
mod registry;
mod request;
mod search;
mod spread;
mod status;
mod table;
mod text;
mod topology;
mod writable;

pub use creation::Creation;
pub use descriptor::{Descriptor, Determinism, Dtype, Symmetry, Threads, TopologyUse, Units};
pub use epp::sdk::{Electrons, Topology};
pub use error::{CreateError, EvaluateError, LoadError, OpenError};
pub use info::Info;
pub use inspect::Demands;
#[cfg(target_os = "linux")]
#[doc(hidden)]
pub use isolation::rehearsal;
#[doc(hidden)]
pub use isolation::serve as serve_worker;
pub use isolation::{Confinement, Faults, Isolation, IsolationError, Options, ProcessOptions};
pub use library::Library;
pub use library_file::{Abi, LibraryFile};
pub use log::{Level, Log};
pub use manifest::{EXTENSION, Manifest, ManifestError, Mismatch, sha256};
pub use output::{Output, Shape};
pub use parameter::Parameter;
pub use potential::Potential;
pub use problem::{DescriptorProblem, InstanceProblem, TableProblem, TextProblem};
pub use registry::{FindError, Found, Help, Listed, Registry};
pub use request::{Evaluation, Gradients, Positions, Request, Which, monotonic_ns};
pub use search::{SearchPath, VARIABLE};
pub use status::{Code, NO_STATUS, status_name};

/// Finds, loads and creates a potential in this process.
///
/// `spec`: an id, the path of a library with one potential, or `path.so#id`. `config`: a JSON object; null means `{}`.
///
/// # Errors
/// [`OpenError`] says what was not found, did not load, or was refused.
pub fn open(spec: &str, config: &serde_json::Value, path: &SearchPath) -> Result<Potential, OpenError> {
    open_with(spec, config, path, &Options::default())
}

/// As [`open()`], with [`Options`]: in worker processes, pinned to a sha256 that is compared before any code of the
/// library runs, from a folder that others may write to.
///
/// # Errors
/// As [`open()`], and [`LoadError::Pin`], and [`OpenError::Isolation`].
pub fn open_with(
    spec: &str,
    config: &serde_json::Value,
    path: &SearchPath,
    options: &Options,
) -> Result<Potential, OpenError> {
    let found = registry::find(spec, path)?;
    let (sha256, trust_writable) = (options.sha256.as_deref(), options.trust_writable);
    let listed_by = found.listed_by.as_deref();
    let demands = Demands { sha256, trust_writable, listed_by, ..Demands::default() };
    if let Isolation::Process(process) = &options.isolation {
        let (file, facts, workers) = isolation::open(&found, config, &demands, &options.creation, process)?;
        return Ok(Potential::new(file, facts, workers));
    }
    let library = Library::open_demanding(&found.library, &demands)?;
    let id = match (found.id, library.descriptors()) {
        (Some(id), _) => id,
        (None, [only]) => only.id.clone(),
        (None, _) => {
            let path = found.library.display().to_string();
            return Err(OpenError::Ambiguous { path, known: library.ids() });
        }
    };
    Ok(library.create(&id, config, &options.creation)?)
}
