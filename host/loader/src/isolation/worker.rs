//! The host's end of one worker: jobs in, results out, time limits in between.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::area::{Area, GONE, Job, LEAVE, Layout};
use super::bell::Patience;
use super::error::IsolationError;
use super::keeper::Names;
use super::message::{Answer, Order, Ready, Refusal};
use super::process::Process;
use crate::request::monotonic_ns;

/// How often a flag of the caller's is looked at, which nobody rings for.
const FLAG: Duration = Duration::from_millis(2);

/// What all workers of a potential are started from.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) executable: PathBuf,
    pub(super) order: Order,
    pub(super) names: Names,
    pub(super) time_limit: Duration,
    pub(super) grace: Duration,
    pub(super) start_limit: Duration,
}

/// Why a worker did not begin.
pub(super) enum NotStarted {
    /// The system or the worker.
    Problem(IsolationError),
    /// It ended by itself, as a plugin that crashes does.
    Died(IsolationError),
    /// The plugin, or the loader on its behalf.
    Refused(Refusal),
}

/// A worker that was started and loads its plugin.
pub(super) struct Starting {
    process: Process,
    area: Arc<Area>,
    until: Instant,
}

/// A worker with an instance.
pub(super) struct Worker {
    process: Process,
    area: Arc<Area>,
    layout: Layout,
    /// What the bells held when the latest job was posted: what was rung for it, and the answer before it.
    rung: u32,
    answered: u32,
    /// Bytes of its own when it began.
    begun_with: u64,
    patience: Patience,
    time_limit: Duration,
    grace: Duration,
}

/// How a job ended.
pub(super) enum Ending {
    /// The plugin returned this code. `late`: after it was told that its time is up.
    Answered { code: i32, late: bool },
    /// The worker is gone: how.
    Crashed(String),
    /// It was killed, because it heeded no limit.
    Hung,
    /// It was killed, because it did not heed the caller's wish to stop.
    Deaf,
}

/// When the caller wants to have no more of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) cancel: Option<&'a AtomicU32>,
    pub(super) deadline_ns: u64,
}

impl Wish<'_> {
    pub(super) fn is_to_stop(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
            || (self.deadline_ns != 0 && monotonic_ns() >= self.deadline_ns)
    }
}

impl Starting {
    pub(super) fn new(plan: &Plan) -> Result<Self, NotStarted> {
        let shared = |reason| IsolationError::Resource { what: "shared memory", reason };
        let area = Area::create(&plan.order).map_err(shared).map_err(NotStarted::Problem)?;
        let area = Arc::new(area);
        let scratch = plan.order.scratch.path();
        let process =
            Process::start(&plan.executable, &scratch, &area, &plan.names).map_err(NotStarted::Problem)?;
        Ok(Self { process, area, until: Instant::now() + plan.start_limit })
    }

    /// Waits until it has its instance. `layout`: of the buffers, given what it says of itself.
    pub(super) fn ready(
        mut self,
        plan: &Plan,
        layout: impl FnOnce(&Ready) -> Result<Layout, String>,
    ) -> Result<(Worker, Ready), NotStarted> {
        let library = || plan.names.library.clone();
        let left = self.until.saturating_duration_since(Instant::now());
        let ready = match self.process.answers().recv_timeout(left) {
            Ok(Answer::Ready(ready)) => *ready,
            Ok(Answer::Refused(refusal)) => return Err(NotStarted::Refused(refusal)),
            Ok(Answer::Begun { .. } | Answer::Log { .. }) => unreachable!("the keeper keeps these"),
            Err(RecvTimeoutError::Timeout) => {
                let problem = IsolationError::StartLimit { library: library(), limit: plan.start_limit };
                return Err(NotStarted::Problem(problem));
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.process.join();
                let (how, words) = (self.process.end(), self.process.last_words());
                return Err(NotStarted::Died(IsolationError::Died { library: library(), how, words }));
            }
        };
        let protocol =
            |problem| NotStarted::Problem(IsolationError::Protocol { library: library(), problem });
        let layout = layout(&ready).map_err(protocol)?;
        let handed = self.area.lay(&layout).and_then(|file| self.process.hand_over(&layout, &file));
        handed.map_err(|reason| {
            NotStarted::Problem(IsolationError::Resource { what: "shared memory", reason })
        })?;
        let begun_with = self.process.memory_now();
        let (process, area) = (self.process, self.area);
        let (time_limit, grace) = (plan.time_limit, plan.grace);
        Ok((
            Worker {
                process,
                area,
                layout,
                rung: 0,
                answered: 0,
                begun_with,
                patience: Patience::default(),
                time_limit,
                grace,
            },
            ready,
        ))
    }
}

