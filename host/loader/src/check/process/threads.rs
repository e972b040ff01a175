//! Threads and instances.

use std::sync::{Barrier, Mutex, PoisonError};
use std::time::Instant;

use super::determinism::demand_bits;
use crate::check::bench::Bench;
use crate::check::call::{Call, Reply};
use crate::check::raw::{Instance, Library};
use crate::check::scales::Scales;
use crate::check::survey::Survey;
use crate::check::variation::other_config;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::descriptor::{Determinism, Threads};

/// Threads that call.
const THREADS: usize = 4;
/// Configurations of a call.
const BATCH: usize = 4;
/// Seconds that the threads go on.
const SECONDS: f64 = 0.3;

/// Compares with the bits where these are declared, else within rounding.
pub(super) fn compare(
    survey: &Survey,
    from: usize,
    reply: &Reply,
    expected: &Reply,
    what: &str,
) -> Result<(), Finding> {
    if survey.determinism() == Determinism::Bitwise {
        return demand_bits(survey, from, reply, expected, what);
    }
    for index in 0..reply.statuses.len() {
        let at = survey.base(from + index);
        let what = format!("{what}, configuration {index}");
        crate::check::demand::demand_same(survey, at, (reply, index), (expected, index), &what)?;
    }
    Ok(())
}

/// What each of the threads is to find: a batch of its own for each.
fn expected(survey: &Survey, instance: &Instance) -> Result<Vec<Reply>, Finding> {
    let batch = |thread: usize| survey.batch(thread * BATCH, survey.at_most(BATCH));
    (0..THREADS).map(|thread| Call::new(survey, &batch(thread))?.run(instance)).collect()
}

pub(super) fn two_instances(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let first = bench.instance(&library)?;
    let alone = expected(survey, &first)?;
    let second = bench.instance(&library)?;
    let one = |instance: &Instance, round: usize| {
        Call::new(survey, &survey.batch(round * BATCH, survey.at_most(BATCH)))?.run(instance)
    };
    for (round, alone) in alone.iter().enumerate() {
        let from = round * BATCH;
        let what = "the first instance, with a second one alive";
        compare(survey, from, &one(&first, round)?, alone, what)?;
        compare(survey, from, &one(&second, round)?, alone, "the second of two instances")?;
    }
    // And one of another configuration, where one is to be had.
    let config = other_config(bench, &library, survey)?;
    let other = config.as_ref().map(|config| library.create(bench.id, config)).transpose()?;
    for (round, alone) in alone.iter().enumerate() {
        if let (Some(other), Some(config)) = (&other, &config) {
            one(other, round)?;
            let what = format!("the first instance, with one of the configuration {config} alive");
            compare(survey, round * BATCH, &one(&first, round)?, alone, &what)?;
        }
    }
    drop(other);
    drop(first);
    for (round, alone) in alone.iter().enumerate() {
        let what = "the second instance, after the first was destroyed";
        compare(survey, round * BATCH, &one(&second, round)?, alone, what)?;
    }
    Ok(String::new())
}

pub(super) fn other_thread(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let work = || {
        let instance = library.create(bench.id, &bench.plan.config)?;
        expected(survey, &instance)
    };
    let there = on_a_thread(work)??;
    let here = expected(survey, &library.create(bench.id, &bench.plan.config)?)?;
    for (thread, (there, here)) in there.iter().zip(&here).enumerate() {
        compare(survey, thread * BATCH, there, here, "on another thread than the main one")?;
    }
    Ok(String::new())
}

fn on_a_thread<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, Finding> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .map_err(|_| failed("the check itself panicked on a thread, at something that the plugin returned"))
}

