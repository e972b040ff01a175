//! `freeland_potential`: an open potential, and its texts for C.

use std::ffi::CString;
use std::path::PathBuf;
use std::time::Duration;

use epp::sys;
use freeland_loader::{Isolation, Options, Potential, ProcessOptions, SearchPath, open_with};

use crate::arguments;
use crate::error::Failure;
use crate::own_folder::own_folder;

/// `freeland_potential`
pub struct Handle {
    pub potential: Potential,
    pub description: CString,
    pub parameters: Vec<(CString, f64)>,
}

/// What `freeland_open` was given.
pub struct Wish<'a> {
    pub spec: &'a str,
    pub config: &'a str,
    pub search_path: &'a str,
    pub sha256: &'a str,
    pub options: arguments::Options,
}

/// `freeland_options.isolation`
const WORKER: i32 = 1;

impl Handle {
    /// Finds, loads and creates.
    pub fn open(wish: &Wish<'_>) -> Result<Self, Failure> {
        let wrong = |argument, problem| Failure::Argument { function: "freeland_open", argument, problem };
        if wish.spec.is_empty() {
            return Err(wrong("spec", "is NULL or empty".to_owned()));
        }
        let config = match wish.config {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text)
                .map_err(|reason| Failure::NotJson { text: text.chars().take(80).collect(), reason })?,
        };
        let given = &wish.options;
        for (argument, value) in [("isolation", given.isolation), ("trust_writable", given.trust_writable)] {
            if !(0..=1).contains(&value) {
                return Err(wrong(argument, format!("is {value}, expected 0 or 1")));
            }
        }
        let default = ProcessOptions::default();
        let process = || ProcessOptions {
            workers: usize::try_from(given.workers).ok().filter(|&count| count > 0),
            time_limit: match given.time_limit_ms {
                0 => default.time_limit,
                limit => Duration::from_millis(limit),
            },
            ..default.clone()
        };
        let options = Options {
            isolation: if given.isolation == WORKER {
                Isolation::Process(process())
            } else {
                Isolation::None
            },
            sha256: Some(wish.sha256.to_owned()).filter(|digits| !digits.is_empty()),
            trust_writable: given.trust_writable == 1,
        };
        let potential = open_with(wish.spec, &config, &search_path(wish.search_path), &options)?;
        let text = |text: &str| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default();
        let description = serde_json::to_string(potential.descriptor()).unwrap_or_default();
        let parameters = potential.parameters().iter().map(|(name, value)| (text(name), *value)).collect();
        Ok(Self { description: text(&description), parameters, potential })
    }

    /// Facts as the header has them.
    pub fn info(&self) -> sys::Info {
        let info = self.potential.info();
        let bits = info.periodic.iter().enumerate().map(|(row, &periodic)| u32::from(periodic) << row);
        sys::Info {
            struct_size: size_of::<sys::Info>() as u64,
            atoms: info.atoms as u64,
            max_batch: info.max_batch.unwrap_or(0) as u64,
            preferred_batch: info.preferred_batch.unwrap_or(0) as u64,
            dimensions: info.dimensions as u32,
            periodic: bits.sum(),
            cutoff_nm: info.cutoff_nm.unwrap_or(0.0),
            withdrawn: info.withdrawn(),
            reserved: 0,
        }
    }
}

/// The caller's folders, then where every host looks, then beside this library.
fn search_path(extra: &str) -> SearchPath {
    let extra: Vec<PathBuf> =
        std::env::split_paths(extra).filter(|folder| !folder.as_os_str().is_empty()).collect();
    let everywhere = SearchPath::new(&extra);
    SearchPath::of(everywhere.folders().iter().cloned().chain(own_folder()))
}
