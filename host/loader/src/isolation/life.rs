//! What is known of a worker process while it lives, and of how it ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

use super::memory;

/// What is known of a worker process, by its keeper and by who uses it.
pub(super) struct Life {
    /// The guard, which is the parent of the worker itself.
    guard: Pid,
    /// The worker, once it has said its number.
    pub(super) worker: AtomicU32,
    /// Held while it is killed or reaped, so that no signal goes to a process that has its number later.
    pub(super) end: Mutex<Option<ExitStatus>>,
    pub(super) ended: AtomicBool,
    pub(super) last_line: Mutex<String>,
    /// Why it was killed, where its own doings were the reason.
    blame: Mutex<Option<String>>,
    /// Bytes of memory that it holds without those of the host.
    pub(super) memory: AtomicU64,
    /// Bytes of the buffers that it shares with the host.
    pub(super) buffers: AtomicU64,
}

impl Life {
    pub(super) fn of(guard: Pid) -> Self {
        Self {
            guard,
            worker: AtomicU32::new(0),
            end: Mutex::new(None),
            ended: AtomicBool::new(false),
            last_line: Mutex::default(),
            blame: Mutex::default(),
            memory: AtomicU64::new(0),
            buffers: AtomicU64::new(0),
        }
    }

    /// Kills it and all its children.
    pub(super) fn kill(&self) {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_none() {
            // The guard kills the group of the worker. Fails only where nobody is left.
            let _ = kill_process(self.guard, Signal::TERM);
        }
    }

    /// Kills it for what it has done.
    pub(super) fn kill_for(&self, deed: impl FnOnce() -> String) {
        self.blame.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(deed);
        self.kill();
    }

    /// Bytes of memory that it holds without those of the host, as of now.
    pub(super) fn memory_now(&self) -> u64 {
        match self.worker.load(Ordering::Relaxed) {
            0 => 0,
            worker => memory::held_by(worker, self.buffers.load(Ordering::Relaxed)),
        }
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> String {
        if let Some(blame) = &*self.blame.lock().unwrap_or_else(PoisonError::into_inner) {
            return format!("was ended, because it {blame}");
        }
        match *self.end.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("was ended by {}", signal_name(signal)),
                (None, Some(code)) => format!("left with exit status {code}"),
                (None, None) => "ended".to_owned(),
            },
            None => "is running".to_owned(),
        }
    }

    /// Its last line of output, as something to append to a sentence.
    pub(super) fn last_words(&self) -> String {
        match self.last_line.lock().unwrap_or_else(PoisonError::into_inner).as_str() {
            "" => String::new(),
            line => format!("; its last words: {line}"),
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV (invalid memory reference)",
        libc::SIGABRT => "SIGABRT (abort)",
        libc::SIGBUS => "SIGBUS (bad memory access)",
        libc::SIGFPE => "SIGFPE (arithmetic error)",
        libc::SIGILL => "SIGILL (illegal instruction)",
        libc::SIGKILL => "SIGKILL (killed, by the system if memory ran out)",
        libc::SIGSYS => "SIGSYS (forbidden system call)",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        signal => return format!("signal {signal}"),
    };
    name.to_owned()
}
