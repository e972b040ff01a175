//! Where messages about a potential go.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use freeland_loader::{Level, Log};

use crate::facts::text;
use crate::structs::{LogCallback, Options};

struct Target {
    callback: LogCallback,
    context: *mut c_void,
}

// SAFETY: the header says that it is called from any thread.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    fn say(&self, level: Level, library: &str, words: &str) {
        let (library, words) = (text(library), text(words));
        // SAFETY: the header's rules for the callback; both texts live through the call.
        unsafe { (self.callback)(self.context, level.code(), library.as_ptr(), words.as_ptr()) };
    }
}

/// The caller's function, or the standard error.
pub fn of(options: &Options) -> Log {
    match options.log {
        Some(callback) => {
            let target = Target { callback, context: options.log_context };
            Log::to(move |level, library, words| target.say(level, library, words))
        }
        None => Log::to(|level, library, words| {
            if level <= Level::Warning {
                // Where there is no standard error, there is nobody to tell.
                let _ = catch_unwind(AssertUnwindSafe(|| eprintln!("libfreeland: {library}: {words}")));
            }
        }),
    }
}
