//! A loaded plugin library: handshake, descriptions, and the making of potentials.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use epp::sys;

use crate::descriptor::Descriptor;
#[cfg(target_os = "linux")]
use crate::ending::watched;
use crate::entry::{Create, Functions, Head, MOST_POTENTIALS, Unfit, map};
use crate::error::LoadError;
use crate::floating_point::kept;
use crate::inspect::{Demands, Inspected};
use crate::library_file::{Abi, Identity, LibraryFile, Version};
use crate::manifest::Manifest;
use crate::opened::Opened;
use crate::problem::DescriptorProblem;
use crate::text::name;

/// A library that was loaded and whose handshake succeeded. It stays mapped as long as the process lives.
#[derive(Debug)]
pub struct Library {
    file: LibraryFile,
    /// Where it lies, links resolved.
    real: PathBuf,
    descriptors: Vec<Descriptor>,
    pub(crate) create: Create,
    /// For instances that exclude each other.
    lock: Arc<Mutex<()>>,
}

/// Every library that this process has loaded: two paths to one file are one library.
static LOADED: Mutex<Option<HashMap<Identity, Arc<Library>>>> = Mutex::new(None);

impl Library {
    /// Loads a library, or finds it among those already loaded.
    ///
    /// Who may write to the file is looked at; it is hashed and, where a manifest lies beside it, compared with that before any of its code runs. Then:
    /// magic number and major version are compared before any function is called; every struct and text is checked.
    ///
    /// # Errors
    /// [`LoadError`] says which of these failed.
    pub fn open(path: &Path) -> Result<Arc<Self>, LoadError> {
        Self::open_demanding(path, &Demands::default())
    }

    /// As [`Library::open`], and refuses a file whose sha256 (hexadecimal, any case) is not `pin`.
    ///
    /// # Errors
    /// [`LoadError::Pin`], or what [`Library::open`] gives.
    pub fn open_pinned(path: &Path, pin: &str) -> Result<Arc<Self>, LoadError> {
        Self::open_demanding(path, &Demands { sha256: Some(pin), ..Demands::default() })
    }

    /// As [`Library::open`], but whatever its manifest says: to make the manifest anew.
    ///
    /// # Errors
    /// What [`Library::open`] gives.
    pub fn open_ignoring_manifest(path: &Path) -> Result<Arc<Self>, LoadError> {
        Self::open_demanding(path, &Demands { manifest: false, ..Demands::default() })
    }

    /// As [`Library::open`], with other demands than the usual ones.
    ///
    /// # Errors
    /// [`LoadError`] says which of them is not met, or what [`Library::open`] gives.
    pub fn open_demanding(path: &Path, demands: &Demands<'_>) -> Result<Arc<Self>, LoadError> {
        // Held until the end: two threads that open the same file load it once.
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = loaded.get_or_insert_default();
        let known = |version: &Version| loaded.get(&version.identity()).map(|library| library.file.clone());
        let inspected = Inspected::new(path, demands, known)?;
        let identity = inspected.version.identity();
        let library = match loaded.get(&identity) {
            Some(library) => Arc::clone(library),
            None => {
                // The system's loader goes by the name: for another file under it, it gives the one that it has.
                let here = lying_at(&inspected.path);
                if loaded.values().any(|other| other.real == here) {
                    return Err(LoadError::Changed { path: inspected.path });
                }
                Arc::new(Self::begin(&inspected)?)
            }
        };
        inspected.agrees(&library.file, &library.descriptors)?;
        loaded.insert(identity, Arc::clone(&library));
        Ok(library)
    }

    /// Loads what was inspected into this process, which is to compute afterwards as before, and to say so where the
    /// library ends it.
    fn begin(inspected: &Inspected) -> Result<Self, LoadError> {
        let load = || kept(|| Self::handshake(&inspected.opened, &inspected.sha256, inspected.by_descriptor));
        #[cfg(target_os = "linux")]
        let load =
            || watched(&name(&inspected.path), load, |library| library.create as *const std::ffi::c_void);
        load()
    }

