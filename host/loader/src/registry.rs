//! Which potentials there are, from manifests alone: no code of a plugin is executed.

use std::path::{Path, PathBuf};

use object::{Object, ReadCache};

use crate::manifest::{EXTENSION, Manifest, ManifestError};
use crate::opened::Opened;
use crate::search::SearchPath;
use crate::text::list;

/// How file names of libraries end.
const LIBRARY: &str = std::env::consts::DLL_SUFFIX;
/// Ids less alike than this (Jaro-Winkler, 0 to 1) are not worth suggesting.
const ALIKE: f64 = 0.75;

/// What lies in the search path.
#[derive(Debug)]
pub struct Registry {
    /// Libraries with a manifest, in the order of the search path, then by file name.
    pub listed: Vec<Listed>,
    /// Plugin libraries without a manifest: nothing can be said of them before one is made, by
    /// `freeland plugin manifest LIBRARY`.
    pub unlisted: Vec<PathBuf>,
    /// Manifests that could not be used.
    pub broken: Vec<ManifestError>,
    searched: Vec<PathBuf>,
}

/// A library with a manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The library, which may be missing.
    pub library: PathBuf,
    /// Whether the library is there.
    pub present: bool,
    /// What the manifest says.
    pub manifest: Manifest,
    /// Where the manifest is.
    pub listed_by: PathBuf,
}

/// A potential that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its library.
    pub library: PathBuf,
    /// Its id; `None`: the only one of a library that was named by its path.
    pub id: Option<String>,
    /// The manifest that has it; `None` of one that was named by its path.
    pub listed_by: Option<PathBuf>,
}

/// Why a potential was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// No manifest has this id.
    #[error("there is no plugin '{id}'{}", .help)]
    Unknown {
        /// What was asked for.
        id: String,
        /// What to do.
        help: Help,
    },
    /// The library was named by its path, which does not exist.
    #[error("plugin '{}' does not exist", .path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The manifest has the id, but its library is gone.
    #[error("plugin '{id}' is in a manifest, but its library '{}' does not exist; build or install it", .path.display())]
    LibraryGone {
        /// What was asked for.
        id: String,
        /// Where the library should be.
        path: PathBuf,
    },
}

/// What to do about an unknown id.
#[derive(Debug)]
pub struct Help {
    /// Known ids that look like it, the most similar first.
    pub nearest: Vec<String>,
    /// All known ids.
    pub known: Vec<String>,
    /// Libraries without a manifest, one of which may have it.
    pub unlisted: Vec<PathBuf>,
    /// Where was looked.
    pub searched: Vec<PathBuf>,
}

impl std::fmt::Display for Help {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.nearest.as_slice(), self.known.as_slice()) {
            ([], []) => {
                let folders: Vec<String> = self.searched.iter().map(|it| it.display().to_string()).collect();
                write!(formatter, ", nor any other with a manifest, in {}", list(&folders))?;
            }
            ([], known) => write!(formatter, "; there are {}", list(known))?,
            ([nearest, ..], _) => write!(formatter, "; did you mean '{nearest}'?")?,
        }
        for library in &self.unlisted {
            let library = library.display();
            write!(
                formatter,
                "; '{library}' has no manifest, make it by 'freeland plugin manifest {library}'"
            )?;
        }
        Ok(())
    }
}

impl Registry {
    /// Reads the manifests of the search path. Folders that cannot be read are passed over.
    pub fn scan(path: &SearchPath) -> Self {
        let searched = path.folders().to_vec();
        let mut registry = Self { listed: Vec::new(), unlisted: Vec::new(), broken: Vec::new(), searched };
        for folder in path.folders() {
            registry.scan_folder(folder);
        }
        registry
    }

    fn scan_folder(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        let named =
            |end: &'static str| files.iter().filter(move |file| file.to_string_lossy().ends_with(end));
        let mut described = Vec::new();
        for file in named(EXTENSION) {
            match Manifest::read(file) {
                Ok(manifest) => {
                    let library = folder.join(&manifest.library);
                    described.push(library.clone());
                    let present = library.is_file();
                    self.listed.push(Listed { library, present, manifest, listed_by: file.clone() });
                }
                Err(error) => {
                    tracing::warn!("{error}");
                    self.broken.push(error);
                }
            }
        }
        let without = named(LIBRARY).filter(|library| !described.contains(library) && is_plugin(library));
        self.unlisted.extend(without.cloned());
    }

