//! One check in a process of its own: forked, watched, and killed with all it has started.
//!
//! The check is a fork of this process, which has one thread and has not loaded the plugin; so every check finds the same
//! untouched process, and starting it costs a millisecond, whatever this program is linked to.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, setpgid,
    setrlimit, waitid, waitpgid,
};
use tempfile::TempDir;

use super::record::Record;
use super::verdict::{Failure, Verdict};
use super::waiting::Waiting;

/// Largest file that a check may write, in bytes: a plugin that floods its output must not fill the disk.
const LARGEST_FILE: u64 = 1 << 30;
/// Times its limit after which a check is late on any machine, however busy.
const MOST_LIMITS: u32 = 4;
/// How much of a child's output is quoted.
const QUOTED_BYTES: usize = 400;

/// A check that runs.
pub(crate) struct Child {
    pid: Pid,
    folder: TempDir,
    started: Instant,
    limit: Duration,
}

/// How a check's process ended.
pub(crate) struct Ended {
    pub(crate) record: Record,
    pub(crate) seconds: f64,
}

impl Child {
    /// Forks, and runs `work` there with its output caught in `folder`, an empty one. With `exits`, the child leaves by
    /// `exit`, destructors of libraries included; else at once.
    ///
    /// # Errors
    /// No process can be made.
    pub(crate) fn start(
        folder: TempDir,
        limit: Duration,
        exits: bool,
        work: impl FnOnce() -> Record,
    ) -> io::Result<Self> {
        // SAFETY: this process has one thread (`run` has seen to it), so the child may do all its parent might.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                let written = catch_unwind(AssertUnwindSafe(|| in_child(folder.path(), work)));
                let code = if matches!(written, Ok(Ok(()))) { 0 } else { 70 };
                if exits {
                    std::process::exit(code);
                }
                // SAFETY: ends the process; nothing runs after it.
                unsafe { libc::_exit(code) }
            }
            pid => {
                let pid = Pid::from_raw(pid).ok_or_else(|| io::Error::other("fork returned no process"))?;
                // Both sides do it, so that the group is there whoever comes first; a child that has ended has none.
                let _ = setpgid(Some(pid), Some(pid));
                Ok(Self { pid, folder, started: Instant::now(), limit })
            }
        }
    }

    /// Whether it has had its time. What it waited for a processor does not count, up to a few times its limit.
    fn is_late(&self) -> bool {
        let elapsed = self.started.elapsed();
        elapsed >= self.limit
            && (elapsed >= MOST_LIMITS * self.limit || {
                let waited = Waiting::of(self.pid.as_raw_nonzero()).longest();
                elapsed.as_secs_f64() - waited >= self.limit.as_secs_f64()
            })
    }

    /// How it ended, if it has. One that is late is killed.
    pub(crate) fn poll(&self) -> Option<Ended> {
        // The ended child is left unreaped until its group is gone: its id cannot be given to somebody else meanwhile.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let status = match waitid(WaitId::Pid(self.pid), options) {
            Ok(Some(status)) => Some(status),
            Ok(None) if !self.is_late() => return None,
            Ok(None) => None,
            Err(Errno::INTR) => return None,
            Err(_) => None,
        };
        let seconds = self.started.elapsed().as_secs_f64();
        self.end_group();
        let fatal = |verdict, reason| Record {
            verdict,
            failure: Failure { reason, positions: None },
            facts: Default::default(),
        };
        let record = match status {
            None => fatal(
                Verdict::TimedOut,
                format!(
                    "no answer within {:.0} s; it was killed with all processes it had started{}",
                    self.limit.as_secs_f64(),
                    self.last_words()
                ),
            ),
            Some(status) => match (status.exit_status(), status.terminating_signal()) {
                (Some(0), _) => self.read_record().unwrap_or_else(|| {
                    fatal(
                        Verdict::Crashed,
                        format!("the plugin ended its process by exit(0){}", self.last_words()),
                    )
                }),
                (Some(code), _) => fatal(
                    Verdict::Crashed,
                    format!("the process ended with exit code {code}{}", self.last_words()),
                ),
                (None, signal) => {
                    let signal = signal.map_or_else(|| "an unknown signal".to_owned(), signal_name);
                    fatal(Verdict::Crashed, format!("the process died of {signal}{}", self.last_words()))
                }
            },
        };
        Some(Ended { record, seconds })
    }

    /// Kills what is left of the child and of all it has started, and leaves no zombie.
    fn end_group(&self) {
        let _ = kill_process_group(self.pid, Signal::KILL);
        // Orphans in the group come to this process, which is their subreaper.
        loop {
            match waitpgid(self.pid, WaitOptions::empty()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn read_record(&self) -> Option<Record> {
        serde_json::from_slice(&std::fs::read(self.folder.path().join("record.json")).ok()?).ok()
    }

    /// The end of what it wrote to its standard error, for the reason of a crash.
    fn last_words(&self) -> String {
        let text = std::fs::read(self.folder.path().join("stderr")).unwrap_or_default();
        let text =
            String::from_utf8_lossy(&text[text.len().saturating_sub(QUOTED_BYTES)..]).trim().to_owned();
        if text.is_empty() { text } else { format!("; its last words: {}", text.replace('\n', " | ")) }
    }
}

fn in_child(folder: &Path, work: impl FnOnce() -> Record) -> io::Result<()> {
    let _ = setpgid(None, None);
    // SAFETY: only sets what happens to this process when its parent dies: it goes too.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let most = Rlimit { current: Some(LARGEST_FILE), maximum: Some(LARGEST_FILE) };
    let _ = setrlimit(Resource::Fsize, most);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?.as_fd())?;
    rustix::stdio::dup2_stdout(File::create(folder.join("stdout"))?.as_fd())?;
    rustix::stdio::dup2_stderr(File::create(folder.join("stderr"))?.as_fd())?;
    let record = work();
    let temporary = folder.join("record.part");
    std::fs::write(&temporary, serde_json::to_vec(&record)?)?;
    std::fs::rename(temporary, folder.join("record.json"))
}

/// Makes this process the one that orphans of its children come to, so that it can reap them.
pub(crate) fn become_subreaper() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// `SIGSEGV (invalid memory access)`
fn signal_name(signal: i32) -> String {
    let (name, meaning) = match signal {
        libc::SIGSEGV => ("SIGSEGV", "invalid memory access"),
        libc::SIGBUS => ("SIGBUS", "invalid memory access"),
        libc::SIGABRT => ("SIGABRT", "abort, or an exception that nobody caught"),
        libc::SIGFPE => ("SIGFPE", "arithmetic"),
        libc::SIGILL => ("SIGILL", "illegal instruction"),
        libc::SIGTRAP => ("SIGTRAP", "trap"),
        libc::SIGKILL => ("SIGKILL", "killed, by the system for memory perhaps"),
        libc::SIGTERM => ("SIGTERM", "terminated"),
        libc::SIGPIPE => ("SIGPIPE", "wrote to a closed pipe"),
        libc::SIGXFSZ => ("SIGXFSZ", "wrote a file above the limit"),
        libc::SIGALRM => ("SIGALRM", "an alarm of its own"),
        _ => return format!("signal {signal}"),
    };
    format!("{name} ({meaning})")
}
