//! What this host offers to an instance of a plugin: its name and a log.

use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use epp::sys;

use crate::log::{Level, Log};
use crate::table;

/// Extensions that this host offers to plugins. None are defined for hosts in version 1.0.
pub(crate) const EXTENSIONS: &[&str] = &[];

const NAME: &CStr = c"freeland";
const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version holds no NUL"),
};

/// The `epp_host` of one instance and of those derived from it; it must outlive them.
pub(crate) struct Host {
    raw: sys::Host,
    context: Box<Context>,
}

struct Context {
    library: String,
    log: Log,
}

// SAFETY: the struct is only read, and its context may be used from any thread.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

impl Host {
    /// For instances of the library with this file name.
    pub(crate) fn new(library: &str, log: Log) -> Arc<Self> {
        let context = Box::new(Context { library: library.to_owned(), log });
        let raw = sys::Host {
            struct_size: size_of::<sys::Host>() as u64,
            abi_major: sys::ABI_MAJOR,
            abi_minor: sys::ABI_MINOR,
            name: NAME.as_ptr(),
            version: VERSION.as_ptr(),
            context: std::ptr::from_ref::<Context>(&context).cast_mut().cast(),
            log: Some(log_),
            extension: Some(extension),
        };
        Arc::new(Self { raw, context })
    }

    /// The file name of the library that it is for.
    pub(crate) fn library(&self) -> &str {
        &self.context.library
    }

    /// The struct to hand over.
    pub(crate) fn as_raw(&self) -> *const sys::Host {
        &raw const self.raw
    }
}

/// `epp_host.log`
///
/// # Safety
/// `context` is that of a [`Host`] that lives, `text` is NULL or NUL-terminated.
unsafe extern "C" fn log_(context: *mut c_void, level: u32, text: *const c_char) {
    // A panic of a subscriber must not enter the plugin.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the contract of the callback.
        let Some(context) = (unsafe { context.cast::<Context>().as_ref() }) else { return };
        // SAFETY: as above.
        let text = match unsafe { table::text(text) } {
            Ok(text) => text.unwrap_or_default(),
            Err(problem) => format!("(a log message whose text {problem})"),
        };
        context.log.say(Level::of(level), &context.library, &text);
    }));
}

/// `epp_host.extension`: this host offers none.
unsafe extern "C" fn extension(_context: *mut c_void, _id: *const c_char) -> *const c_void {
    std::ptr::null()
}