    /// Finds a potential: by its id; by the path of its library, where that has only one (`path.so`); or by both
    /// (`path.so#id`).
    ///
    /// # Errors
    /// [`FindError`] suggests what to do.
    pub fn find(&self, id: &str) -> Result<Found, FindError> {
        if let Some(found) = by_path(id) {
            return found;
        }
        let has = |listed: &&Listed| listed.manifest.potentials.iter().any(|potential| potential.id == id);
        let with_id: Vec<&Listed> = self.listed.iter().filter(has).collect();
        match (with_id.iter().find(|listed| listed.present), with_id.first()) {
            (Some(listed), _) => Ok(Found {
                library: listed.library.clone(),
                id: Some(id.to_owned()),
                listed_by: Some(listed.listed_by.clone()),
            }),
            (None, Some(gone)) => {
                Err(FindError::LibraryGone { id: id.to_owned(), path: gone.library.clone() })
            }
            (None, None) => Err(FindError::Unknown { id: id.to_owned(), help: self.help(id) }),
        }
    }

    fn help(&self, id: &str) -> Help {
        let mut known: Vec<String> = Vec::new();
        for potential in self.listed.iter().flat_map(|listed| &listed.manifest.potentials) {
            if !known.contains(&potential.id) {
                known.push(potential.id.clone());
            }
        }
        let mut alike: Vec<(f64, &String)> =
            known.iter().map(|it| (strsim::jaro_winkler(id, it), it)).filter(|it| it.0 >= ALIKE).collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest = alike.into_iter().map(|(_, id)| id.clone()).collect();
        Help { nearest, known, unlisted: self.unlisted.clone(), searched: self.searched.clone() }
    }
}

/// Finds a potential in the search path, as [`Registry::find`]; manifests are read only where they are needed.
pub(crate) fn find(spec: &str, path: &SearchPath) -> Result<Found, FindError> {
    by_path(spec).unwrap_or_else(|| Registry::scan(path).find(spec))
}

/// `path.so` or `path.so#id`; `None` where it is a plain id. The names of files and folders may hold `#` as well.
fn by_path(spec: &str) -> Option<Result<Found, FindError>> {
    let found = |path: &str, id: Option<&str>| {
        let library = PathBuf::from(path);
        library.is_file().then(|| Found { library, id: id.map(str::to_owned), listed_by: None })
    };
    let is_path = |path: &str| path.contains(std::path::MAIN_SEPARATOR) || path.ends_with(LIBRARY);
    if is_path(spec)
        && let Some(found) = found(spec, None)
    {
        return Some(Ok(found));
    }
    match spec.rsplit_once('#') {
        // What follows the last # of a path with a folder behind it is no id.
        Some((path, id)) if !id.contains(std::path::MAIN_SEPARATOR) => {
            Some(found(path, Some(id)).ok_or_else(|| FindError::Missing { path: path.into() }))
        }
        _ => is_path(spec).then(|| Err(FindError::Missing { path: spec.into() })),
    }
}

/// Whether a library exports an entry of a plugin, by its symbol table: nothing is loaded, and little of it is read.
fn is_plugin(library: &Path) -> bool {
    let file = match Opened::new(library) {
        Ok(file) => file,
        Err(error) => {
            tracing::warn!("'{}' is passed over: {error}", library.display());
            return false;
        }
    };
    let cache = ReadCache::new(file.as_file());
    let Ok(file) = object::File::parse(&cache) else { return false };
    let entry = epp::sys::ENTRY_SYMBOL.as_bytes();
    // Mach-O puts an underscore before every C name.
    let is_entry = |name: &[u8]| name == entry || name.strip_prefix(b"_") == Some(entry);
    file.exports().is_ok_and(|exports| exports.iter().any(|export| is_entry(export.name())))
}
