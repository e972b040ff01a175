//! What the host offers to one instance: its name and its log.
use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::{Arc, PoisonError, RwLock};

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

/// The host of one instance, from `create` until the instance is destroyed. Cheap to clone, and may be used from any
/// thread; what outlives its instance finds no host any more, and does nothing.
#[derive(Clone)]
pub struct Host {
    name: Arc<str>,
    version: Arc<str>,
    abi: (u32, u32),
    callbacks: Arc<RwLock<Option<Callbacks>>>,
}

#[derive(Clone, Copy)]
struct Callbacks {
    context: *mut c_void,
    log: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_char)>,
    extension: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
}

// SAFETY: the context is only handed back to the callbacks, which the contract allows from any thread.
unsafe impl Send for Callbacks {}
// SAFETY: as above.
unsafe impl Sync for Callbacks {}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("name", &self.name).field("abi", &self.abi).finish_non_exhaustive()
    }
}

impl Host {
    /// A host that offers nothing, for an author's own tests.
    pub fn none() -> Self {
        Self {
            name: "".into(),
            version: "".into(),
            abi: (sys::ABI_MAJOR, sys::ABI_MINOR),
            callbacks: Arc::default(),
        }
    }

    /// The other side's struct; `None` if it is none.
    ///
    /// # Safety
    /// `host` is null, or an `epp_host` that stays valid until [`close`](Self::close).
    pub(crate) unsafe fn open(host: *const sys::Host) -> Option<Self> {
        // SAFETY: by the caller's promise.
        let raw = unsafe { versioned::read(host) }?;
        let text = |text: *const c_char| {
            if text.is_null() {
                return Arc::from("");
            }
            // SAFETY: the host's texts are NUL-terminated by the contract.
            Arc::from(unsafe { CStr::from_ptr(text) }.to_string_lossy())
        };
        let callbacks = Callbacks { context: raw.context, log: raw.log, extension: raw.extension };
        Some(Self {
            name: text(raw.name),
            version: text(raw.version),
            abi: (raw.abi_major, raw.abi_minor),
            callbacks: Arc::new(RwLock::new(Some(callbacks))),
        })
    }

    /// Nobody calls the host from here on.
    pub(crate) fn close(&self) {
        *self.callbacks.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Sends one message to the host's log; without a log it is dropped.
    ///
    /// Costs a lock and an allocation: not for every configuration.
    pub fn log(&self, level: Level, text: &str) {
        let callbacks = self.callbacks.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Callbacks { context, log: Some(log), .. }) = *callbacks else { return };
        let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
        // SAFETY: the instance is not destroyed yet (the lock keeps `close` waiting), and until then the host takes any
        // NUL-terminated text from any thread.
        unsafe { log(context, level as u32, text.as_ptr()) }
    }

    /// The host program, such as `freeland`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version of the host program.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Major and minor of the header that the host was built with.
    pub fn abi(&self) -> (u32, u32) {
        self.abi
    }

    /// A table that the host offers; null where it does not know the id. It lives as long as the host.
    pub fn extension(&self, id: &CStr) -> *const c_void {
        let callbacks = self.callbacks.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Callbacks { context, extension: Some(extension), .. }) = *callbacks else {
            return std::ptr::null();
        };
        // SAFETY: the instance is not destroyed yet, and the text is NUL-terminated.
        unsafe { extension(context, id.as_ptr()) }
    }
}
