//! Ctrl-C while a plugin works.
//!
//! Python hears of a signal when its main thread comes back to it, which a plugin can put off for hours. The call stays on its
//! thread, whose stack, floating-point state and thread-local data the plugin may rely on; so for as long as it runs, SIGINT
//! also raises the flag by which a plugin is asked to stop. Python's own handler then raises KeyboardInterrupt.

use std::cell::Cell;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};

use libc::{SA_ONSTACK, SA_RESTART, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGINT, c_int, c_void, siginfo_t};

use crate::fork;

/// Raised by the handler; read by the plugin. One will do: only the main thread watches.
static CANCEL: AtomicU32 = AtomicU32::new(0);
/// The handler that was there before, and its flags.
static BEFORE: AtomicUsize = AtomicUsize::new(SIG_DFL);
static BEFORE_FLAGS: AtomicI32 = AtomicI32::new(0);

/// SIGINT is watched while this lives, on the main thread and where Python has a handler for it.
pub struct Watch {
    /// What is put back.
    before: Option<libc::sigaction>,
}

impl Watch {
    pub fn start() -> Self {
        if !is_main_thread() {
            return Self { before: None };
        }
        let ours = on_interrupt as extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
        // SAFETY: zero is a value of the struct, and both calls are handed structs that live through them. The handler does
        // nothing but store to an atomic and call the one that was there.
        let before = unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(SIGINT, std::ptr::null(), &mut before) != 0 {
                return Self { before: None };
            }
            // Ours: a plugin has called Python, which has called a plugin.
            if [SIG_DFL, SIG_IGN, ours].contains(&before.sa_sigaction) {
                return Self { before: None };
            }
            CANCEL.store(0, Ordering::Relaxed);
            BEFORE.store(before.sa_sigaction, Ordering::Relaxed);
            BEFORE_FLAGS.store(before.sa_flags, Ordering::Relaxed);
            let mut watch = before;
            watch.sa_sigaction = ours;
            watch.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
            (libc::sigaction(SIGINT, &watch, std::ptr::null_mut()) == 0).then_some(before)
        };
        Self { before }
    }

    /// What a call is given to be stopped by.
    pub fn flag(&self) -> Option<&'static AtomicU32> {
        self.before.is_some().then_some(&CANCEL)
    }

    /// Whether SIGINT came; it is forgotten then.
    pub fn interrupted(&self) -> bool {
        self.before.is_some() && CANCEL.swap(0, Ordering::Relaxed) != 0
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // SAFETY: the struct is what the system gave, and lives through the call.
            unsafe { libc::sigaction(SIGINT, before, std::ptr::null_mut()) };
        }
    }
}

/// Runs on any thread, between any two instructions.
extern "C" fn on_interrupt(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    CANCEL.store(1, Ordering::Relaxed);
    let before = BEFORE.load(Ordering::Relaxed);
    if before == SIG_DFL || before == SIG_IGN {
        return;
    }
    // SAFETY: it is the handler that the system would have called, in the form that its flags say.
    unsafe {
        if BEFORE_FLAGS.load(Ordering::Relaxed) & SA_SIGINFO != 0 {
            let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = std::mem::transmute(before);
            handler(signal, info, context);
        } else {
            let handler: extern "C" fn(c_int) = std::mem::transmute(before);
            handler(signal);
        }
    }
}

/// Whether Python runs handlers of signals on this thread.
fn is_main_thread() -> bool {
    thread_local! {
        /// The answer, and for which generation: a fork makes a main thread of any.
        static ANSWER: Cell<Option<(u64, bool)>> = const { Cell::new(None) };
    }
    ANSWER.with(|answer| match answer.get() {
        Some((generation, main)) if generation == fork::generation() => main,
        _ => {
            // SAFETY: these always succeed.
            let main = unsafe { libc::gettid() == libc::getpid() };
            answer.set(Some((fork::generation(), main)));
            main
        }
    })
}
