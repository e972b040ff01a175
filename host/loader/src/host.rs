//! What this host offers to plugins: its name and a log.

use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use epp::sys;

use crate::table;

/// Extensions that this host offers to plugins. None are defined for hosts in version 1.0.
pub(crate) const EXTENSIONS: &[&str] = &[];

const NAME: &CStr = c"freeland";

/// The `epp_host` of one library. It is never freed: a plugin may log for as long as the process lives.
pub(crate) fn host_of(library: &str) -> *const sys::Host {
    let version = CString::new(env!("CARGO_PKG_VERSION")).expect("a version holds no NUL");
    let context: &'static String = Box::leak(Box::new(library.to_owned()));
    Box::leak(Box::new(sys::Host {
        struct_size: size_of::<sys::Host>() as u64,
        name: NAME.as_ptr(),
        version: Box::leak(version.into_boxed_c_str()).as_ptr(),
        context: std::ptr::from_ref(context).cast_mut().cast(),
        log: Some(log),
        extension: Some(extension),
    }))
}

/// `epp_host.log`: the plugin's text becomes a [`tracing`] event with target `plugin`.
///
/// # Safety
/// `context` is that of [`host_of`], `text` is NULL or NUL-terminated.
unsafe extern "C" fn log(context: *mut c_void, level: u32, text: *const c_char) {
    // A panic of a subscriber must not enter the plugin.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: `host_of` made it, and it lives as long as the process.
        let Some(library) = (unsafe { context.cast::<String>().as_ref() }) else { return };
        // SAFETY: the contract of the callback.
        let text = match unsafe { table::text(text) } {
            Ok(text) => text.unwrap_or_default(),
            Err(problem) => format!("(a log message whose text {problem})"),
        };
        match ELSEWHERE.get() {
            Some(send) => send(level, text),
            None => emit(level, library, &text),
        }
    }));
}

/// A message of a plugin as a [`tracing`] event.
pub(crate) fn emit(level: u32, library: &str, text: &str) {
    match level {
        sys::LOG_ERROR => tracing::error!(target: "plugin", library, "{text}"),
        sys::LOG_WARNING => tracing::warn!(target: "plugin", library, "{text}"),
        sys::LOG_INFO => tracing::info!(target: "plugin", library, "{text}"),
        _ => tracing::debug!(target: "plugin", library, "{text}"),
    }
}

/// In a worker process: what takes messages to the host.
type Send = Box<dyn Fn(u32, String) + std::marker::Send + Sync>;
static ELSEWHERE: OnceLock<Send> = OnceLock::new();

/// From now on, messages of plugins go to `send` instead of the log of this process.
#[cfg(target_os = "linux")]
pub(crate) fn redirect(send: impl Fn(u32, String) + std::marker::Send + Sync + 'static) {
    // Called once, by the start of a worker.
    let _ = ELSEWHERE.set(Box::new(send));
}

/// `epp_host.extension`: this host offers none.
unsafe extern "C" fn extension(_context: *mut c_void, _id: *const c_char) -> *const c_void {
    std::ptr::null()
}
