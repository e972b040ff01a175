//! The thread beside a worker, which listens to it, looks at its memory, and reaps it.
//!
//! What a worker says is the plugin's, and may be anything, without end: it is read in parts and within a budget.

use std::io::{ErrorKind, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Pid;

use super::area::{Area, GONE};
use super::budget::Budget;
use super::life::Life;
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

/// What the thread beside a worker has.
pub(super) struct Keeper {
    child: Child,
    pidfd: OwnedFd,
    control: UnixStream,
    output: PipeReader,
    area: Arc<Area>,
    names: Names,
    say: SyncSender<Answer>,
    life: Arc<Life>,
    /// What was heard, but is not whole yet.
    inbox: Inbox,
    line: Vec<u8>,
    /// Bytes that it may still say, and lines of them that are still logged.
    bytes: Budget,
    lines: Budget,
    left_out: bool,
}

impl Keeper {
    pub(super) fn new(
        (child, pidfd): (Child, OwnedFd),
        (control, output): (UnixStream, PipeReader),
        area: Arc<Area>,
        names: Names,
        say: SyncSender<Answer>,
    ) -> Self {
        let life = Arc::new(Life::of(Pid::from_child(&child)));
        Self {
            child,
            pidfd,
            control,
            output,
            area,
            names,
            say,
            life,
            inbox: Inbox::default(),
            line: Vec::new(),
            bytes: Budget::new(AT_ONCE.into(), A_SECOND.into()),
            lines: Budget::new(LINES_AT_ONCE.into(), LINES_A_SECOND.into()),
            left_out: false,
        }
    }

    /// What it knows of the worker.
    pub(super) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// Listens to the worker until it has ended.
    pub(super) fn run(mut self) {
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
                let (memory, most) = (self.life.memory_now(), self.names.memory);
                self.life.memory.store(memory, Ordering::Relaxed);
                if memory > most {
                    let mb = |bytes: u64| bytes >> 20;
                    self.life.kill_for(|| {
                        format!("took {} MB of memory, more than its {} MB", mb(memory), mb(most))
                    });
                }
                looked = Instant::now();
            }
        }
        {
            let mut end = self.life.end.lock().unwrap_or_else(PoisonError::into_inner);
            *end = self.child.wait().ok().or(Some(ExitStatus::default()));
        }
        let rest = std::mem::take(&mut self.line);
        self.log_line(&rest);
        self.life.ended.store(true, Ordering::Release);
        self.area.head().answer.ring_loudly(GONE);
    }

    /// Takes some of what the worker says. `false` where nothing will come any more.
    fn hear(&mut self) -> bool {
        let filled = self.inbox.fill(&self.control).unwrap_or(Filled::End);
        loop {
            match self.inbox.next() {
                Ok(Some((Answer::Begun { process }, _))) => {
                    // The first one is the worker's, the others' are anybody's.
                    let worker = &self.life.worker;
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
                    self.life.kill_for(|| format!("said what cannot be understood: {error}"));
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
        text.clone_into(&mut self.life.last_line.lock().unwrap_or_else(PoisonError::into_inner));
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
        self.life.kill_for(|| format!("said more than {} MB", AT_ONCE >> 20));
        false
    }
}
