//! The workers of one potential: batches are cut up between them, and what brings one down is found by halving.

use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use epp::sdk::Topology;
use epp::sys;
use tempfile::TempDir;

use super::area::Layout;
use super::error::IsolationError;
use super::executable;
use super::faults::Faults;
use super::keeper::Names;
use super::loaded;
use super::memory;
use super::message::{BUILD, Order, Ready, Refused};
use super::options::{Confinement, ProcessOptions};
use super::piece::{Piece, cut};
use super::worker::{Ending, NotStarted, Plan, Starting, Wish, Worker};
use crate::creation::Creation;
use crate::descriptor::Threads;
use crate::error::{EvaluateError, OpenError};
use crate::evaluator::Evaluator;
use crate::facts::Facts;
use crate::inspect::{Demands, Inspected};
use crate::library_file::LibraryFile;
use crate::log::Level;
use crate::registry::Found;
use crate::request::Request;
use crate::status::Code;
use crate::table::Message;
use crate::text::name;

/// A worker that ends while its plugin is loaded is tried again this often: a crash may be an accident.
const TRIES: usize = 3;
/// A configuration that has brought down this many workers is given up. With one, an accident would cost an energy.
const ENOUGH: u32 = 2;

/// The workers of one potential. Shared by all threads that evaluate it.
pub(crate) struct Workers {
    plan: Plan,
    terms: Terms,
    /// What the first worker said; every other must say the same.
    ready: Ready,
    /// How many there may be.
    most: usize,
    idle: Mutex<Idle>,
    freed: Condvar,
    faults: Mutex<Faults>,
}

/// On what terms workers are used.
#[derive(Clone)]
struct Terms {
    library: PathBuf,
    workers: Option<usize>,
    max_restarts: u64,
    memory: u64,
    /// Removed with everything in it when the last potential that has it is dropped.
    _scratch: Arc<TempDir>,
}

#[derive(Default)]
struct Idle {
    workers: Vec<Worker>,
    /// Places of workers that nobody uses and that have none: not yet started, or lost.
    empty: usize,
}

/// A place for a worker, in use by one call.
struct Lane {
    worker: Option<Worker>,
    busy: Option<(Piece, Instant)>,
}

/// Opens `found` in worker processes. No code of the library runs in this one.
pub(crate) fn open(
    found: &Found,
    config: &serde_json::Value,
    demands: &Demands<'_>,
    creation: &Creation,
    options: &ProcessOptions,
) -> Result<(LibraryFile, Facts, Box<dyn Evaluator>), OpenError> {
    let inspected = Inspected::new(&found.library, demands, |_| None)?;
    let library = name(&inspected.path);
    let executable = executable::find(options.executable.as_deref())?;
    if options.workers == Some(0) {
        let (found, expected) = ("0".to_owned(), "at least 1");
        return Err(IsolationError::Option { what: "the number of workers", found, expected }.into());
    }
    let resource = |reason| IsolationError::Resource { what: "a scratch folder", reason };
    // Closed to other users: what workers keep there, they trust.
    let private = std::fs::Permissions::from_mode(0o700);
    let scratch = tempfile::Builder::new().prefix("freeland-worker-").permissions(private).tempdir();
    let scratch = scratch.map_err(resource)?;
    let absolute = |path: &std::path::PathBuf| {
        std::path::absolute(path).map(|path| path.as_path().into()).map_err(resource)
    };
    let memory = options.memory.unwrap_or_else(memory::of_machine);
    let plan = Plan {
        executable,
        order: Order {
            build: BUILD.to_owned(),
            host: std::process::id(),
            library: inspected.path.as_path().into(),
            sha256: inspected.sha256.clone(),
            version: inspected.version,
            by_descriptor: inspected.by_descriptor,
            id: found.id.clone(),
            config: config.clone(),
            topology: creation.topology.clone(),
            derived: None,
            folder: creation.folder.as_ref().map(absolute).transpose()?,
            threads: creation.threads,
            scratch: scratch.path().into(),
            writable: options.writable.iter().map(absolute).collect::<Result<_, _>>()?,
            memory: Some(memory),
            required: options.confinement == Confinement::Required,
            landlock: options.landlock_at_most,
            loaded: loaded::found_here(&inspected.path),
        },
        names: Names { library: library.clone(), log: creation.log.clone(), lines: Arc::default(), memory },
        time_limit: options.time_limit,
        grace: options.grace,
        start_limit: options.start_limit,
    };
    let terms = Terms {
        library: inspected.path.clone(),
        workers: options.workers,
        max_restarts: options.max_restarts,
        memory,
        _scratch: Arc::new(scratch),
    };
    let (workers, facts) = Workers::begin(plan, terms)?;
    let ready = &workers.ready;
    let file = LibraryFile::new(&inspected.path, &inspected.sha256, ready.abi, inspected.version);
    inspected.agrees(&file, &ready.descriptors)?;
    for warning in ready.confined.warnings() {
        creation.log.say(Level::Warning, &library, &warning);
    }
    Ok((file, facts, Box::new(workers)))
}