impl Worker {
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn area(&self) -> &Area {
        &self.area
    }

    /// By how many bytes its own memory has grown, as of the last second or so.
    pub(super) fn growth(&self) -> u64 {
        self.process.memory().saturating_sub(self.begun_with)
    }

    /// Starts a job whose inputs are in the buffers. Returns when its time is up.
    pub(super) fn post(&mut self, mut job: Job, wish: &Wish<'_>) -> Instant {
        job.deadline_ns =
            monotonic_ns().saturating_add(u64::try_from(self.time_limit.as_nanos()).unwrap_or(u64::MAX));
        if wish.deadline_ns != 0 {
            job.deadline_ns = job.deadline_ns.min(wish.deadline_ns);
        }
        self.area.set_job(job);
        self.area.head().cancel.store(0, Ordering::Relaxed);
        self.answered = self.area.head().answer.value();
        // Neither 0, which the bells begin with, nor what means the end.
        self.rung = if self.rung >= LEAVE - 1 { 1 } else { self.rung + 1 };
        self.area.head().request.ring(self.rung);
        Instant::now() + self.time_limit
    }

    /// Waits for the end of the job that was posted. `up`: when its time is up.
    pub(super) fn wait(&mut self, up: Instant, wish: &Wish<'_>) -> Ending {
        let head = self.area.head();
        let mut old = head.answer.value();
        let mut stop: Option<(Instant, bool)> = None;
        loop {
            if old == self.rung {
                return Ending::Answered {
                    code: self.area.reply_code(),
                    late: stop.is_some_and(|(_, late)| late),
                };
            }
            if self.process.has_ended() {
                return Ending::Crashed(format!("{}{}", self.process.end(), self.process.last_words()));
            }
            if old != self.answered && old != GONE {
                // Somebody wrote over the head of the shared memory.
                self.kill();
                return Ending::Crashed("wrote over memory that it shares with the host".to_owned());
            }
            let now = Instant::now();
            let next = match stop {
                None if wish.is_to_stop() || now >= up => {
                    head.cancel.store(1, Ordering::Relaxed);
                    let late = now >= up;
                    let end = now + self.grace;
                    stop = Some((end, late));
                    end
                }
                None if wish.cancel.is_some() => up.min(now + FLAG),
                None => match wish.deadline_ns {
                    0 => up,
                    deadline => up.min(now + Duration::from_nanos(deadline.saturating_sub(monotonic_ns()))),
                },
                Some((end, late)) if now >= end => {
                    self.kill();
                    return if late { Ending::Hung } else { Ending::Deaf };
                }
                Some((end, _)) => end,
            };
            old = head.answer.wait_past(old, &mut self.patience, Some(next));
        }
    }

    /// Kills it, and all its children, and waits until they are gone.
    fn kill(&mut self) {
        self.process.kill();
        self.process.join();
    }
}

impl Drop for Worker {
    /// Lets it destroy its instance, if that is quick.
    fn drop(&mut self) {
        if !self.process.has_ended() {
            let head = self.area.head();
            head.request.ring(LEAVE);
            let until = Instant::now() + self.grace;
            let mut old = head.answer.value();
            while old != GONE && Instant::now() < until {
                old = head.answer.wait_past(old, &mut self.patience, Some(until));
            }
        }
        // The process is killed, if it is still there, and reaped when it is dropped.
    }
}
