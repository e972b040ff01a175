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
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use super::area::{Area, GONE, Layout};
use super::budget::Budget;
use super::error::IsolationError;
use super::handover::hand_over;
use super::memory;
use super::message::{Answer, Filled, Inbox};
use crate::log::{Level, Log};

/// How often a worker's memory is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Lines of output are cut here, in bytes.
const LINE: usize = 4096;
/// What a worker may print and log at once, and in every second after that, in bytes. More ends it.
const AT_ONCE: u32 = 64 << 20;
const A_SECOND: u32 = 1 << 20;
/// The same in lines that are logged. More are left out.
const LINES_AT_ONCE: u32 = 2000;
const LINES_A_SECOND: u32 = 100;
/// After its end, it is listened to so often: enough for full pipes.
const LAST_ROUNDS: usize = 128;

/// What is said in a worker's name.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// File name of the library.
    pub(super) library: String,
    /// Where messages go.
    pub(super) log: Log,
    /// Lines of output of all workers of one potential.
    pub(super) lines: Arc<AtomicU64>,
    /// The memory that each may take, in bytes.
    pub(super) memory: u64,
}

/// A worker process. Dropping it kills it.
pub(super) struct Process {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    answers: Receiver<Answer>,
    control: UnixStream,
}

struct Shared {
    /// The guard, which is the parent of the worker itself.
    guard: Pid,
    /// The worker, once it has said its number.
    worker: AtomicU32,
    /// Held while it is killed or reaped, so that no signal goes to a process that has its number later.
    end: Mutex<Option<ExitStatus>>,
    ended: AtomicBool,
    last_line: Mutex<String>,
    /// Why it was killed, where its own doings were the reason.
    blame: Mutex<Option<String>>,
    /// Bytes of memory that it holds without those of the host.
    memory: AtomicU64,
    /// Bytes of the buffers that it shares with the host.
    buffers: AtomicU64,
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
                let shared = Arc::new(Shared::of(Pid::from_child(&child)));
                let _ = started.send(Ok(Arc::clone(&shared)));
                let keeper = Keeper {
                    child,
                    pidfd,
                    control,
                    output,
                    area,
                    names,
                    say,
                    shared,
                    inbox: Inbox::default(),
                    line: Vec::new(),
                    bytes: Budget::new(AT_ONCE.into(), A_SECOND.into()),
                    lines: Budget::new(LINES_AT_ONCE.into(), LINES_A_SECOND.into()),
                    left_out: false,
                };
                keeper.run();
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

    /// Gives it the file of its buffers, which are laid out so.
    pub(super) fn hand_over(&self, layout: &Layout, file: &OwnedFd) -> std::io::Result<()> {
        self.shared.buffers.store(layout.bytes(), Ordering::Relaxed);
        hand_over(&self.control, layout.capacity, file)
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
        self.shared.memory_now()
    }