/// The layout of the buffers, and what the instance is, from what a worker says.
pub(super) fn layout(ready: &Ready, into: &mut Option<Facts>) -> Result<Layout, String> {
    let facts = ready.facts().map_err(|problem| problem.to_string())?;
    let row = facts.info.atoms * facts.info.dimensions;
    let layout = Layout::new(row, facts.parameters.len(), facts.widths(), facts.info.max_batch);
    *into = Some(facts);
    Ok(layout)
}

fn not_started(problem: NotStarted, library: &Path) -> OpenError {
    match problem {
        NotStarted::Problem(problem) | NotStarted::Died(problem) => problem.into(),
        NotStarted::Refused(refusal) => match refusal.of(library) {
            Refused::Load(error) => error.into(),
            Refused::Create(error) => error.into(),
            Refused::Several { known } => OpenError::Ambiguous { path: library.display().to_string(), known },
            Refused::Unconfined(gaps) => IsolationError::Confinement { library: name(library), gaps }.into(),
            Refused::Protocol(problem) => IsolationError::Protocol { library: name(library), problem }.into(),
        },
    }
}

impl Workers {
    /// Starts the first worker, to see what it has.
    fn begin(plan: Plan, terms: Terms) -> Result<(Self, Facts), OpenError> {
        let mut facts = None;
        let (worker, ready) = Starting::new(&plan)
            .and_then(|starting| starting.ready(&plan, |ready| layout(ready, &mut facts)))
            .map_err(|problem| not_started(problem, &terms.library))?;
        let facts: Facts = facts.expect("a worker that is ready has told its facts");
        let most = terms.workers.unwrap_or_else(|| match facts.info.threads {
            Threads::Concurrent => 1,
            Threads::Serial | Threads::Affine | Threads::Process => {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }
        });
        let idle = Mutex::new(Idle { workers: vec![worker], empty: most - 1 });
        let (freed, faults) = (Condvar::new(), Mutex::default());
        Ok((Self { plan, terms, ready, most, idle, freed, faults }, facts))
    }

    fn count(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places for up to `wanted` workers, at least one.
    fn lease(&self, wanted: usize) -> Vec<Lane> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.workers.is_empty() && idle.empty == 0 {
            idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
        let mut lanes = Vec::with_capacity(wanted.min(self.most));
        while lanes.len() < wanted.max(1) {
            let worker = idle.workers.pop();
            if worker.is_none() {
                if idle.empty == 0 {
                    break;
                }
                idle.empty -= 1;
            }
            lanes.push(Lane { worker, busy: None });
        }
        lanes
    }

    /// Starts the workers that `lanes` lack, all at once.
    fn fill<'a>(&self, lanes: impl Iterator<Item = &'a mut Lane>) -> Result<(), EvaluateError> {
        let mut missing: Vec<(&mut Lane, Option<Starting>)> = Vec::new();
        for lane in lanes.filter(|lane| lane.worker.is_none()) {
            missing.push((lane, Starting::new(&self.plan).ok()));
        }
        for (lane, mut starting) in missing {
            let mut tries = 1;
            lane.worker = Some(loop {
                let begun = match starting.take() {
                    Some(starting) => Ok(starting),
                    None => Starting::new(&self.plan),
                };
                match begun.and_then(|starting| starting.ready(&self.plan, |ready| self.same(ready))) {
                    Ok((worker, _)) => break worker,
                    Err(NotStarted::Died(problem)) if tries < TRIES => {
                        tries += 1;
                        self.count().crashes += 1;
                        self.restart(&problem.to_string())?;
                    }
                    Err(problem) => return Err(self.lost(problem)),
                }
            });
        }
        Ok(())
    }