    /// Loads the file, which was inspected before.
    pub(crate) fn handshake(opened: &Opened, sha256: &str, by_descriptor: bool) -> Result<Self, LoadError> {
        let (path, version_on_disk) = (opened.path.as_path(), opened.version);
        let entry = entry_of(opened, by_descriptor)?;
        // The head is compared before the rest is looked at, let alone called.
        // SAFETY: that symbol of a library that is mapped for good.
        let Head { magic, major, minor } = unsafe { Head::read(entry) };
        if magic != sys::MAGIC {
            return Err(LoadError::WrongMagic { path: path.to_owned(), found: magic });
        }
        if major != sys::ABI_MAJOR {
            return Err(LoadError::WrongMajor { path: path.to_owned(), found: major });
        }
        // SAFETY: magic and major say that it is an epp_entry of version 1.
        let functions = unsafe { Functions::read(entry) }.map_err(|unfit| match unfit {
            Unfit::Table(problem) => LoadError::Table { path: path.to_owned(), problem },
            Unfit::Required(bits) => LoadError::NewerHost { path: path.to_owned(), bits },
        })?;
        // SAFETY: functions of this library, which any thread may call.
        let descriptors = unsafe { descriptors_of(path, &functions) }?;
        let file = LibraryFile::new(path, sha256, Abi { major, minor }, version_on_disk);
        Ok(Self { real: lying_at(path), file, descriptors, create: functions.create, lock: Arc::default() })
    }

    /// The lock of instances that exclude each other.
    pub(crate) fn lock(&self) -> &Arc<Mutex<()>> {
        &self.lock
    }

    /// What its manifest would say.
    pub fn manifest(&self) -> Manifest {
        Manifest::new(&self.file, &self.descriptors)
    }

    /// Its file.
    pub fn file(&self) -> &LibraryFile {
        &self.file
    }

    /// The absolute path it was loaded from.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        self.file.name()
    }

    /// The sha256 of its bytes, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        self.file.sha256()
    }

    /// The ABI version it was written for.
    pub fn abi(&self) -> Abi {
        self.file.abi()
    }

    /// What it offers; at least one potential.
    pub fn descriptors(&self) -> &[Descriptor] {
        &self.descriptors
    }

    /// The potential with this id.
    pub fn descriptor(&self, id: &str) -> Option<&Descriptor> {
        self.descriptors.iter().find(|descriptor| descriptor.id == id)
    }

    /// Its ids, in its own order.
    pub fn ids(&self) -> Vec<String> {
        self.descriptors.iter().map(|descriptor| descriptor.id.clone()).collect()
    }
}

/// A path without links.
fn lying_at(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Maps the library, for good, and finds its entry. `by_descriptor`: the file that is open, whatever lies under its name
/// by now; but one that looks for others relative to itself is loaded by its name.
fn entry_of(opened: &Opened, by_descriptor: bool) -> Result<*const sys::Entry, LoadError> {
    let path = &opened.path;
    let not_a_library = |reason: String| LoadError::NotALibrary { path: path.to_owned(), reason };
    let lost = |error: std::io::Error| not_a_library(error.to_string());
    // The path with links resolved: a library finds its own dependencies relative to where it really lies.
    let real = path.canonicalize().map_err(lost)?;
    let real = match by_descriptor && !opened.looks_around() {
        true => opened.lasting_path().map_err(lost)?,
        false => real,
    };
    // SAFETY: whoever names a plugin trusts it as far as its constructors.
    let entry = unsafe { map(&real) }.map_err(not_a_library)?;
    // What was written over, or replaced, meanwhile may be what was mapped.
    let unreadable = |reason| LoadError::Unreadable { path: path.to_owned(), reason };
    let now = Version::new(&opened.metadata().map_err(unreadable)?);
    if now != opened.version || Version::of(path).map_err(unreadable)? != opened.version {
        return Err(LoadError::Changed { path: path.to_owned() });
    }
    if entry.is_null() { Err(LoadError::NoEntry { path: path.to_owned() }) } else { Ok(entry) }
}

/// # Safety
/// The functions are those of a library.
unsafe fn descriptors_of(path: &Path, functions: &Functions) -> Result<Vec<Descriptor>, LoadError> {
    // SAFETY: the caller's promise; any thread.
    let found = unsafe { (functions.count)() };
    if found == 0 || found > MOST_POTENTIALS {
        return Err(LoadError::Count { path: path.to_owned(), found, most: MOST_POTENTIALS });
    }
    let mut descriptors: Vec<Descriptor> = Vec::new();
    let mut unknown = None;
    for index in 0..found {
        let wrong = |problem| LoadError::Descriptor { path: path.to_owned(), index, problem };
        // SAFETY: the index is below the count; what comes back is static, or refused.
        let found = match unsafe { Descriptor::read((functions.descriptor)(index)) } {
            Err(problem) if problem.is_of_a_newer_host() => {
                let problem = wrong(problem);
                tracing::warn!("{problem}; it is left out");
                unknown = unknown.or(Some(problem));
                continue;
            }
            found => found.map_err(wrong)?,
        };
        if descriptors.iter().any(|earlier| earlier.id == found.id) {
            return Err(wrong(DescriptorProblem::Duplicate { id: found.id }));
        }
        descriptors.push(found);
    }
    match unknown {
        Some(problem) if descriptors.is_empty() => Err(problem),
        _ => Ok(descriptors),
    }
}
