//! `freeland_potential`: an open potential, and its texts for C.

use std::ffi::CString;
use std::path::PathBuf;
use std::time::Duration;

use epp::sdk::Topology;
use epp::sys;
use freeland_loader::{
    Confinement, Creation, Isolation, Options, Potential, ProcessOptions, SearchPath, open_with,
};

use crate::error::Failure;
use crate::facts::{self, Texts};
use crate::own_folder::own_folder;
use crate::{log, structs};

/// `freeland_potential`
pub struct Handle {
    pub potential: Potential,
    pub description: CString,
    fingerprint: Option<CString>,
    parameters: Vec<Texts>,
    outputs: Vec<Texts>,
}

/// What `freeland_open` was given.
pub struct Wish<'a> {
    pub spec: &'a str,
    pub config: &'a str,
    pub folder: &'a str,
    pub search_path: &'a str,
    pub sha256: &'a str,
    pub writable: &'a str,
    pub topology: Option<Topology>,
    pub options: structs::Options,
}

const NAME: &str = "freeland_open";

fn wrong(argument: &'static str, problem: impl Into<String>) -> Failure {
    Failure::Argument { function: NAME, argument, problem: problem.into() }
}

impl Handle {
    /// Finds, loads and creates.
    pub fn open(wish: Wish<'_>) -> Result<Self, Failure> {
        if wish.spec.is_empty() {
            return Err(wrong("spec", "is NULL or empty"));
        }
        let config = match wish.config {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text)
                .map_err(|reason| Failure::NotJson { text: text.chars().take(80).collect(), reason })?,
        };
        let given = &wish.options;
        let is = |argument, value| match value {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(wrong(argument, format!("is {value}, expected 0 or 1"))),
        };
        let isolated = is("isolation", given.isolation)?;
        let required = is("confinement", given.confinement)?;
        let options = Options {
            isolation: if isolated { Isolation::Process(process(&wish, required)) } else { Isolation::None },
            sha256: Some(wish.sha256.to_owned()).filter(|digits| !digits.is_empty()),
            trust_writable: is("trust_writable", given.trust_writable)?,
            creation: Creation {
                topology: wish.topology.clone(),
                folder: folder(wish.folder)?,
                threads: Some(given.threads).filter(|&count| count > 0),
                log: log::of(given),
            },
        };
        Ok(Self::of(open_with(wish.spec, &config, &search_path(wish.search_path), &options)?))
    }

    /// Another for another molecule.
    pub fn derive(&self, topology: &Topology) -> Result<Self, Failure> {
        Ok(Self::of(self.potential.derive(topology)?))
    }

    fn of(potential: Potential) -> Self {
        let description = serde_json::to_string(potential.descriptor()).unwrap_or_default();
        Self {
            description: facts::text(&description),
            fingerprint: potential.info().fingerprint.as_deref().map(facts::text),
            parameters: potential.parameters().iter().map(Texts::of_parameter).collect(),
            outputs: potential.outputs().iter().map(Texts::of_output).collect(),
            potential,
        }
    }

    pub fn info(&self) -> sys::Info {
        facts::info(self.potential.info(), &self.fingerprint)
    }

    /// `None` beyond the last.
    pub fn parameter(&self, index: usize) -> Option<sys::Parameter> {
        Some(facts::parameter(self.potential.parameters().get(index)?, self.parameters.get(index)?))
    }

    /// `None` beyond the last.
    pub fn output(&self, index: usize) -> Option<sys::OutputDescription> {
        Some(facts::output(self.potential.outputs().get(index)?, self.outputs.get(index)?))
    }
}

fn process(wish: &Wish<'_>, required: bool) -> ProcessOptions {
    let (given, default) = (&wish.options, ProcessOptions::default());
    ProcessOptions {
        workers: usize::try_from(given.workers).ok().filter(|&count| count > 0),
        time_limit: match given.time_limit_ms {
            0 => default.time_limit,
            limit => Duration::from_millis(limit),
        },
        memory: Some(given.memory).filter(|&bytes| bytes > 0),
        writable: paths(wish.writable),
        confinement: if required { Confinement::Required } else { Confinement::BestEffort },
        ..default
    }
}

/// The folder as an absolute path, as the contract wants it.
fn folder(given: &str) -> Result<Option<PathBuf>, Failure> {
    if given.is_empty() {
        return Ok(None);
    }
    let absolute = std::path::absolute(given)
        .map_err(|reason| wrong("folder", format!("cannot be told from the working folder: {reason}")))?;
    Ok(Some(absolute))
}

/// Paths that are separated by colons; empty ones are left out.
fn paths(text: &str) -> Vec<PathBuf> {
    std::env::split_paths(text).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The caller's folders, then where every host looks, then beside this library.
fn search_path(extra: &str) -> SearchPath {
    let everywhere = SearchPath::new(&paths(extra));
    SearchPath::of(everywhere.folders().iter().cloned().chain(own_folder()))
}
