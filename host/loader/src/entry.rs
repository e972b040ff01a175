//! The entry of a library: how it is found, its head, which says whether the rest may be looked at, and its functions.

use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;
use std::path::Path;
use std::ptr::null;

use epp::sys;
use libloading::os::unix::{Library as Handle, RTLD_LOCAL, RTLD_NOW};

use crate::problem::TableProblem;
use crate::table;

/// The largest number of potentials that is believed of one library.
pub(crate) const MOST_POTENTIALS: u32 = 4096;

/// `epp_entry.create`
pub(crate) type Create =
    unsafe extern "C" fn(*const sys::Create, *mut *mut sys::Potential, *mut sys::Error) -> i32;

/// What may be read whatever the rest is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) magic: u32,
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

/// The functions of an entry, all of them there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Functions {
    pub(crate) count: unsafe extern "C" fn() -> u32,
    pub(crate) descriptor: unsafe extern "C" fn(u32) -> *const sys::Descriptor,
    pub(crate) create: Create,
    #[cfg_attr(
        not(feature = "check"),
        expect(dead_code, reason = "only the tester asks a library for extensions")
    )]
    pub(crate) extension: Option<unsafe extern "C" fn(*const c_char) -> *const c_void>,
}

/// Why an entry is of no use.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// The struct is not as the header says, or a function is missing.
    Table(TableProblem),
    /// It needs of its host what these bits mean, which this one does not know.
    Required(u32),
}

/// Maps a library, all symbols at once and for good: threads, thread-local destructors and texts of it may outlive every
/// owner here. Its entry, NULL where it has none; or what the system's loader says.
///
/// # Safety
/// This runs the constructors of the library.
pub(crate) unsafe fn map(path: &Path) -> Result<*const sys::Entry, String> {
    // SAFETY: the caller's promise.
    let handle = unsafe { Handle::open(Some(path), binding()) }.map_err(|error| {
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
    })?;
    // SAFETY: only the address is taken; nothing is read through it here.
    let entry = unsafe { handle.get::<*const sys::Entry>(sys::ENTRY_SYMBOL) }.map(|it| it.as_raw_ptr());
    std::mem::forget(handle);
    Ok(entry.map_or(null(), |entry| entry.cast_const().cast()))
}

impl Head {
    /// # Safety
    /// The address of the data symbol of an entry, whose head is 24 bytes in every version.
    pub(crate) unsafe fn read(entry: *const sys::Entry) -> Self {
        // SAFETY: the caller's promise.
        let at = |offset: usize| unsafe { entry.cast::<u8>().add(offset).cast::<u32>().read_unaligned() };
        Self {
            magic: at(offset_of!(sys::Entry, magic)),
            major: at(offset_of!(sys::Entry, abi_major)),
            minor: at(offset_of!(sys::Entry, abi_minor)),
        }
    }
}

impl Functions {
    /// # Safety
    /// As [`Head::read`]; and the head says that it is an entry of this version.
    pub(crate) unsafe fn read(entry: *const sys::Entry) -> Result<Self, Unfit> {
        // SAFETY: the caller's promise.
        let entry = unsafe { table::read(entry) }.map_err(Unfit::Table)?;
        if entry.required != 0 {
            return Err(Unfit::Required(entry.required));
        }
        let missing = |function| Unfit::Table(TableProblem::NullFunction { name: "epp_entry", function });
        Ok(Self {
            count: entry.count.ok_or_else(|| missing("count"))?,
            descriptor: entry.descriptor.ok_or_else(|| missing("descriptor"))?,
            create: entry.create.ok_or_else(|| missing("create"))?,
            extension: entry.extension,
        })
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
