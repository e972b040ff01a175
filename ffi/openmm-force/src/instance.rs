//! One plugin instance behind one Force in one Context.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use freeland_loader::{
    Confinement, Creation, EvaluateError, Info, Isolation, OpenError, Options, Potential, ProcessOptions,
    Request, SearchPath, open_with, status_name,
};

use crate::log;

/// What a plugin is opened with.
pub struct Settings<'a> {
    /// An id, the path of a library, or `path.so#id`.
    pub plugin: &'a [u8],
    /// A JSON object; empty means `{}`.
    pub config: &'a [u8],
    /// Folders to search first, separated by colons.
    pub search_path: &'a [u8],
    /// Hexadecimal digits; empty: any library.
    pub sha256: &'a [u8],
    /// What relative paths in the configuration start from; empty: the working folder.
    pub folder: &'a [u8],
    /// On how many threads one call may work; 0: as many as there are.
    pub threads: u32,
    /// Refuse to run a worker that cannot be kept from all that it should.
    pub confinement_required: bool,
    /// The folder of this library, searched last.
    pub own_folder: &'a [u8],
    /// Files and folders that a worker may write to, separated by colons.
    pub writable: &'a [u8],
    /// How long one call to a worker may take; 0: as every host has it.
    pub time_limit_ms: u64,
    /// The memory of a worker, bytes; 0: no limit.
    pub memory: u64,
    /// In a worker process, not in this one.
    pub in_worker: bool,
    /// Also a library that others may write to.
    pub trust_writable: bool,
}

/// Why a plugin was not opened.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Not UTF-8.
    #[error("its {0} is not UTF-8")]
    NotUtf8(&'static str),
    /// The configuration is not JSON.
    #[error("its config is no JSON: '{text}': {reason}")]
    NotJson {
        /// The start of the configuration.
        text: String,
        /// What the JSON reader says.
        reason: serde_json::Error,
    },
    /// A relative folder, and no working folder.
    #[error("its folder cannot be told from the working folder: {0}")]
    Folder(std::io::Error),
    /// The loader refuses.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Why one configuration has no energy.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The call as a whole.
    #[error(transparent)]
    Call(#[from] EvaluateError),
    /// This configuration.
    #[error("the configuration failed: {} (status {status})", status_name(*.status))]
    Sample {
        /// Its status.
        status: i32,
    },
}

/// An open plugin.
pub struct Instance {
    potential: Potential,
    parameters: Vec<(CString, f64)>,
    bonds: Vec<[u32; 2]>,
}

impl Instance {
    /// Finds, loads and creates.
    pub fn open(settings: &Settings<'_>) -> Result<Self, InstanceError> {
        let text = |bytes, name| std::str::from_utf8(bytes).map_err(|_| InstanceError::NotUtf8(name));
        let config = match text(settings.config, "config")? {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text)
                .map_err(|reason| InstanceError::NotJson { text: text.chars().take(80).collect(), reason })?,
        };
        let options = Options {
            isolation: if settings.in_worker {
                Isolation::Process(process_options(settings))
            } else {
                Isolation::None
            },
            sha256: Some(text(settings.sha256, "sha256")?.to_owned()).filter(|digits| !digits.is_empty()),
            trust_writable: settings.trust_writable
                || std::env::var_os(TRUST).is_some_and(|word| word == "1"),
            creation: Creation {
                topology: None,
                folder: folder(settings)?,
                threads: Some(settings.threads).filter(|&count| count > 0),
                log: log::of_plugins(),
            },
        };
        let spec = text(settings.plugin, "name")?;
        let potential = open_with(spec, &config, &search_path(settings), &options)?;
        // The loader reads names up to their NUL.
        let parameters = potential
            .parameters()
            .iter()
            .filter_map(|parameter| Some((CString::new(parameter.name.as_str()).ok()?, parameter.default)))
            .collect();
        let bonds = potential.topology().map(|topology| topology.bonds.clone()).unwrap_or_default();
        Ok(Self { potential, parameters, bonds })
    }

    /// What the plugin says of the instance.
    pub fn info(&self) -> &Info {
        self.potential.info()
    }

    /// Numbers in one configuration.
    pub fn coordinates(&self) -> usize {
        self.potential.coordinates()
    }

    /// Names and default values.
    pub fn parameters(&self) -> &[(CString, f64)] {
        &self.parameters
    }

    /// Pairs of atoms; none where the plugin does not tell its molecule.
    pub fn bonds(&self) -> &[[u32; 2]] {
        &self.bonds
    }

    /// Energy and gradient of one configuration.
    #[inline]
    pub fn evaluate(
        &self,
        positions: &[f64],
        box_rows: Option<&[f64]>,
        parameters: Option<&[f64]>,
        energy: &mut f64,
        gradient: &mut [f64],
    ) -> Result<(), StepError> {
        let mut status = [0];
        let mut request =
            Request::new(positions, &mut status).energies(std::slice::from_mut(energy)).gradients(gradient);
        if let Some(rows) = box_rows {
            request = request.box_rows(rows, 0);
        }
        if let Some(values) = parameters {
            request = request.parameters(values, 0);
        }
        self.potential.evaluate_into(request)?;
        match status[0] {
            0 => Ok(()),
            status => Err(StepError::Sample { status }),
        }
    }
}

/// Environment: `1` trusts libraries that others may write to, for all Forces of the process.
const TRUST: &str = "FREELAND_TRUST_WRITABLE";

fn process_options(settings: &Settings<'_>) -> ProcessOptions {
    let default = ProcessOptions::default();
    ProcessOptions {
        // A Context asks for one configuration at a time.
        workers: Some(1),
        time_limit: match settings.time_limit_ms {
            0 => default.time_limit,
            limit => Duration::from_millis(limit),
        },
        memory: Some(settings.memory).filter(|&bytes| bytes > 0),
        writable: paths(settings.writable),
        confinement: if settings.confinement_required {
            Confinement::Required
        } else {
            Confinement::BestEffort
        },
        ..default
    }
}

/// The folder as an absolute path, as the contract wants it.
fn folder(settings: &Settings<'_>) -> Result<Option<PathBuf>, InstanceError> {
    let given = Path::new(OsStr::from_bytes(settings.folder));
    if given.as_os_str().is_empty() {
        return Ok(None);
    }
    std::path::absolute(given).map(Some).map_err(InstanceError::Folder)
}

/// Paths that are separated by colons; empty ones are left out.
fn paths(text: &[u8]) -> Vec<PathBuf> {
    std::env::split_paths(OsStr::from_bytes(text)).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The Force's own folders, then where every host looks, then beside this library.
fn search_path(settings: &Settings<'_>) -> SearchPath {
    let everywhere = SearchPath::new(&paths(settings.search_path));
    let own =
        (!settings.own_folder.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(settings.own_folder)));
    SearchPath::of(everywhere.folders().iter().cloned().chain(own))
}
