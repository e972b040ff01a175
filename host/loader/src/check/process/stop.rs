//! Stopping a call.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::demand::duration;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::check::waiting::Waiting;
use crate::request::monotonic_ns;

/// Seconds that the call to be stopped would take.
const LONG: f64 = 2.0;
/// Seconds after which it is stopped.
const BEFORE: f64 = 0.1;
/// Seconds that stopping may take, besides one configuration's.
const SOON: f64 = 0.4;
/// Seconds after the flag in which a batch may end by chance with nothing left to cancel.
const IN_BETWEEN: f64 = 0.02;
/// The largest number of numbers in a batch.
const LARGEST: usize = 256 << 10;
/// Times that something slow is tried before it counts.
const TRIALS: usize = 3;

/// A batch that takes that long, where one of that length can be had.
fn long_batch(survey: &Survey) -> (usize, Vec<f64>) {
    let most = survey.at_most((LARGEST / survey.row()).max(1));
    let count = survey.affordable(LONG, 2.min(most), most);
    (count, survey.batch(0, count))
}

/// Demands that everything is either done or cancelled, and some of it cancelled.
fn demand_cancelled(reply: &Reply, what: &str) -> Result<usize, Finding> {
    let cancelled = reply.statuses.iter().filter(|&&status| status == sys::SAMPLE_CANCELLED).count();
    let other =
        reply.statuses.iter().position(|&status| status != sys::SAMPLE_CANCELLED && status != sys::SAMPLE_OK);
    if let Some(index) = other {
        return Err(failed(format!(
            "{what}: configuration {index} has status {}, expected 0 or {} (cancelled)",
            reply.statuses[index],
            sys::SAMPLE_CANCELLED
        )));
    }
    demand!(
        cancelled > 0,
        "{what}: all {} configurations were evaluated; look at the flag and the clock between configurations, and give the rest \
         status {}",
        reply.statuses.len(),
        sys::SAMPLE_CANCELLED
    );
    Ok(cancelled)
}

/// How long a call may go on: the configuration under way, several at a time perhaps.
fn patience(survey: &Survey) -> f64 {
    SOON + 20.0 * survey.seconds
}

/// The best of a few trials of `late`, which gives what it measured in seconds, without what threads waited for a processor:
/// on a machine that is busy with something else, a single one says little all the same.
fn soon(survey: &Survey, mut late: impl FnMut() -> Result<f64, Finding>, what: &str) -> Result<f64, Finding> {
    let mut best = f64::INFINITY;
    for _ in 0..TRIALS {
        best = best.min(late()?);
        if best < patience(survey) {
            return Ok(best);
        }
        // So late is nobody for a busy machine alone.
        if best > 3.0 * patience(survey) {
            break;
        }
    }
    Err(failed(format!("{what} for {}; {} would be soon", duration(best), duration(patience(survey)))))
}

pub(super) fn cancel(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (count, positions) = long_batch(survey);
    let mut call = Call::new(survey, &positions)?;
    let flag = AtomicU32::new(1);
    call.set_cancel(&flag);
    let from_the_beginning = || {
        let waiting = Waiting::of("self");
        let reply = call.run(&instance)?;
        demand_cancelled(&reply, "with the cancel flag up from the beginning")?;
        Ok((call.seconds - waiting.since()).max(0.0))
    };
    let what = format!("with the cancel flag up from the beginning, a batch of {count} goes on");
    soon(survey, from_the_beginning, &what)?;

    // Now while it works, if it works long enough.
    if count as f64 * survey.seconds < 4.0 * BEFORE {
        return Ok("stopped before it began; no batch takes long enough to stop one under way".to_owned());
    }
    let meanwhile = || {
        flag.store(0, Ordering::SeqCst);
        let (code, reply, late) = std::thread::scope(|scope| {
            let raise = scope.spawn(|| {
                std::thread::sleep(Duration::from_secs_f64(BEFORE));
                flag.store(1, Ordering::SeqCst);
                (Instant::now(), Waiting::of("self"))
            });
            let (code, _, reply) = call.run_anyhow(&instance);
            let late = raise.join().map_or(f64::INFINITY, |(raised, waiting)| {
                // A call that has ended before is not late at all.
                call.ended
                    .checked_duration_since(raised)
                    .map_or(0.0, |late| late.as_secs_f64() - waiting.since())
            });
            (code, reply, late)
        });
        demand!(
            code == sys::OK,
            "a call that is cancelled fails as a whole (code {code}); give statuses {}",
            sys::SAMPLE_CANCELLED
        );
        // A batch that is shorter than it seemed may end soon after the flag without anybody having looked at it.
        let unheeded = !reply.statuses.contains(&sys::SAMPLE_CANCELLED);
        let went_on = late > IN_BETWEEN + 20.0 * survey.seconds;
        Ok(if unheeded && went_on { late.max(2.0 * patience(survey)) } else { late.max(0.0) })
    };
    let late = soon(survey, meanwhile, "after the cancel flag was raised, it goes on")?;
    Ok(format!("a batch of {count} stopped after {}", duration(late)))
}

/// Calls with a deadline, and says how long it took beyond that, without what threads waited for a processor.
fn late(call: &mut Call, instance: &Instance, limit: f64) -> Result<(Reply, f64), Finding> {
    let deadline = monotonic_ns().saturating_add_signed((limit * 1e9) as i64).max(1);
    call.batch.deadline_ns = deadline;
    let waiting = Waiting::of("self");
    let reply = call.run(instance)?;
    let (since, waited) = (call.ended.elapsed().as_nanos() as u64, waiting.since());
    let late = monotonic_ns().saturating_sub(since).saturating_sub(deadline) as f64 * 1e-9;
    Ok((reply, (late - waited).max(0.0)))
}

pub(super) fn deadline(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (count, positions) = long_batch(survey);
    let mut call = Call::new(survey, &positions)?;
    let (reply, _) = late(&mut call, &instance, -1e-3)?;
    demand_cancelled(&reply, "with a deadline that has passed")?;
    let mut short = Call::new(survey, survey.base(0))?;
    let (reply, _) = late(&mut short, &instance, 3600.0 + 100.0 * survey.seconds)?;
    demand!(
        reply.statuses[0] == sys::SAMPLE_OK,
        "with a deadline in an hour, the status is {}; deadline_ns is a time of CLOCK_MONOTONIC",
        reply.statuses[0]
    );
    if count as f64 * survey.seconds < 4.0 * BEFORE {
        return Ok("stopped before it began; no batch takes long enough to stop one under way".to_owned());
    }
    let meanwhile = || Ok(late(&mut call, &instance, BEFORE)?.1);
    let late = soon(survey, meanwhile, "after its deadline, it goes on")?;
    Ok(format!("a batch of {count} stopped after {}", duration(late)))
}
