//! What the host offers to the plugin: its name and its log.
use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::{PoisonError, RwLock};

use crate::{sys, versioned};

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Level {
    /// Something failed.
    Error = sys::LOG_ERROR,
    /// Something is odd, and the user should know.
    Warning = sys::LOG_WARNING,
    /// A fact worth knowing once.
    Info = sys::LOG_INFO,
    /// For the author.
    Debug = sys::LOG_DEBUG,
}

/// The host of the latest `init`, until the last `deinit`.
struct Attached {
    name: String,
    context: *mut c_void,
    log: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_char)>,
    inits: u64,
}

// SAFETY: the context is only handed back to the callbacks, which the contract allows from any thread.
unsafe impl Send for Attached {}
// SAFETY: as above.
unsafe impl Sync for Attached {}

static HOST: RwLock<Option<Attached>> = RwLock::new(None);

/// Sends one message to the host's log. Without a host, or one without a log, the message is dropped.
///
/// Costs a lock and an allocation: not for every configuration.
pub fn log(level: Level, text: &str) {
    let host = HOST.read().unwrap_or_else(PoisonError::into_inner);
    let Some(Attached { context, log: Some(callback), .. }) = &*host else { return };
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    // SAFETY: the host is attached (the lock keeps `detach` waiting), and promised that its callback takes any
    // NUL-terminated text from any thread until then.
    unsafe { callback(*context, level as u32, text.as_ptr()) }
}

/// The host's name, such as `freeland`; `None` before `init`.
pub fn host_name() -> Option<String> {
    HOST.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|host| host.name.clone())
}

/// Counts an `init`. False if the pointer is not a host.
///
/// # Safety
/// `host` is null, or a host's struct that stays valid until the last `deinit`.
pub(crate) unsafe fn attach(host: *const sys::Host) -> bool {
    // SAFETY: by the caller's promise.
    let Some(raw) = (unsafe { versioned::read(host) }) else { return false };
    let name = if raw.name.is_null() {
        String::new()
    } else {
        // SAFETY: the host's name is NUL-terminated by the contract.
        unsafe { CStr::from_ptr(raw.name) }.to_string_lossy().into_owned()
    };
    let mut slot = HOST.write().unwrap_or_else(PoisonError::into_inner);
    let inits = slot.as_ref().map_or(0, |attached| attached.inits) + 1;
    *slot = Some(Attached { name, context: raw.context, log: raw.log, inits });
    true
}

/// Counts a `deinit`; the last one forgets the host. One too many does nothing.
pub(crate) fn detach() {
    let mut slot = HOST.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(attached) = slot.as_mut() {
        attached.inits -= 1;
        if attached.inits == 0 {
            *slot = None;
        }
    }
}
