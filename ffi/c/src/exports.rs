//! The functions of `freeland.h`.

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use epp::sys;
use freeland_loader::status_name;

use crate::arguments::{self, Options, structure, text};
use crate::edge::guarded;
use crate::error::{self, Failure};
use crate::handle::{Handle, Wish};

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

/// Finds, loads and creates a potential.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_open(
    spec: *const c_char,
    config_json: *const c_char,
    options: *const Options,
) -> *mut Handle {
    const NAME: &str = "freeland_open";
    guarded(
        NAME,
        |_| null_mut(),
        || {
            // SAFETY: the caller's promise; zero is a value of the options.
            let options = unsafe {
                if options.is_null() { std::mem::zeroed() } else { structure(options, NAME, "options")? }
            };
            // SAFETY: the caller's promise: all texts live through the call.
            let wish = unsafe {
                Wish {
                    spec: text(spec, NAME, "spec")?,
                    config: text(config_json, NAME, "config_json")?,
                    search_path: text(options.search_path, NAME, "search_path")?,
                    sha256: text(options.sha256, NAME, "sha256")?,
                    options,
                }
            };
            Ok(Box::into_raw(Box::new(Handle::open(&wish)?)))
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
        // SAFETY: the caller's promise; zero is a value of the struct.
        let given = unsafe { structure(info.cast_const(), NAME, "info") }?;
        // SAFETY: the caller's promise.
        let mut facts = unsafe { open(potential, NAME) }?.info();
        let bytes = (given.struct_size as usize).min(size_of::<sys::Info>());
        facts.struct_size = bytes as u64;
        // SAFETY: the caller's struct has that many bytes.
        unsafe { info.cast::<u8>().copy_from_nonoverlapping((&raw const facts).cast(), bytes) };
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

/// The name and the default value of a parameter.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_parameter(
    potential: *const Handle,
    index: u64,
    value: *mut f64,
) -> *const c_char {
    const NAME: &str = "freeland_parameter";
    guarded(
        NAME,
        |_| null(),
        || {
            // SAFETY: the caller's promise.
            let parameters = &unsafe { open(potential, NAME) }?.parameters;
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let Some((name, default)) = parameters.get(index) else { return Ok(null()) };
            if !value.is_null() {
                // SAFETY: the caller's promise.
                unsafe { value.write(*default) };
            }
            Ok(name.as_ptr())
        },
    )
}

/// Evaluates a batch.
///
/// # Safety
/// As `freeland.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeland_evaluate(potential: *const Handle, batch: *const sys::Batch) -> i32 {
    const NAME: &str = "freeland_evaluate";
    guarded(NAME, Failure::code, || {
        // SAFETY: the caller's promise; zero is a value of the struct.
        let batch = unsafe { structure(batch, NAME, "batch") }?;
        // SAFETY: the caller's promise.
        let handle = unsafe { open(potential, NAME) }?;
        // SAFETY: the caller's promise: the buffers are as epp.h says, and live through the call.
        let request = unsafe { arguments::request(&handle.potential, &batch) }?;
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