    /// Kills it and all its children.
    pub(super) fn kill(&self) {
        self.shared.kill();
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> String {
        if let Some(blame) = &*self.shared.blame.lock().unwrap_or_else(PoisonError::into_inner) {
            return format!("was ended, because it {blame}");
        }
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
    fn of(guard: Pid) -> Self {
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

    fn kill(&self) {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_none() {
            // The guard kills the group of the worker. Fails only where nobody is left.
            let _ = kill_process(self.guard, Signal::TERM);
        }
    }

    /// Kills it for what it has done.
    fn kill_for(&self, deed: impl FnOnce() -> String) {
        self.blame.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(deed);
        self.kill();
    }

    fn memory_now(&self) -> u64 {
        match self.worker.load(Ordering::Relaxed) {
            0 => 0,
            worker => memory::held_by(worker, self.buffers.load(Ordering::Relaxed)),
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
    shared: Arc<Shared>,
    /// What was heard, but is not whole yet.
    inbox: Inbox,
    line: Vec<u8>,
    /// Bytes that it may still say, and lines of them that are still logged.
    bytes: Budget,
    lines: Budget,
    left_out: bool,
}

impl Keeper {
    fn run(mut self) {
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
            // The end of the guard is that of all: what they have said is in the pipes, and those are finite.
            let rounds = if over { LAST_ROUNDS } else { 1 };
            for _ in 0..rounds {
                let (heard, read) = (listens && self.hear(), prints && self.read());
                if !over {
                    (listens, prints) = (heard, read);
                }
            }
            if over {
                break;
            }
            if looked.elapsed() >= LOOK {
                let (memory, most) = (self.shared.memory_now(), self.names.memory);
                self.shared.memory.store(memory, Ordering::Relaxed);
                if memory > most {
                    let mb = |bytes: u64| bytes >> 20;
                    self.shared.kill_for(|| {
                        format!("took {} MB of memory, more than its {} MB", mb(memory), mb(most))
                    });
                }
                looked = Instant::now();
            }
        }
        {
            let mut end = self.shared.end.lock().unwrap_or_else(PoisonError::into_inner);
            *end = self.child.wait().ok().or(Some(ExitStatus::default()));
        }
        let rest = std::mem::take(&mut self.line);
        self.log_line(&rest);
        self.shared.ended.store(true, Ordering::Release);
        self.area.head().answer.ring_loudly(GONE);
    }

    /// Takes some of what the worker says. `false` where nothing will come any more.
    fn hear(&mut self) -> bool {
        let filled = self.inbox.fill(&self.control).unwrap_or(Filled::End);
        loop {
            match self.inbox.next() {
                Ok(Some((Answer::Begun { process }, _))) => {
                    // The first one is the worker's, the others' are anybody's.
                    let worker = &self.shared.worker;
                    let _ = worker.compare_exchange(0, process, Ordering::Relaxed, Ordering::Relaxed);
                }
                Ok(Some((Answer::Log { level, text }, length))) => {
                    if !self.bytes.take(length as f64) {
                        return self.flooded();
                    }
                    if self.is_logged() {
                        self.names.log.say(Level::of(level), &self.names.library, &text);
                    }
                }
                // One answer decides; a plugin that imitates more is not heard.
                Ok(Some((answer, _))) => drop(self.say.try_send(answer)),
                Ok(None) => return filled != Filled::End,
                Err(error) => {
                    self.shared.kill_for(|| format!("said what cannot be understood: {error}"));
                    return false;
                }
            }
        }
    }

    /// Takes some of what the plugin prints. `false` where nothing will come any more.
    fn read(&mut self) -> bool {
        let mut chunk = [0; 4 * LINE];
        match (&self.output).read(&mut chunk) {
            Ok(0) => false,
            Ok(read) if !self.bytes.take(read as f64) => self.flooded(),
            Ok(read) => {
                let mut rest = &chunk[..read];
                while !rest.is_empty() {
                    // A line without an end is cut.
                    let room = LINE - self.line.len();
                    let end = rest.iter().take(room).position(|&byte| byte == b'\n');
                    self.line.extend_from_slice(&rest[..end.unwrap_or(room.min(rest.len()))]);
                    rest = &rest[end.map_or(room.min(rest.len()), |end| end + 1)..];
                    if end.is_some() || self.line.len() == LINE {
                        let line = std::mem::take(&mut self.line);
                        self.log_line(&line);
                    }
                }
                true
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }

    fn log_line(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.names.lines.fetch_add(1, Ordering::Relaxed);
        if self.is_logged() {
            self.names.log.say(Level::Info, &self.names.library, text);
        }
        text.clone_into(&mut self.shared.last_line.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether there is room in the log for another line.
    fn is_logged(&mut self) -> bool {
        let room = self.lines.take(1.0);
        if !room && !std::mem::replace(&mut self.left_out, true) {
            tracing::warn!(
                "plugin '{}' says more than {LINES_A_SECOND} lines a second: the rest is left out",
                self.names.library
            );
        }
        room
    }

    /// Ends a worker that says too much. Nothing of it is heard any more.
    fn flooded(&self) -> bool {
        self.shared.kill_for(|| format!("said more than {} MB", AT_ONCE >> 20));
        false
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
