//! Messages of plugins and of the loader, on their way to Python's `logging`.
//!
//! They come from any thread, while it may not wait for the interpreter: the one that holds its lock may wait for the plugin.
//! So they are put into a queue, which is emptied when a call comes back to Python, or else by the interpreter's main thread,
//! which is asked for it.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use freeland_loader::Level;
use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

use crate::exit;

/// Loggers of Python.
const PLUGINS: &str = "freeland.plugin";
const LOADER: &str = "freeland";
/// More messages than this wait for nobody.
const MOST: usize = 10_000;

struct Message {
    logger: &'static str,
    level: c_int,
    text: String,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Message>,
    dropped: u64,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { messages: VecDeque::new(), dropped: 0 });
/// Whether there is anything in the queue.
static WAITING: AtomicBool = AtomicBool::new(false);
/// Whether the main thread has been asked to empty it.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Where messages of plugins go.
pub fn of_plugins() -> freeland_loader::Log {
    freeland_loader::Log::to(|level, library, text| {
        let level = match level {
            Level::Error => 40,
            Level::Warning => 30,
            Level::Info => 20,
            Level::Debug => 10,
        };
        push(Message { logger: PLUGINS, level, text: format!("{library}: {text}") });
    })
}

fn push(message: Message) {
    {
        let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.messages.len() < MOST {
            queue.messages.push_back(message);
        } else {
            queue.dropped += 1;
        }
    }
    WAITING.store(true, Ordering::Release);
    if exit::begun() || ASKED.swap(true, Ordering::AcqRel) {
        return;
    }
    // SAFETY: it may be called from any thread, attached or not, while there is an interpreter.
    if unsafe { pyo3::ffi::Py_AddPendingCall(Some(empty), std::ptr::null_mut()) } != 0 {
        // Too much is pending; the next call empties it.
        ASKED.store(false, Ordering::Release);
    }
}

/// `epp_force_log` of `epp_openmm.h`: for plugins behind Forces of OpenMM.
unsafe extern "C" fn of_forces(_: *mut c_void, level: u32, source: *const c_char, text: *const c_char) {
    /// The library of the Forces itself.
    const FORCES: &CStr = c"libepp_openmm";
    // SAFETY: the header's promise: both are texts that live through the call.
    let (source, text) = unsafe { (CStr::from_ptr(source), CStr::from_ptr(text)) };
    let level = match level {
        1 => 40,
        2 => 30,
        3 => 20,
        _ => 10,
    };
    let logger = if source == FORCES { LOADER } else { PLUGINS };
    push(Message {
        logger,
        level,
        text: format!("{}: {}", source.to_string_lossy(), text.to_string_lossy()),
    });
}

/// The address of what `epp_force_set_log` is to be given.
#[pyfunction]
pub fn force_log() -> usize {
    let function: unsafe extern "C" fn(*mut c_void, u32, *const c_char, *const c_char) = of_forces;
    function as usize
}

/// Called by the interpreter on its main thread.
extern "C" fn empty(_nothing: *mut c_void) -> c_int {
    ASKED.store(false, Ordering::Release);
    Python::try_attach(drain);
    0
}

/// Hands what waits to `logging`. What goes wrong there is told as Python tells of errors in callbacks.
pub fn drain(py: Python<'_>) {
    if !WAITING.swap(false, Ordering::AcqRel) {
        return;
    }
    let queue = std::mem::take(&mut *QUEUE.lock().unwrap_or_else(PoisonError::into_inner));
    if let Err(error) = hand_over(py, queue) {
        error.write_unraisable(py, None);
    }
}

fn hand_over(py: Python<'_>, queue: Queue) -> PyResult<()> {
    let logger = py.import("logging")?.getattr("getLogger")?;
    for message in queue.messages {
        logger.call1((message.logger,))?.call_method1("log", (message.level, "%s", message.text))?;
    }
    if queue.dropped > 0 {
        let text =
            format!("{} more messages came faster than they could be told, and were left out", queue.dropped);
        logger.call1((LOADER,))?.call_method1("warning", ("%s", text))?;
    }
    Ok(())
}

/// Sends the loader's own events to `logging` from now on.
pub fn watch() {
    // The loader of this library is nobody else's: nothing but this module can have set one.
    let _ = tracing::subscriber::set_global_default(Events);
}

/// Takes events, and no spans: the loader has none.
struct Events;

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn new_span(&self, _attributes: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => 40,
            tracing::Level::WARN => 30,
            tracing::Level::INFO => 20,
            _ => 10,
        };
        let mut text = Text::default();
        event.record(&mut text);
        push(Message { logger: LOADER, level, text: text.0 });
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

/// The message of an event.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            // Writing to a String does not fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}
