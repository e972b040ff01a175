//! Threads that one call keeps at work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::raw::{Instance, c_text, request};
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed};

/// Seconds of calls that are watched; longer, up to so many times, where a busy machine lets nobody look often enough.
const SECONDS: f64 = 0.3;
const MOST_TIMES: f64 = 20.0;
/// How often they are looked at, where the machine allows it, and how often at least.
const BETWEEN: Duration = Duration::from_micros(300);
const LOOKS: usize = 100;
/// The largest number of numbers in a batch.
const LARGEST: usize = 256 << 10;

/// How many threads of this process but the one that asks are at work now, or would be if they had a processor: so that
/// it does not matter how many processors there are, and what else they do.
fn at_work() -> Result<usize, Finding> {
    let unknown =
        |_| Finding::Skipped("this system does not tell by /proc which threads are at work".to_owned());
    let this = rustix::thread::gettid().as_raw_nonzero().to_string();
    let is_at_work = |task: &std::fs::DirEntry| {
        // A name in brackets, which may hold anything, then the state. Threads that have ended have no file any more.
        let text = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        text.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('R'))
    };
    let tasks = std::fs::read_dir("/proc/self/task").map_err(unknown)?.flatten();
    Ok(tasks.filter(|task| task.file_name() != this.as_str() && is_at_work(task)).count())
}

/// How many threads calls of `evaluate` keep at work: in half of the moments of a while as many or more.
fn kept_at_work(survey: &Survey, instance: &Instance) -> Result<usize, Finding> {
    let most = survey.at_most((LARGEST / survey.row()).max(1));
    let mut call = Call::new(survey, survey.base(0))?;
    // What begins and ends a call makes small ones seem dear: as large as they may be, in steps.
    let mut count = 1;
    loop {
        call.run(instance)?;
        let affordable = (count as f64 * 0.5 * SECONDS / call.seconds.max(1e-9)) as usize;
        if count >= most || affordable < 2 * count {
            break;
        }
        count = affordable.min(32 * count).min(most);
        call = Call::new(survey, &survey.batch(0, count))?;
    }
    let enough = AtomicBool::new(false);
    let mut looks = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut looks, start) = (Vec::new(), Instant::now());
            let goes_on = |looks: &Vec<usize>| {
                let seconds = start.elapsed().as_secs_f64();
                seconds < SECONDS || looks.len() < LOOKS && seconds < MOST_TIMES * SECONDS
            };
            let result = loop {
                std::thread::sleep(BETWEEN);
                match at_work() {
                    Ok(count) => looks.push(count),
                    Err(finding) => break Err(finding),
                }
                if !goes_on(&looks) {
                    break Ok(looks);
                }
            };
            enough.store(true, Ordering::Relaxed);
            result
        });
        while !enough.load(Ordering::Relaxed) {
            call.again(instance)?;
        }
        watcher.join().expect("a thread that only reads does not panic")
    })?;
    looks.sort_unstable();
    Ok(looks[looks.len() / 2].max(1))
}

/// Whether so many are more than were told. One that wakes another and goes to sleep is at work together with it for a
/// moment, and where many do so, some always are: half as many again are nothing.
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
    Ok(format!("{kept} at work, and one where it is asked to"))
}
