//! Runs checks side by side, each after what it needs.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::catalogue::catalogue;
use super::child::{Child, Ended, become_subreaper};
use super::plan::Plan;
use super::record::{Facts, Record};
use super::report::Report;
use super::rule::Check;
use super::survey::Survey;
use super::verdict::{CheckResult, Failure, Verdict, failed};
use super::{CheckError, save, strays};
use crate::descriptor::Descriptor;

/// How long the scheduler sleeps before it looks again.
const NAP: Duration = Duration::from_millis(1);
/// The longest time limit, in seconds: a week.
const LONGEST: f64 = 604_800.0;

/// What an observer is told.
pub enum Progress<'a> {
    /// So many checks have ended, of so many; the last one that began.
    Running {
        /// Ended.
        done: usize,
        /// To be done, as far as known.
        of: usize,
        /// Its id.
        check: &'static str,
    },
    /// One has ended.
    Ended(&'a CheckResult),
}

struct Task {
    check: &'static Check,
    /// Index into the descriptors; `None` for one of the library, or of a potential that is not known.
    potential: Option<usize>,
    state: State,
}

enum State {
    Waiting,
    Running(Child),
    Done(CheckResult),
}

struct Run<'a> {
    plan: &'a Plan,
    tasks: Vec<Task>,
    descriptors: Vec<Descriptor>,
    surveys: HashMap<usize, Survey>,
    scratch: tempfile::TempDir,
}