    /// The layout, if a worker says what the first one said.
    fn same(&self, ready: &Ready) -> Result<Layout, String> {
        if *ready != self.ready {
            return Err("started again, it says something else of itself than before".to_owned());
        }
        layout(ready, &mut None)
    }

    fn id(&self) -> String {
        self.ready.id().to_owned()
    }

    fn lost(&self, problem: NotStarted) -> EvaluateError {
        match not_started(problem, &self.terms.library) {
            OpenError::Isolation(problem) => EvaluateError::Worker { id: self.id(), problem },
            problem => EvaluateError::Restart { id: self.id(), problem: Box::new(problem) },
        }
    }

    /// Takes one restart of the budget.
    fn restart(&self, last: &str) -> Result<(), EvaluateError> {
        let mut faults = self.count();
        if faults.restarts >= self.terms.max_restarts {
            let (faults, allowed) = (*faults, self.terms.max_restarts);
            return Err(EvaluateError::RestartBudget {
                id: self.id(),
                faults,
                last: last.to_owned(),
                allowed,
            });
        }
        faults.restarts += 1;
        Ok(())
    }
}

impl Evaluator for Workers {
    fn evaluate(&self, facts: &Facts, request: &mut Request<'_>) -> Result<(), EvaluateError> {
        let wish = Wish { cancel: request.cancel, deadline_ns: request.deadline_ns };
        let count = request.statuses.len();
        if count == 0 {
            return Ok(());
        }
        let layout = Layout::new(facts.row(), facts.parameters.len(), facts.widths(), facts.info.max_batch);
        let mut pieces = cut(count, self.most, layout.capacity, facts.info.preferred_batch);
        let mut lanes = Lanes { workers: self, lanes: self.lease(pieces.len()) };
        let outcome = Call { workers: self, facts, wish }.run(request, &mut pieces, &mut lanes.lanes);
        if outcome.is_err() {
            request.statuses.fill(sys::SAMPLE_INTERNAL);
        }
        outcome
    }

    fn derive(&self, _: &Facts, topology: &Topology) -> Result<(Box<dyn Evaluator>, Facts), OpenError> {
        let order = Order { derived: Some(topology.clone()), ..self.plan.order.clone() };
        let names = Names { lines: Arc::default(), ..self.plan.names.clone() };
        let plan = Plan { order, names, executable: self.plan.executable.clone(), ..self.plan };
        let (workers, facts) = Self::begin(plan, self.terms.clone())?;
        Ok((Box::new(workers), facts))
    }

    fn faults(&self) -> Option<Faults> {
        let output_lines = self.plan.names.lines.load(Ordering::Relaxed);
        Some(Faults { output_lines, ..*self.count() })
    }

    fn unconfined(&self) -> Vec<String> {
        self.ready.confined.warnings()
    }
}

/// The lanes of one call, given back when it ends, however it does.
struct Lanes<'a> {
    workers: &'a Workers,
    lanes: Vec<Lane>,
}

impl Drop for Lanes<'_> {
    fn drop(&mut self) {
        let lanes = std::mem::take(&mut self.lanes);
        // Workers that are busy still, after an error, are dropped: nobody waits for them.
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for lane in lanes {
            match lane.worker {
                Some(worker) if lane.busy.is_none() => kept.push(worker),
                worker => dropped.push(worker),
            }
        }
        let mut idle = self.workers.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.empty += dropped.len();
        // The worker used first is taken first the next time: it is the one whose caches are warm.
        kept.reverse();
        idle.workers.append(&mut kept);
        drop(idle);
        self.workers.freed.notify_all();
    }
}

/// One call of the host.
struct Call<'a> {
    workers: &'a Workers,
    facts: &'a Facts,
    wish: Wish<'a>,
}

