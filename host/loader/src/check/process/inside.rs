//! Threads that one call works on.

use std::time::Instant;

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::raw::{Instance, c_text, request};
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed};

/// Seconds of calls that are watched.
const SECONDS: f64 = 0.3;
/// The largest number of numbers in a batch.
const LARGEST: usize = 64 << 10;
/// Of all the time of processors, what other threads may take: the clocks of a thread and of a process are not read at
/// the same moment.
const OTHERS: f64 = 0.1;

/// Seconds of processors that this process, and this thread, have used.
fn used() -> (f64, f64) {
    let of = |clock| {
        let time = rustix::time::clock_gettime(clock);
        time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
    };
    (of(rustix::time::ClockId::ProcessCPUTime), of(rustix::time::ClockId::ThreadCPUTime))
}

/// The share of the work of calls that other threads than the caller's do.
fn share(survey: &Survey, instance: &Instance) -> Result<f64, Finding> {
    let most = survey.at_most((LARGEST / survey.row()).max(1));
    let mut call = Call::new(survey, &survey.batch(0, survey.affordable(0.5 * SECONDS, 1, most)))?;
    call.run(instance)?;
    let (start, (process, thread)) = (Instant::now(), used());
    while start.elapsed().as_secs_f64() < SECONDS {
        call.run(instance)?;
    }
    let (process_after, thread_after) = used();
    let all = process_after - process;
    let own = thread_after - thread;
    Ok(((all - own) / all.max(1e-9)).max(0.0))
}

pub(super) fn inside(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut story = Vec::new();
    if survey.info.threads_inside == Some(1) {
        let others = share(survey, &instance)?;
        demand!(
            (0.0..OTHERS).contains(&others),
            "info says that a call works on the caller's thread alone, but {:.0}% of the work is done by others",
            100.0 * others
        );
        story.push("declares one thread");
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
        "created with threads = 1, info says that a call works on {} threads",
        told.unwrap_or(0)
    );
    let others = share(survey, &alone)?;
    demand!(
        (0.0..OTHERS).contains(&others),
        "created with threads = 1, {:.0}% of the work of a call is done by other threads",
        100.0 * others
    );
    story.push("keeps to one where it is asked to");
    Ok(story.join(", "))
}
