//! Where messages of plugins and of this library go.

use std::ffi::{CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};

use freeland_loader::{Level, Log};

/// `epp_force_log`
pub type Callback = unsafe extern "C" fn(*mut c_void, u32, *const c_char, *const c_char);

/// The name of this library as a source of messages.
pub const OWN: &str = "libepp_openmm";

#[derive(Clone, Copy)]
struct Target {
    callback: Callback,
    context: *mut c_void,
}

// SAFETY: the header says that it is called from any thread.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

static TARGET: RwLock<Option<Target>> = RwLock::new(None);

/// `None`: the standard error again.
pub fn set(callback: Option<Callback>, context: *mut c_void) {
    *TARGET.write().unwrap_or_else(PoisonError::into_inner) =
        callback.map(|callback| Target { callback, context });
}

/// Where plugins log to.
pub fn of_plugins() -> Log {
    Log::to(say)
}

/// Hands a message on.
pub fn say(level: Level, source: &str, text: &str) {
    let target = *TARGET.read().unwrap_or_else(PoisonError::into_inner);
    match target {
        Some(target) => {
            let c = |text: &str| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default();
            let (source, text) = (c(source), c(text));
            // SAFETY: the header's rules for the callback; both texts live through the call.
            unsafe { (target.callback)(target.context, level.code(), source.as_ptr(), text.as_ptr()) };
        }
        // Where there is no standard error, there is nobody to tell.
        None if level <= Level::Warning => {
            let _ = catch_unwind(AssertUnwindSafe(|| match source {
                OWN => eprintln!("{OWN}: {text}"),
                plugin => eprintln!("{OWN}: {plugin}: {text}"),
            }));
        }
        None => {}
    }
}