/// Checks a plugin. Each check, discovery included, is a process of its own, unless the plan says otherwise.
///
/// # Errors
/// The library is not there, the plan names a check or a potential that there is not, or no process can be made.
pub fn run(plan: &Plan, observe: &mut dyn FnMut(Progress<'_>)) -> Result<Report, CheckError> {
    let started = Instant::now();
    validate(plan)?;
    // Whatever a plugin does to the working directory.
    let library = std::path::absolute(&plan.library)
        .map_err(|reason| CheckError::Library { path: plan.library.clone(), reason })?;
    let plan = &Plan { library, ..plan.clone() };
    become_subreaper();
    let known = strays::children();
    let scratch = tempfile::tempdir().map_err(CheckError::Scratch)?;
    let mut run = Run { plan, tasks: Vec::new(), descriptors: Vec::new(), surveys: HashMap::new(), scratch };
    let needed = needed(plan);
    run.add(&needed, |check| !check.per_potential, None);
    let worked = run.work(observe);
    run.end_strays(&known);
    worked?;
    if run.descriptors.is_empty() {
        run.add(&needed, |check| check.per_potential, None);
    } else if let Some(id) = &plan.id {
        let at = run.descriptors.iter().position(|descriptor| descriptor.id == *id).ok_or_else(|| {
            let known = run.descriptors.iter().map(|descriptor| descriptor.id.clone()).collect();
            CheckError::UnknownId { id: id.clone(), known }
        })?;
        run.add(&needed, |check| check.per_potential, Some(at));
    } else {
        for at in 0..run.descriptors.len() {
            run.add(&needed, |check| check.per_potential, Some(at));
        }
    }
    let worked = run.work(observe);
    run.end_strays(&known);
    worked?;
    let results = run.tasks.into_iter().filter_map(|task| match task.state {
        // What was only needed is told where it explains why the wanted could not be tried.
        State::Done(result) if plan.wants(result.check) || result.verdict.is_bad() => Some(result),
        _ => None,
    });
    Ok(Report {
        library: plan.library.clone(),
        potentials: run.descriptors.iter().map(|descriptor| descriptor.id.clone()).collect(),
        seed: plan.seed,
        results: results.collect(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn validate(plan: &Plan) -> Result<(), CheckError> {
    if let Err(reason) = std::fs::File::open(&plan.library) {
        return Err(CheckError::Library { path: plan.library.clone(), reason });
    }
    if let Some(only) =
        plan.only.iter().find(|only| !catalogue().any(|check| check.id.starts_with(only.as_str())))
    {
        return Err(CheckError::UnknownCheck { name: only.clone() });
    }
    match serde_json::from_str::<serde_json::Value>(&plan.config) {
        Ok(serde_json::Value::Object(_)) => {}
        _ => return Err(CheckError::Config { text: plan.config.clone() }),
    }
    if let Some(seconds) = plan.time_limit.filter(|&it| !(it > 0.0 && it <= LONGEST)) {
        return Err(CheckError::TimeLimit { seconds, most: LONGEST });
    }
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads > 1 && !plan.in_process {
        return Err(CheckError::Threads { found: threads });
    }
    Ok(())
}

/// The checks that were asked for, and all they need.
fn needed(plan: &Plan) -> Vec<&'static str> {
    let mut needed: Vec<&str> = Vec::new();
    // Backwards: what a check needs comes before it.
    let all: Vec<&Check> = catalogue().collect();
    for check in all.iter().rev() {
        if plan.wants(check.id) || needed.contains(&check.id) {
            needed.push(check.id);
            needed.extend(check.needs);
        }
    }
    // The scheduler itself needs to know what there is.
    needed.push("library/descriptors");
    for check in all.iter().rev().filter(|check| !check.per_potential) {
        if needed.contains(&check.id) {
            needed.extend(check.needs);
        }
    }
    needed
}

impl Run<'_> {
    fn add(&mut self, needed: &[&str], which: impl Fn(&Check) -> bool, potential: Option<usize>) {
        let wanted = catalogue().filter(|check| needed.contains(&check.id) && which(check));
        self.tasks.extend(wanted.map(|check| Task { check, potential, state: State::Waiting }));
    }

    /// Until everything is done.
    fn work(&mut self, observe: &mut dyn FnMut(Progress<'_>)) -> Result<(), CheckError> {
        loop {
            let mut moved = false;
            for index in 0..self.tasks.len() {
                let ended = match &self.tasks[index].state {
                    State::Running(child) => child.poll(),
                    State::Waiting if self.running() < self.plan.jobs.max(1) => match self.obstacle(index) {
                        None => continue,
                        Some(Some(reason)) => Some(skipped(reason)),
                        Some(None) => {
                            let of = self.tasks.len();
                            let done =
                                self.tasks.iter().filter(|it| matches!(it.state, State::Done(_))).count();
                            observe(Progress::Running { done, of, check: self.tasks[index].check.id });
                            moved = true;
                            self.start(index)?
                        }
                    },
                    _ => None,
                };
                if let Some(ended) = ended {
                    moved = true;
                    self.finish(index, ended);
                    if let State::Done(result) = &self.tasks[index].state {
                        observe(Progress::Ended(result));
                    }
                }
            }
            if self.tasks.iter().all(|task| matches!(task.state, State::Done(_))) {
                return Ok(());
            }
            if !moved {
                std::thread::sleep(NAP);
            }
        }
    }

    /// Ends what has left the groups of checks. Without processes of their own there are no groups to leave.
    fn end_strays(&self, known: &[rustix::process::Pid]) {
        if !self.plan.in_process {
            strays::end(known);
        }
    }

    fn running(&self) -> usize {
        self.tasks.iter().filter(|task| matches!(task.state, State::Running(_))).count()
    }

    /// Whether a task may start: `None` not yet, `Some(Some(reason))` never.
    fn obstacle(&self, index: usize) -> Option<Option<String>> {
        let task = &self.tasks[index];
        for need in task.check.needs {
            let of = |other: &&Task| {
                other.check.id == *need && (!other.check.per_potential || other.potential == task.potential)
            };
            let Some(other) = self.tasks.iter().find(of) else { continue };
            match &other.state {
                State::Done(result) if blocks(result) => return Some(Some(format!("needs {need}"))),
                State::Done(_) => {}
                _ => return None,
            }
        }
        Some(None)
    }

    /// Starts a task; in this process it is over at once.
    fn start(&mut self, index: usize) -> Result<Option<Ended>, CheckError> {
        let task = &self.tasks[index];
        let bench = Bench {
            plan: self.plan,
            check: task.check.id,
            id: task.potential.map_or("", |at| &self.descriptors[at].id),
            descriptors: &self.descriptors,
            survey: task.potential.and_then(|at| self.surveys.get(&at)),
            facts: Default::default(),
        };
        let work = || {
            let outcome = catch_unwind(AssertUnwindSafe(|| (task.check.run)(&bench))).unwrap_or_else(|_| {
                Err(failed("the check itself panicked, at something that the plugin returned"))
            });
            Record::of(outcome, bench.facts.take())
        };
        if self.plan.in_process {
            let started = Instant::now();
            let record = work();
            return Ok(Some(Ended { record, seconds: started.elapsed().as_secs_f64() }));
        }
        let limit = Duration::from_secs_f64(self.plan.time_limit.unwrap_or(task.check.limit));
        let folder = tempfile::tempdir_in(self.scratch.path()).map_err(CheckError::Scratch)?;
        let child = Child::start(folder, limit, task.check.exits, work).map_err(CheckError::Fork)?;
        self.tasks[index].state = State::Running(child);
        Ok(None)
    }

    fn finish(&mut self, index: usize, ended: Ended) {
        let Ended { record, seconds } = ended;
        let task = &mut self.tasks[index];
        if let Some(descriptors) = record.facts.descriptors {
            self.descriptors = descriptors;
        }
        if let (Some(at), Some(survey)) = (task.potential, record.facts.survey) {
            self.surveys.insert(at, survey);
        }
        let potential = task.potential.map(|at| self.descriptors[at].id.clone());
        let mut result = CheckResult {
            check: task.check.id,
            title: task.check.title,
            grade: task.check.grade,
            verdict: record.verdict,
            reason: record.failure.reason,
            saved: None,
            seconds,
            potential,
        };
        if result.verdict == Verdict::Crashed {
            result.reason +=
                &format!("; to see where, run '--only {} --in-process' in a debugger", result.check);
        }
        if let (Some(folder), Some(positions)) = (&self.plan.save, record.failure.positions) {
            let survey = task.potential.and_then(|at| self.surveys.get(&at));
            match save::save(folder, self.plan, &result, survey, &positions) {
                Ok(path) => result.saved = Some(path),
                Err(error) => result.reason += &format!(" (the configuration could not be saved: {error})"),
            }
        }
        task.state = State::Done(result);
    }
}

/// Whether a result keeps those that need it from being tried. What the plugin does not declare keeps nobody.
fn blocks(result: &CheckResult) -> bool {
    result.verdict.is_bad() || result.verdict == Verdict::Skipped && result.reason.starts_with("needs ")
}

fn skipped(reason: String) -> Ended {
    let failure = Failure { reason, positions: None };
    Ended { record: Record { verdict: Verdict::Skipped, failure, facts: Facts::default() }, seconds: 0.0 }
}
