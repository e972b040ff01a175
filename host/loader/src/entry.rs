//! The entry of a library: its head, which may be read whatever the rest is, its functions, and what it describes.

use std::ffi::c_int;
use std::mem::offset_of;
use std::path::Path;
use std::ptr::null;

use epp::sys;
use libloading::os::unix::{Library as Handle, RTLD_LOCAL, RTLD_NOW};

use crate::descriptor::Descriptor;
use crate::problem::{DescriptorProblem, TableProblem};
use crate::table;

/// The largest number of potentials that is believed of one library.
pub(crate) const MOST_POTENTIALS: u32 = 4096;

/// `epp_entry.create`
pub(crate) type Create =
    unsafe extern "C" fn(*const sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32;

/// What may be read of an entry before anything else is known of it.
pub(crate) struct Head {
    pub(crate) magic: u32,
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

/// The functions of an entry, which any thread may call at any time.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) count: unsafe extern "C" fn() -> u32,
    pub(crate) descriptor: unsafe extern "C" fn(u32) -> *const sys::Descriptor,
    pub(crate) create: Create,
    #[cfg(feature = "check")]
    pub(crate) extension: Option<unsafe extern "C" fn(*const std::ffi::c_char) -> *const std::ffi::c_void>,
}

/// What is wrong with an entry of the right version.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EntryProblem {
    #[error(transparent)]
    Table(#[from] TableProblem),
    #[error("it needs of its host what version 1.0 does not define (bits {bits:#x})")]
    NewerHost { bits: u32 },
}

/// Maps a library, for good, and gives its entry, of which nothing was read; null where it exports none. The error is what
/// the system's loader says.
pub(crate) fn map(path: &Path) -> Result<*const sys::Entry, String> {
    // SAFETY: this runs the library's constructors. Whoever names a plugin trusts it that far.
    let handle = unsafe { Handle::open(Some(path), binding()) }.map_err(|error| {
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
    })?;
    // SAFETY: only the address is taken; nothing is read through it here.
    let entry = unsafe { handle.get::<*const sys::Entry>(sys::ENTRY_SYMBOL) }.map(|it| it.as_raw_ptr());
    // Never unloaded: threads, thread-local destructors and texts of the library may outlive every owner here.
    std::mem::forget(handle);
    Ok(entry.map_or(null(), |entry| entry.cast_const().cast()))
}

impl Head {
    /// # Safety
    /// `entry` is a data symbol that [`map`] has found, and not null.
    pub(crate) unsafe fn read(entry: *const sys::Entry) -> Self {
        // SAFETY: a data symbol of this name is an epp_entry, whose head is 24 bytes in every version.
        let field = |offset: usize| unsafe { entry.cast::<u8>().add(offset).cast::<u32>().read_unaligned() };
        Self {
            magic: field(offset_of!(sys::Entry, magic)),
            major: field(offset_of!(sys::Entry, abi_major)),
            minor: field(offset_of!(sys::Entry, abi_minor)),
        }
    }
}

impl Entry {
    /// # Safety
    /// The head of `entry` has the magic number and the major version of this host.
    pub(crate) unsafe fn read(entry: *const sys::Entry) -> Result<Self, EntryProblem> {
        // SAFETY: magic and major say that it is an epp_entry of version 1.
        let entry = unsafe { table::read(entry) }?;
        if entry.required != 0 {
            return Err(EntryProblem::NewerHost { bits: entry.required });
        }
        let missing = |function| TableProblem::NullFunction { name: "epp_entry", function };
        Ok(Self {
            count: entry.count.ok_or_else(|| missing("count"))?,
            descriptor: entry.descriptor.ok_or_else(|| missing("descriptor"))?,
            create: entry.create.ok_or_else(|| missing("create"))?,
            #[cfg(feature = "check")]
            extension: entry.extension,
        })
    }

    /// What it describes, each potential or what is wrong with it; the error is a number of potentials that is none.
    pub(crate) fn potentials(&self) -> Result<Vec<Result<Descriptor, DescriptorProblem>>, u32> {
        // SAFETY: any thread.
        let count = unsafe { (self.count)() };
        if count == 0 || count > MOST_POTENTIALS {
            return Err(count);
        }
        let mut known: Vec<Result<Descriptor, DescriptorProblem>> = Vec::new();
        for index in 0..count {
            // SAFETY: the index is below the count; what comes back is static, or refused.
            let found = unsafe { Descriptor::read((self.descriptor)(index)) };
            known.push(found.and_then(|found| {
                match known.iter().flatten().any(|earlier| earlier.id == found.id) {
                    true => Err(DescriptorProblem::Duplicate { id: found.id }),
                    false => Ok(found),
                }
            }));
        }
        Ok(known)
    }
}

/// How the symbols of a plugin are bound: all at once, its own and those of the libraries it names before all others, so
/// that its `ddot` is its own and not that of a library of the host. Sanitizers forbid the latter.
fn binding() -> c_int {
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
