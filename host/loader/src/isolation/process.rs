//! One worker process: started, listened to, killed and reaped by a thread that lives as long as it.
//!
//! That thread is the parent whose end kills the worker (`PR_SET_PDEATHSIG` looks at threads), so it must not be one of
//! the caller's, which may come and go.

use std::io::{ErrorKind, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::area::{Area, GONE};
use super::error::IsolationError;
use super::handover::hand_over;
use super::message::{Answer, Inbox};
use crate::log::{Level, Log};

/// How often a worker's memory is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Lines of output are cut here, in bytes.
const LINE: usize = 4096;

/// What is said in a worker's name.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// File name of the library.
    pub(super) library: String,
    /// Where messages go.
    pub(super) log: Log,
    /// Lines of output of all workers of one potential.
    pub(super) lines: Arc<AtomicU64>,
}

/// A worker process. Dropping it kills it.
pub(super) struct Process {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    answers: Receiver<Answer>,
    control: UnixStream,
}

struct Shared {
    pid: Pid,
    /// Held while it is killed or reaped, so that no signal goes to a process that has its number later.
    end: Mutex<Option<ExitStatus>>,
    ended: AtomicBool,
    last_line: Mutex<String>,
    /// Bytes of memory that it holds alone.
    memory: AtomicU64,
}

impl Process {
    /// Starts `executable` on `area`.
    pub(super) fn start(
        executable: &Path,
        scratch: &Path,
        area: &Arc<Area>,
        names: &Names,
    ) -> Result<Self, IsolationError> {
        let resource = |what| move |reason| IsolationError::Resource { what, reason };
        let (control, theirs) = UnixStream::pair().map_err(resource("a socket"))?;
        let (output, noise) = std::io::pipe().map_err(resource("a pipe"))?;
        control.set_nonblocking(true).map_err(resource("a socket"))?;
        fcntl_setfl(&output, OFlags::NONBLOCK).map_err(|error| resource("a pipe")(error.into()))?;
        let mut command = Command::new(executable);
        // The worker's three streams carry all it needs, so that nothing else has to be inherited: the shared memory,
        // the socket, and a pipe for what the plugin prints.
        command
            .stdin(area.file().map_err(resource("shared memory"))?)
            .stdout(OwnedFd::from(theirs))
            .stderr(Stdio::from(noise))
            .env("TMPDIR", scratch)
            .process_group(0);
        let (say, answers) = sync_channel(1);
        let (started, start) = sync_channel(1);
        let (area, names) = (Arc::clone(area), names.clone());
        let ours = control.try_clone().map_err(resource("a socket"))?;
        let keep = move || match spawn(command) {
            Ok((child, pidfd)) => {
                let keeper = Keeper { child, pidfd, control, output, area, names, say, shared: None };
                keeper.run(&started);
            }
            Err(error) => drop(started.send(Err(error))),
        };
        let thread = std::thread::Builder::new().name("freeland-keeper".to_owned()).spawn(keep);
        let keeper = Some(thread.map_err(resource("a thread"))?);
        let shared = start
            .recv()
            .unwrap_or_else(|_| Err(ErrorKind::Other.into()))
            .map_err(|reason| IsolationError::Spawn { path: executable.to_owned(), reason })?;
        Ok(Self { shared, keeper, answers, control: ours })
    }

    /// What it says before it takes batches. No more comes after its end.
    pub(super) fn answers(&self) -> &Receiver<Answer> {
        &self.answers
    }

    /// Gives it the file of its buffers, which have room for so many configurations.
    pub(super) fn hand_over(&self, capacity: usize, file: &OwnedFd) -> std::io::Result<()> {
        hand_over(&self.control, capacity, file)
    }

    /// Whether it has ended, and its whole group with it.
    pub(super) fn has_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Bytes of memory that it holds alone, as of the last second or so; 0 where nobody has looked yet.
    pub(super) fn memory(&self) -> u64 {
        self.shared.memory.load(Ordering::Relaxed)
    }

    /// As [`Process::memory`], as of now.
    pub(super) fn memory_now(&self) -> u64 {
        memory_of(self.shared.pid)
    }

