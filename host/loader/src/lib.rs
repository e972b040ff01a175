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
//! println!("{} {}", evaluation.energies[0], potential.descriptor().units.energy());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
#[cfg(feature = "check")]
pub mod check;
pub mod configurations;
mod descriptor;
mod error;
mod evaluate;
mod extensions;
mod host;
mod info;
mod library;
mod manifest;
mod potential;
mod problem;
mod registry;
mod request;
mod search;
mod status;
mod table;
mod topology;

pub use descriptor::{Descriptor, Determinism, Dtype, Symmetry, Threads, Units};
pub use epp::sdk::Topology;
pub use error::{CreateError, EvaluateError, LoadError, Mismatch, OpenError};
pub use info::Info;
pub use library::Library;
pub use manifest::{Abi, EXTENSION, Manifest, ManifestError, sha256};
pub use potential::Potential;
pub use problem::{DescriptorProblem, InstanceProblem, TableProblem, TextProblem};
pub use registry::{FindError, Found, Help, Listed, Registry};
pub use request::{Evaluation, Gradients, Positions, Request, monotonic_ns};
pub use search::{SearchPath, VARIABLE};
pub use status::{Code, NO_STATUS, status_name};

/// Finds, loads and creates a potential.
///
/// `spec`: an id, the path of a library with one potential, or `path.so#id`. `config`: a JSON object; null means `{}`.
///
/// # Errors
/// [`OpenError`] says what was not found, did not load, or was refused.
pub fn open(spec: &str, config: &serde_json::Value, path: &SearchPath) -> Result<Potential, OpenError> {
    open_pinned(spec, None, config, path)
}

/// As [`open()`], and refuses a library whose sha256 (hexadecimal) is not `pin`, before any of its code runs.
///
/// # Errors
/// As [`open()`], and [`LoadError::Pin`].
pub fn open_pinned(
    spec: &str,
    pin: Option<&str>,
    config: &serde_json::Value,
    path: &SearchPath,
) -> Result<Potential, OpenError> {
    let found = registry::find(spec, path)?;
    let library = match pin {
        Some(pin) => Library::open_pinned(&found.library, pin)?,
        None => Library::open(&found.library)?,
    };
    let id = match (found.id, library.descriptors()) {
        (Some(id), _) => id,
        (None, [only]) => only.id.clone(),
        (None, _) => {
            let path = found.library.display().to_string();
            return Err(OpenError::Ambiguous { path, known: library.ids() });
        }
    };
    Ok(library.create(&id, config, None)?)
}
