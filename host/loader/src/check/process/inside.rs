//! Threads that one call keeps at work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::time::ClockId;

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::raw::{Instance, c_text, request};
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::check::waiting::worked_and_waited;

/// Seconds of calls that are watched, and of one call at most; more where a busy machine lets nobody look often enough.
const SECONDS: f64 = 0.15;
const MOST_SECONDS: f64 = 6.0;
/// How often they are looked at, where the machine allows it, and how often at least.
const BETWEEN: Duration = Duration::from_micros(300);
const LOOKS: usize = 300;
/// What share of the work of the busiest thread is little.
const LITTLE: f64 = 0.05;
/// The largest number of numbers in a batch.
const LARGEST: usize = 256 << 10;

/// What the threads of this process do in a while, but for the one that looks.
struct Watch {
    /// Seconds that all of them worked, those that came and went included.
    work: f64,
    /// Of each that lived on.
    work_of: HashMap<String, f64>,
    /// Those that were ready to work, look by look.
    looks: Vec<Vec<String>>,
}

/// The threads of this process that work now, or would if they had a processor.
fn ready() -> Result<impl Iterator<Item = String>, Finding> {
    let unknown =
        |_| Finding::Skipped("this system does not tell by /proc which threads are at work".to_owned());
    let is_ready = |task: &std::fs::DirEntry| {
        // A name in brackets, which may hold anything, then the state. Threads that have ended have no file any more.
        let text = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        text.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('R'))
    };
    let tasks = std::fs::read_dir("/proc/self/task").map_err(unknown)?.flatten();
    Ok(tasks.filter(is_ready).filter_map(|task| task.file_name().into_string().ok()))
}

impl Watch {
    /// Looks, and counts the looks, until calls are done.
    fn until(done: &AtomicBool, looked: &AtomicUsize) -> Result<Self, Finding> {
        let clock = |clock| {
            let time = rustix::time::clock_gettime(clock);
            time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
        };
        let others = || clock(ClockId::ProcessCPUTime) - clock(ClockId::ThreadCPUTime);
        let this = rustix::thread::gettid().as_raw_nonzero().to_string();
        let (work, work_of, mut looks) = (others(), worked_and_waited("self"), Vec::new());
        while !done.load(Ordering::Relaxed) {
            std::thread::sleep(BETWEEN);
            looks.push(ready()?.filter(|thread| *thread != this).collect());
            looked.store(looks.len(), Ordering::Relaxed);
        }
        let of = |(thread, [worked, _]): (String, [f64; 2])| {
            let before = work_of.get(&thread).map_or(0.0, |[worked, _]| *worked);
            (thread, worked - before)
        };
        let now = worked_and_waited("self").into_iter();
        let work_of = now.filter(|(thread, _)| *thread != this).map(of).collect();
        Ok(Self { work: others() - work, work_of, looks })
    }

    /// How many threads are at work at the same time, in half of the looks as many or more. Those that do little beside the
    /// others do not count: a thread that wakes another and goes to sleep needs a processor for that, which it may wait for
    /// on a busy machine as long as the other works.
    fn at_once(&self) -> usize {
        // Those that came and went share what is left of the work by how many there were.
        let passing = |thread: &String| !self.work_of.contains_key(thread);
        let seen = self.looks.iter().flatten().filter(|thread| passing(thread)).count() as f64;
        let rest = (self.work - self.work_of.values().sum::<f64>()).max(0.0);
        let of_passing = rest / (seen / self.looks.len() as f64).max(1.0);
        let work_of = |thread: &String| self.work_of.get(thread).copied().unwrap_or(of_passing);
        let most = self.work_of.values().copied().fold(of_passing, f64::max);
        let counts = |thread: &&String| work_of(thread) >= LITTLE * most;
        let mut counts: Vec<usize> =
            self.looks.iter().map(|look| look.iter().filter(counts).count()).collect();
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().unwrap_or(0)
    }
}

/// How many threads calls of `evaluate` keep at work at the same time.
fn kept_at_work(survey: &Survey, instance: &Instance) -> Result<usize, Finding> {
    let most = survey.at_most((LARGEST / survey.row()).max(1));
    let mut call = Call::new(survey, survey.base(0))?;
    // What begins and ends a call makes small ones seem dear: as large as they may be, in steps.
    let mut count = 1;
    loop {
        call.run(instance)?;
        let affordable = (count as f64 * SECONDS / call.seconds.max(1e-9)) as usize;
        if count >= most || affordable < 2 * count {
            break;
        }
        count = affordable.min(32 * count).min(most);
        call = Call::new(survey, &survey.batch(0, count))?;
    }
    let (done, looked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let watch = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| Watch::until(&done, &looked));
        let (start, mut result) = (Instant::now(), Ok(()));
        let goes_on = || {
            let seconds = start.elapsed().as_secs_f64();
            seconds < SECONDS || looked.load(Ordering::Relaxed) < LOOKS && seconds < MOST_SECONDS
        };
        // Whole calls.
        while result.is_ok() && goes_on() && !watcher.is_finished() {
            result = call.again(instance);
        }
        done.store(true, Ordering::Relaxed);
        result.and(watcher.join().expect("a thread that only reads does not panic"))
    })?;
    Ok(watch.at_once())
}

/// Whether so many are more than were told. One that wakes another and goes to sleep works beside it for a moment, and
/// where many do so, some always do: half as many again are nothing.
fn is_more(kept: usize, told: u32) -> bool {
    2 * kept > 3 * told as usize
}

pub(super) fn inside(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let kept = kept_at_work(survey, &instance)?;
    if let Some(told) = survey.info.threads_inside {
        demand!(
            !is_more(kept, told),
            "info says that a call keeps at most {told} threads at work at the same time, but it keeps {kept}"
        );
    }
    drop(instance);
    let (id, config) = (c_text(bench.id)?, c_text(&bench.plan.config)?);
    let asked = epp::sys::Create { threads: 1, ..request(&id, Some(&config), None) };
    let alone = library
        .try_request(&asked)?
        .map_err(|refusal| failed(format!("create with threads = 1 fails ({})", refusal.sentence())))?;
    let told = alone.info(bench.descriptor()?)?.threads_inside;
    demand!(
        told.is_none_or(|threads| threads <= 1),
        "created with threads = 1, info says that a call keeps {} threads at work",
        told.unwrap_or(0)
    );
    let kept_alone = kept_at_work(survey, &alone)?;
    demand!(
        !is_more(kept_alone, 1),
        "created with threads = 1, a call keeps {kept_alone} threads at work at the same time"
    );
    Ok(format!("{kept} at work, {kept_alone} where it is asked for one"))
}
