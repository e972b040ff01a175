//! One worker process: started by a thread that lives as long as it, its keeper.
//!
//! That thread is the parent whose end the guard of the worker is told of (`PR_SET_PDEATHSIG` looks at threads), so it
//! must not be one of the caller's, which may come and go.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::area::{Area, Layout};
use super::error::IsolationError;
use super::handover::hand_over;
use super::keeper::{Keeper, Names};
use super::life::Life;
use super::message::Answer;

/// A worker process. Dropping it kills it.
pub(super) struct Process {
    life: Arc<Life>,
    keeper: Option<JoinHandle<()>>,
    answers: Receiver<Answer>,
    control: UnixStream,
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
            Ok(spawned) => {
                let keeper = Keeper::new(spawned, (control, output), area, names, say);
                let _ = started.send(Ok(Arc::clone(keeper.life())));
                keeper.run();
            }
            Err(error) => drop(started.send(Err(error))),
        };
        let thread = std::thread::Builder::new().name("freeland-keeper".to_owned()).spawn(keep);
        let keeper = Some(thread.map_err(resource("a thread"))?);
        let life = start
            .recv()
            .unwrap_or_else(|_| Err(ErrorKind::Other.into()))
            .map_err(|reason| IsolationError::Spawn { path: executable.to_owned(), reason })?;
        Ok(Self { life, keeper, answers, control: ours })
    }

    /// What it says before it takes batches. No more comes after its end.
    pub(super) fn answers(&self) -> &Receiver<Answer> {
        &self.answers
    }

    /// Gives it the file of its buffers, which are laid out so.
    pub(super) fn hand_over(&self, layout: &Layout, file: &OwnedFd) -> std::io::Result<()> {
        self.life.buffers.store(layout.bytes(), Ordering::Relaxed);
        hand_over(&self.control, layout.capacity, file)
    }

    /// Whether it has ended, and its whole group with it.
    pub(super) fn has_ended(&self) -> bool {
        self.life.ended.load(Ordering::Acquire)
    }

    /// Bytes of memory that it holds alone, as of the last second or so; 0 where nobody has looked yet.
    pub(super) fn memory(&self) -> u64 {
        self.life.memory.load(Ordering::Relaxed)
    }

    /// As [`Process::memory`], as of now.
    pub(super) fn memory_now(&self) -> u64 {
        self.life.memory_now()
    }

    /// Kills it and all its children.
    pub(super) fn kill(&self) {
        self.life.kill();
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> String {
        self.life.end()
    }

    /// Its last line of output, as something to append to a sentence.
    pub(super) fn last_words(&self) -> String {
        self.life.last_words()
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
