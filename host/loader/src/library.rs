//! A loaded plugin library: handshake, descriptions, and the making of potentials.

use std::collections::HashMap;
use std::ffi::c_int;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use epp::sys;
use libloading::os::unix::{Library as Handle, RTLD_LOCAL, RTLD_NOW};

use crate::descriptor::Descriptor;
#[cfg(target_os = "linux")]
use crate::ending::watched;
use crate::error::LoadError;
use crate::floating_point::kept;
use crate::inspect::{Demands, Inspected};
use crate::library_file::{Abi, Identity, LibraryFile, Version};
use crate::manifest::Manifest;
use crate::opened::Opened;
use crate::problem::{DescriptorProblem, TableProblem};
use crate::table;
use crate::text::name;

/// The largest number of potentials that is believed of one library.
const MOST_POTENTIALS: u32 = 4096;

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

/// `epp_entry.create`
pub(crate) type Create =
    unsafe extern "C" fn(*const sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32;

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
        // SAFETY: a data symbol of this name is an epp_entry, whose head is 24 bytes in every version.
        let (magic, major, minor) = unsafe {
            let head = |offset: usize| entry.cast::<u8>().add(offset).cast::<u32>().read_unaligned();
            (
                head(offset_of!(sys::Entry, magic)),
                head(offset_of!(sys::Entry, abi_major)),
                head(offset_of!(sys::Entry, abi_minor)),
            )
        };
        if magic != sys::MAGIC {
            return Err(LoadError::WrongMagic { path: path.to_owned(), found: magic });
        }
        if major != sys::ABI_MAJOR {
            return Err(LoadError::WrongMajor { path: path.to_owned(), found: major });
        }
        // SAFETY: magic and major say that it is an epp_entry of version 1.
        let entry = unsafe { table::read(entry) }
            .map_err(|problem| LoadError::Table { path: path.to_owned(), problem })?;
        let missing = |function| LoadError::Table {
            path: path.to_owned(),
            problem: TableProblem::NullFunction { name: "epp_entry", function },
        };
        if entry.required != 0 {
            return Err(LoadError::NewerHost { path: path.to_owned(), bits: entry.required });
        }
        let count = entry.count.ok_or_else(|| missing("count"))?;
        let descriptor = entry.descriptor.ok_or_else(|| missing("descriptor"))?;
        let create = entry.create.ok_or_else(|| missing("create"))?;

        // SAFETY: functions of this library, which any thread may call.
        let descriptors = unsafe { descriptors_of(path, count, descriptor) }?;
        let file = LibraryFile::new(path, sha256, Abi { major, minor }, version_on_disk);
        Ok(Self { real: lying_at(path), file, descriptors, create, lock: Arc::default() })
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
    let not_a_library = |error: &dyn std::error::Error| LoadError::NotALibrary {
        path: path.to_owned(),
        reason: error.source().map_or_else(|| error.to_string(), ToString::to_string),
    };
    // The path with links resolved: a library finds its own dependencies relative to where it really lies.
    let real = path.canonicalize().map_err(|error| not_a_library(&error))?;
    let real = match by_descriptor && !opened.looks_around() {
        true => opened.lasting_path().map_err(|error| not_a_library(&error))?,
        false => real,
    };
    // SAFETY: this runs the library's constructors. Whoever names a plugin trusts it that far.
    let handle = unsafe { Handle::open(Some(&real), binding()) }.map_err(|error| not_a_library(&error))?;
    // SAFETY: only the address is taken; nothing is read through it here.
    let entry =
        unsafe { handle.get::<*const sys::Entry>(sys::ENTRY_SYMBOL) }.map(|symbol| symbol.as_raw_ptr());
    // Never unloaded: threads, thread-local destructors and texts of the library may outlive every owner here.
    std::mem::forget(handle);
    // What was written over, or replaced, meanwhile may be what was mapped.
    let unreadable = |reason| LoadError::Unreadable { path: path.to_owned(), reason };
    let now = Version::new(&opened.metadata().map_err(unreadable)?);
    if now != opened.version || Version::of(path).map_err(unreadable)? != opened.version {
        return Err(LoadError::Changed { path: path.to_owned() });
    }
    match entry {
        Ok(entry) if !entry.is_null() => Ok(entry.cast_const().cast()),
        _ => Err(LoadError::NoEntry { path: path.to_owned() }),
    }
}

/// How the symbols of a plugin are bound: all at once, its own and those of the libraries it names before all others, so
/// that its `ddot` is its own and not that of a library of the host. Sanitizers forbid the latter.
pub(crate) fn binding() -> c_int {
    let usual = RTLD_NOW | RTLD_LOCAL;
    #[cfg(target_os = "linux")]
    if !is_sanitized() {
        return usual | libc::RTLD_DEEPBIND;
    }
    usual
}

/// Whether the run-time of a sanitizer is in this process.
#[cfg(target_os = "linux")]
fn is_sanitized() -> bool {
    ["__asan_init", "__tsan_init", "__msan_init"].into_iter().any(|name| {
        // SAFETY: only the address is looked at.
        unsafe { Handle::this().get::<*const u8>(name) }.is_ok()
    })
}

/// # Safety
/// The functions are those of a library.
unsafe fn descriptors_of(
    path: &Path,
    count: unsafe extern "C" fn() -> u32,
    descriptor: unsafe extern "C" fn(u32) -> *const sys::Descriptor,
) -> Result<Vec<Descriptor>, LoadError> {
    // SAFETY: the caller's promise; any thread.
    let found = unsafe { count() };
    if found == 0 || found > MOST_POTENTIALS {
        return Err(LoadError::Count { path: path.to_owned(), found, most: MOST_POTENTIALS });
    }
    let mut descriptors: Vec<Descriptor> = Vec::new();
    let mut unknown = None;
    for index in 0..found {
        let wrong = |problem| LoadError::Descriptor { path: path.to_owned(), index, problem };
        // SAFETY: the index is below the count; what comes back is static, or refused.
        let found = match unsafe { Descriptor::read(descriptor(index)) } {
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