pub(super) fn as_declared(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let (id, config) = (bench.id, bench.plan.config.as_str());
    match survey.info.threads {
        Threads::Concurrent => {
            let instance = library.create(id, config)?;
            let alone = expected(survey, &instance)?;
            from_threads(survey, &alone, "from four threads at once", |call| call.run(&instance))?;
            // Any thread may destroy it.
            on_a_thread(move || drop(instance))?;
            Ok("four threads at once on one instance".to_owned())
        }
        Threads::Serial | Threads::Process => {
            let instance = library.create(id, config)?;
            let alone = expected(survey, &instance)?;
            let turn = Mutex::new(());
            from_threads(survey, &alone, "from four threads in turn", |call| {
                let _one_at_a_time = turn.lock().unwrap_or_else(PoisonError::into_inner);
                call.run(&instance)
            })?;
            on_a_thread(move || drop(instance))?;
            Ok("four threads in turn on one instance".to_owned())
        }
        Threads::Affine => {
            let alone = expected(survey, &library.create(id, config)?)?;
            affine(survey, &library, &alone, id, config)?;
            Ok("four threads, each with an instance of its own".to_owned())
        }
    }
}

pub(super) fn outputs(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.outputs.is_empty() || survey.info.threads != Threads::Concurrent {
        return Err(Finding::Skipped("it tells no outputs, or takes one call at a time".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(BATCH);
    let alone: Vec<Scales> = (0..THREADS)
        .map(|thread| Scales::new(survey, &instance, (thread * BATCH, count), &mut bench.random()))
        .collect::<Result<_, Finding>>()?;
    let (barrier, alone, instance) = (&Barrier::new(THREADS), &alone, &instance);
    std::thread::scope(|scope| {
        let work = |thread: usize| {
            move || {
                let from = thread * BATCH;
                let call = survey.call_with_outputs(&survey.batch(from, count));
                barrier.wait();
                let (mut call, start) = (call?, Instant::now());
                while start.elapsed().as_secs_f64() < SECONDS {
                    for _ in 0..survey.affordable(0.01, 1, 500) {
                        let reply = call.run(instance)?;
                        let what = "with outputs, from four threads at once";
                        compare(survey, from, &reply, &alone[thread].reply, what)?;
                        alone[thread].demand_outputs(survey, from, &reply, (survey.rounding(), what))?;
                    }
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
        collect(threads)
    })?;
    Ok("four threads at once on one instance".to_owned())
}

/// Calls from all threads, begun together, for a while.
fn from_threads(
    survey: &Survey,
    alone: &[Reply],
    what: &str,
    run: impl Fn(&mut Call) -> Result<Reply, Finding> + Sync,
) -> Result<(), Finding> {
    let (barrier, run) = (&Barrier::new(THREADS), &run);
    std::thread::scope(|scope| {
        let work = |thread: usize| {
            move || {
                let call = Call::new(survey, &survey.batch(thread * BATCH, survey.at_most(BATCH)));
                barrier.wait();
                let (mut call, start) = (call?, Instant::now());
                while start.elapsed().as_secs_f64() < SECONDS {
                    for _ in 0..survey.affordable(0.01, 1, 2000) {
                        compare(survey, thread * BATCH, &run(&mut call)?, &alone[thread], what)?;
                    }
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
        collect(threads)
    })
}

/// As [`from_threads`], each with an instance that it creates, uses and destroys.
fn affine(
    survey: &Survey,
    library: &Library,
    alone: &[Reply],
    id: &str,
    config: &str,
) -> Result<(), Finding> {
    let barrier = &Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let work = |thread: usize| {
            move || {
                let instance = library.create(id, config);
                barrier.wait();
                let (instance, start) = (instance?, Instant::now());
                let mut call = Call::new(survey, &survey.batch(thread * BATCH, survey.at_most(BATCH)))?;
                while start.elapsed().as_secs_f64() < SECONDS {
                    for _ in 0..survey.affordable(0.01, 1, 2000) {
                        let what = "from four threads, each with an instance of its own";
                        compare(survey, thread * BATCH, &call.run(&instance)?, &alone[thread], what)?;
                    }
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
        collect(threads)
    })
}

pub(super) fn collect(
    threads: Vec<std::thread::ScopedJoinHandle<'_, Result<(), Finding>>>,
) -> Result<(), Finding> {
    let results: Vec<_> = threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
    results.into_iter().try_for_each(|result| {
        result.unwrap_or_else(|_| {
            Err(failed("the check itself panicked, at something that the plugin returned"))
        })
    })
}