impl Call<'_> {
    fn run(
        &mut self,
        request: &mut Request<'_>,
        pieces: &mut VecDeque<Piece>,
        lanes: &mut [Lane],
    ) -> Result<(), EvaluateError> {
        let workers = self.workers;
        let mut first_error: Option<(usize, EvaluateError)> = None;
        loop {
            if first_error.is_none() {
                let idle = lanes.iter_mut().filter(|lane| lane.busy.is_none()).take(pieces.len());
                if let Err(error) = workers.fill(idle) {
                    return Err(first_error.map_or(error, |(_, error)| error));
                }
                for lane in lanes.iter_mut().filter(|lane| lane.busy.is_none()) {
                    let (Some(piece), Some(worker)) = (pieces.pop_front(), lane.worker.as_mut()) else {
                        break;
                    };
                    let job = piece.load(request, self.facts, worker.area(), worker.layout());
                    lane.busy = Some((piece, worker.post(job, &self.wish)));
                }
            }
            let Some(lane) = lanes
                .iter_mut()
                .filter(|lane| lane.busy.is_some())
                .min_by_key(|lane| lane.busy.as_ref().map(|(_, up)| *up))
            else {
                break;
            };
            let Some((piece, up)) = lane.busy.take() else { break };
            let Some(worker) = lane.worker.as_mut() else { break };
            match worker.wait(up, &self.wish) {
                Ending::Answered { code: sys::OK, late } => {
                    piece.unload(request, self.facts, worker.area(), worker.layout());
                    if worker.growth() > workers.terms.memory / 2 {
                        workers.count().recycled += 1;
                        lane.worker = None;
                    }
                    // A plugin that heeds its deadline can be ahead of the host's clock. All are looked at, without a branch.
                    let cancelled = |any: bool, status: &i32| any | (*status == sys::SAMPLE_CANCELLED);
                    let cut_short = request.statuses[piece.rows()].iter().fold(false, cancelled);
                    if late || cut_short && !self.wish.is_to_stop() {
                        workers.count().hangs += 1;
                        self.again(request, &piece, pieces, false);
                    }
                }
                Ending::Answered { code, .. } => {
                    let (code, reason) = (Code(code), Message::of(worker.area().reply_message()).text());
                    if code.is_fatal() {
                        lane.worker = None;
                        if piece.blamed + 1 < ENOUGH {
                            workers.restart(&format!("lost its instance: {reason}"))?;
                            pieces.push_front(Piece { blamed: piece.blamed + 1, ..piece });
                            continue;
                        }
                    }
                    let error = EvaluateError::Failed { id: workers.id(), code, reason };
                    // The one that a single process would have met first.
                    if first_error.as_ref().is_none_or(|(at, _)| piece.from < *at) {
                        first_error = Some((piece.from, error));
                    }
                }
                Ending::Deaf => {
                    lane.worker = None;
                    workers.count().hangs += 1;
                    workers.restart("did not stop when it was told to")?;
                    request.statuses[piece.rows()].fill(sys::SAMPLE_CANCELLED);
                }
                ending => {
                    lane.worker = None;
                    let last = match ending {
                        Ending::Crashed(how) => {
                            workers.count().crashes += 1;
                            how
                        }
                        _ => {
                            workers.count().hangs += 1;
                            format!(
                                "was still busy {} s after its time limit of {} s",
                                workers.plan.grace.as_secs_f64(),
                                workers.plan.time_limit.as_secs_f64()
                            )
                        }
                    };
                    tracing::info!("'{}': a worker process {last}", workers.id());
                    workers.restart(&last)?;
                    self.again(request, &piece, pieces, true);
                }
            }
        }
        first_error.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Puts back what is still to be done of a piece whose call was not finished. `lost`: with nothing to show for it.
    fn again(&self, request: &mut Request<'_>, piece: &Piece, pieces: &mut VecDeque<Piece>, lost: bool) {
        let statuses = &mut request.statuses[piece.rows()];
        if self.wish.is_to_stop() {
            if lost {
                statuses.fill(sys::SAMPLE_CANCELLED);
            }
            return;
        }
        let left: VecDeque<Piece> = if lost {
            VecDeque::from([piece.clone()])
        } else {
            // What the plugin cancelled, because the time of this one call was up.
            piece.runs(|index| statuses[index - piece.from] == sys::SAMPLE_CANCELLED)
        };
        let progress = left.iter().map(|left| left.count).sum::<usize>() < piece.count;
        let mut faults = self.workers.count();
        for mut left in left.into_iter().rev() {
            left.blamed += u32::from(!progress);
            if left.count == 1 && left.blamed >= ENOUGH {
                request.statuses[left.from] = sys::SAMPLE_INTERNAL;
                faults.killed_samples += 1;
                continue;
            }
            faults.sent_again += left.count as u64;
            match left.halves() {
                Some((first, second)) if !progress => {
                    pieces.push_front(second);
                    pieces.push_front(first);
                }
                _ => pieces.push_front(left),
            }
        }
    }
}
