//! The functions of `freeland.h`.

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use epp::sdk::Topology;
use epp::sys;
use freeland_loader::status_name;

use crate::edge::guarded;
use crate::error::{self, Failure};
use crate::given::{fill, structure, text};
use crate::handle::{Handle, Wish};
use crate::request;
use crate::structs::{Batch, Options};

/// The version of this library, for C.
const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version holds no NUL"),
};

/// # Safety
/// `potential` is null or open.
unsafe fn open<'a>(potential: *const Handle, function: &'static str) -> Result<&'a Handle, Failure> {
    // SAFETY: the caller's promise.
    unsafe { potential.as_ref() }.ok_or_else(|| Failure::Argument {
        function,
        argument: "potential",
        problem: "is NULL".to_owned(),
    })
}

/// # Safety
/// As `freeland.h` says.
unsafe fn molecule(topology: *const sys::Topology) -> Result<Topology, Failure> {
    // SAFETY: the caller's promise.
    unsafe { Topology::from_raw(topology) }.map_err(Failure::Topology)
}

/// Finds, loads and creates a potential.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_open(options: *const Options) -> *mut Handle {
    const NAME: &str = "freeland_open";
    guarded(
        NAME,
        |_| null_mut(),
        || {
            // SAFETY: the caller's promise; zero is a value of the options.
            let options = unsafe { structure(options, NAME, "options") }?;
            // SAFETY: the caller's promise: all texts live through the call.
            let wish = unsafe {
                Wish {
                    spec: text(options.spec, NAME, "spec")?,
                    config: text(options.config_json, NAME, "config_json")?,
                    folder: text(options.folder, NAME, "folder")?,
                    search_path: text(options.search_path, NAME, "search_path")?,
                    sha256: text(options.sha256, NAME, "sha256")?,
                    writable: text(options.writable, NAME, "writable")?,
                    topology: (!options.topology.is_null())
                        .then(|| molecule(options.topology))
                        .transpose()?,
                    options,
                }
            };
            Ok(Box::into_raw(Box::new(Handle::open(wish)?)))
        },
    )
}

/// Another potential for another molecule.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_derive(
    potential: *const Handle,
    topology: *const sys::Topology,
) -> *mut Handle {
    const NAME: &str = "freeland_derive";
    guarded(
        NAME,
        |_| null_mut(),
        || {
            // SAFETY: the caller's promise.
            let (handle, topology) = unsafe { (open(potential, NAME)?, molecule(topology)?) };
            Ok(Box::into_raw(Box::new(handle.derive(&topology)?)))
        },
    )
}

/// Closes a potential.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_close(potential: *mut Handle) {
    guarded(
        "freeland_close",
        |_| (),
        || {
            if !potential.is_null() {
                // SAFETY: the caller's promise: it is of freeland_open, and nobody uses it any more.
                drop(unsafe { Box::from_raw(potential) });
            }
            Ok(())
        },
    );
}

/// Facts of an instance.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_info(potential: *const Handle, info: *mut sys::Info) -> i32 {
    const NAME: &str = "freeland_info";
    guarded(NAME, Failure::code, || {
        // SAFETY: the caller's promise.
        unsafe { fill(info, NAME, "info", open(potential, NAME)?.info()) }?;
        Ok(sys::OK)
    })
}

/// What the potential says of itself, as JSON.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_describe(potential: *const Handle) -> *const c_char {
    const NAME: &str = "freeland_describe";
    // SAFETY: the caller's promise.
    guarded(NAME, |_| null(), || Ok(unsafe { open(potential, NAME) }?.description.as_ptr()))
}

/// How many global parameters there are.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_parameter_count(potential: *const Handle) -> u64 {
    const NAME: &str = "freeland_parameter_count";
    // SAFETY: the caller's promise.
    guarded(NAME, |_| 0, || Ok(unsafe { open(potential, NAME) }?.potential.parameters().len() as u64))
}

/// What is known of a parameter.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_parameter(
    potential: *const Handle,
    index: u64,
    parameter: *mut sys::Parameter,
) -> i32 {
    const NAME: &str = "freeland_parameter";
    guarded(NAME, Failure::code, || {
        // SAFETY: the caller's promise.
        let told =
            unsafe { open(potential, NAME) }?.parameter(place(index)).ok_or_else(|| beyond(NAME, index))?;
        // SAFETY: the caller's promise.
        unsafe { fill(parameter, NAME, "parameter", told) }?;
        Ok(sys::OK)
    })
}

/// How many outputs there are.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_output_count(potential: *const Handle) -> u64 {
    const NAME: &str = "freeland_output_count";
    // SAFETY: the caller's promise.
    guarded(NAME, |_| 0, || Ok(unsafe { open(potential, NAME) }?.potential.outputs().len() as u64))
}

/// What is known of an output.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_output_describe(
    potential: *const Handle,
    index: u64,
    output: *mut sys::OutputDescription,
) -> i32 {
    const NAME: &str = "freeland_output_describe";
    guarded(NAME, Failure::code, || {
        // SAFETY: the caller's promise.
        let told =
            unsafe { open(potential, NAME) }?.output(place(index)).ok_or_else(|| beyond(NAME, index))?;
        // SAFETY: the caller's promise.
        unsafe { fill(output, NAME, "output", told) }?;
        Ok(sys::OK)
    })
}

fn place(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn beyond(function: &'static str, index: u64) -> Failure {
    Failure::Argument { function, argument: "index", problem: format!("is {index}, beyond the last") }
}

/// Evaluates a batch.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_evaluate(potential: *const Handle, batch: *const Batch) -> i32 {
    const NAME: &str = "freeland_evaluate";
    guarded(NAME, Failure::code, || {
        // SAFETY: the caller's promise; zero is a value of the struct.
        let batch = unsafe { structure(batch, NAME, "batch") }?;
        // SAFETY: the caller's promise.
        let handle = unsafe { open(potential, NAME) }?;
        // SAFETY: the caller's promise: the buffers are as epp.h says, and live through the call.
        let request = unsafe { request::request(&handle.potential, &batch) }?;
        handle.potential.evaluate_into(request)?;
        Ok(sys::OK)
    })
}

/// A status in words.
#[unsafe(no_mangle)]
pub extern "C" fn freeland_status_name(status: i32) -> *const c_char {
    /// Of the statuses 0 to 8 and of any other, made once.
    static NAMES: std::sync::LazyLock<Vec<std::ffi::CString>> = std::sync::LazyLock::new(|| {
        (0..=9).map(|status| std::ffi::CString::new(status_name(status)).unwrap_or_default()).collect()
    });
    let index = usize::try_from(status).unwrap_or(usize::MAX).min(NAMES.len() - 1);
    NAMES[index].as_ptr()
}

/// Why the last function that failed on this thread did so.
#[unsafe(no_mangle)]
pub extern "C" fn freeland_last_error() -> *const c_char {
    error::last()
}

/// The version of this library.
#[unsafe(no_mangle)]
pub extern "C" fn freeland_version() -> *const c_char {
    VERSION.as_ptr()
}
