//! A plugin that ends the program, as a STOP in Fortran does, is named, and the program does not look as if it had
//! finished.
//!
//! `exit` runs what was registered to be run at the end, on the stack of who called it. Where code of a plugin is among
//! the callers, that says so and ends the process with status 70. Nothing can be done about `_exit` and `quick_exit`, which do not run it;
//! in a worker process, both are faults of one configuration like any other.

use std::cell::Cell;
use std::ffi::c_void;
use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

/// The exit status of a program that a plugin has ended.
const ENDED_BY_PLUGIN: i32 = 70;
/// Callers that are looked at.
const DEPTH: usize = 256;

/// Where the plugins of this process lie, and their names.
static PLUGINS: Mutex<Vec<(usize, &'static str)>> = Mutex::new(Vec::new());

thread_local! {
    /// The plugin that is being loaded on this thread, whose place is not known yet. Nothing that is destroyed before the
    /// program ends.
    static LOADING: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Loads a plugin by `load`. `place`: an address in it.
pub(crate) fn watched<T, E>(
    name: &str,
    load: impl FnOnce() -> Result<T, E>,
    place: impl FnOnce(&T) -> *const c_void,
) -> Result<T, E> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function may be called at any time, and never unwinds. Where it is not registered, it is not run.
        unsafe { libc::atexit(look) };
    });
    // As the library, it is there for good.
    let name: &'static str = Box::leak(name.into());
    LOADING.set(Some(name));
    let loaded = load();
    LOADING.set(None);
    if let Ok(loaded) = &loaded
        && let Some(base) = base_of(place(loaded))
    {
        PLUGINS.lock().unwrap_or_else(PoisonError::into_inner).push((base, name));
    }
    loaded
}

/// Where the library begins that an address lies in.
fn base_of(address: *const c_void) -> Option<usize> {
    // SAFETY: all zeros is a value of this struct; any address may be asked for.
    let info = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        (libc::dladdr(address, &mut info) != 0).then_some(info)
    };
    info.map(|info| info.dli_fbase.addr())
}

/// The plugin that called for the end of the program, if one did.
fn caller() -> Option<&'static str> {
    if let Some(name) = LOADING.get() {
        return Some(name);
    }
    // Where another thread holds it, that one was not stopped by a plugin while it did.
    let plugins = PLUGINS.try_lock().ok()?;
    let mut callers = [std::ptr::null_mut(); DEPTH];
    // SAFETY: there is room for so many.
    let found = unsafe { libc::backtrace(callers.as_mut_ptr(), DEPTH as i32) };
    let mut bases = callers.iter().take(found.max(0) as usize).filter_map(|&caller| base_of(caller));
    bases.find_map(|base| plugins.iter().find(|plugin| plugin.0 == base).map(|plugin| plugin.1))
}

extern "C" fn look() {
    let Some(name) = caller() else { return };
    let sentence = format!(
        "error: plugin '{name}' has ended this program by a call of exit, in the middle of its work; with isolation = \
         \"process\" only a worker process would have ended\n"
    );
    // Nobody is left to be told that this fails.
    let _ = std::io::stderr().write_all(sentence.as_bytes());
    // SAFETY: ends the process at once: what else is registered would find the plugin in the middle of its work.
    unsafe { libc::_exit(ENDED_BY_PLUGIN) }
}
