//! One plugin instance behind one Force in one Context.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use freeland_loader::{
    EvaluateError, Info, Isolation, OpenError, Options, Potential, ProcessOptions, Request, SearchPath,
    open_with, status_name,
};

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
    /// The folder of this library, searched last.
    pub own_folder: &'a [u8],
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
            // A Context asks for one configuration at a time.
            isolation: if settings.in_worker {
                Isolation::Process(ProcessOptions { workers: Some(1), ..ProcessOptions::default() })
            } else {
                Isolation::None
            },
            sha256: Some(text(settings.sha256, "sha256")?.to_owned()).filter(|digits| !digits.is_empty()),
            trust_writable: settings.trust_writable,
        };
        let spec = text(settings.plugin, "name")?;
        let potential = open_with(spec, &config, &search_path(settings), &options)?;
        // The loader reads names up to their NUL.
        let parameters = potential
            .parameters()
            .iter()
            .filter_map(|(name, value)| Some((CString::new(name.as_str()).ok()?, *value)))
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

/// The Force's own folders, then where every host looks, then beside this library.
fn search_path(settings: &Settings<'_>) -> SearchPath {
    let extra: Vec<PathBuf> = std::env::split_paths(OsStr::from_bytes(settings.search_path))
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    let everywhere = SearchPath::new(&extra);
    let own =
        (!settings.own_folder.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(settings.own_folder)));
    SearchPath::of(everywhere.folders().iter().cloned().chain(own))
}