    /// Kills it and all its children.
    pub(super) fn kill(&self) {
        self.shared.kill();
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> String {
        match *self.shared.end.lock().unwrap_or_else(PoisonError::into_inner) {
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
        match self.shared.last_line.lock().unwrap_or_else(PoisonError::into_inner).as_str() {
            "" => String::new(),
            line => format!("; its last words: {line}"),
        }
    }

    /// Waits for its end, which must be near.
    pub(super) fn join(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            // A panic of the keeper was printed; there is nothing to add.
            let _ = keeper.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        self.join();
    }
}

impl Shared {
    fn kill(&self) {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_none() {
            // Fails only where nobody is left.
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

fn spawn(mut command: Command) -> std::io::Result<(Child, OwnedFd)> {
    let child = command.spawn()?;
    let pid = Pid::from_child(&child);
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(pidfd) => Ok((child, pidfd)),
        Err(error) => {
            let mut child = child;
            let _ = child.kill();
            let _ = child.wait();
            Err(error.into())
        }
    }
}

/// The thread beside a worker.
struct Keeper {
    child: Child,
    pidfd: OwnedFd,
    control: UnixStream,
    output: PipeReader,
    area: Arc<Area>,
    names: Names,
    say: SyncSender<Answer>,
    shared: Option<Arc<Shared>>,
}

impl Keeper {
    fn run(mut self, started: &SyncSender<std::io::Result<Arc<Shared>>>) {
        let shared = Arc::new(Shared {
            pid: Pid::from_child(&self.child),
            end: Mutex::new(None),
            ended: AtomicBool::new(false),
            last_line: Mutex::default(),
            memory: AtomicU64::new(0),
        });
        self.shared = Some(Arc::clone(&shared));
        let _ = started.send(Ok(Arc::clone(&shared)));
        let (mut inbox, mut lines) = (Inbox::default(), Vec::new());
        let (mut listens, mut prints) = (true, true);
        let mut looked = Instant::now();
        loop {
            let when = |open| if open { PollFlags::IN } else { PollFlags::empty() };
            let mut files = [
                PollFd::new(&self.pidfd, PollFlags::IN),
                PollFd::from_borrowed_fd(self.control.as_fd(), when(listens)),
                PollFd::from_borrowed_fd(self.output.as_fd(), when(prints)),
            ];
            let polled = if listens || prints { &mut files[..] } else { &mut files[..1] };
            // Interrupted or not, what there is tells.
            let _ = poll(polled, Some(&Timespec::try_from(LOOK).unwrap_or_default()));
            let over = !files[0].revents().is_empty();
            if listens {
                listens = self.hear(&mut inbox);
            }
            if prints {
                prints = self.read_output(&mut lines);
            }
            if over {
                break;
            }
            if looked.elapsed() >= LOOK {
                shared.memory.store(memory_of(shared.pid), Ordering::Relaxed);
                looked = Instant::now();
            }
        }
        {
            let mut end = shared.end.lock().unwrap_or_else(PoisonError::into_inner);
            // It is dead but not reaped, so the number of its group is still its own. Its children go with it.
            let _ = kill_process_group(shared.pid, Signal::KILL);
            *end = self.child.wait().ok().or(Some(ExitStatus::default()));
        }
        self.hear(&mut inbox);
        self.read_output(&mut lines);
        self.line(&lines);
        shared.ended.store(true, Ordering::Release);
        self.area.head().answer.ring_loudly(GONE);
    }

    /// Takes what the worker says. `false` where nothing will come any more.
    fn hear(&self, inbox: &mut Inbox) -> bool {
        let open = inbox.fill(&self.control).unwrap_or(false);
        loop {
            match inbox.next() {
                Ok(Some(Answer::Log { level, text })) => {
                    self.names.log.say(Level::of(level), &self.names.library, &text);
                }
                // One answer decides; a plugin that imitates more is not heard.
                Ok(Some(answer)) => drop(self.say.try_send(answer)),
                Ok(None) => return open,
                Err(error) => {
                    tracing::warn!(
                        "plugin '{}': its worker cannot be understood: {error}",
                        self.names.library
                    );
                    return false;
                }
            }
        }
    }

    /// Takes what the plugin prints. `false` where nothing will come any more.
    fn read_output(&self, lines: &mut Vec<u8>) -> bool {
        let mut chunk = [0; LINE];
        loop {
            match (&self.output).read(&mut chunk) {
                Ok(0) => return false,
                Ok(read) => {
                    lines.extend_from_slice(&chunk[..read]);
                    while let Some(end) = lines.iter().position(|&byte| byte == b'\n').or_else(|| {
                        // A line without an end is cut.
                        (lines.len() > LINE).then_some(LINE)
                    }) {
                        self.line(&lines[..end]);
                        lines.drain(..=end.min(lines.len() - 1));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    }

    fn line(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.names.lines.fetch_add(1, Ordering::Relaxed);
        self.names.log.say(Level::Info, &self.names.library, text);
        if let Some(shared) = &self.shared {
            text.clone_into(&mut shared.last_line.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// Resident memory of a process that is not shared with others, in bytes; 0 where it cannot be told.
fn memory_of(pid: Pid) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero())).unwrap_or_default();
    let mut pages = text.split_whitespace().skip(1).map(|word| word.parse().unwrap_or(0_u64));
    let (resident, shared) = (pages.next().unwrap_or(0), pages.next().unwrap_or(0));
    resident.saturating_sub(shared) * rustix::param::page_size() as u64
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
