//! What is declared to give the same bits again.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::raw::{Instance, Library};
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed, failed_at};
use crate::descriptor::Determinism;

/// The same bits, or a finding that says which configuration differs.
pub(super) fn demand_bits(
    survey: &Survey,
    from: usize,
    reply: &Reply,
    expected: &Reply,
    what: &str,
) -> Result<(), Finding> {
    for index in 0..reply.statuses.len() {
        if !reply.same_bits(index, expected, index) {
            let energy = |reply: &Reply| reply.energies.get(index).copied().unwrap_or(f64::NAN);
            let text = format!(
                "{what}: configuration {index} gives energy {:?} instead of {:?} ({:.1e} apart), or another gradient, output or \
                 status ({} instead of {})",
                energy(reply),
                energy(expected),
                (energy(reply) - energy(expected)).abs(),
                reply.statuses[index],
                expected.statuses[index],
            );
            return Err(failed_at(survey.base(from + index), text));
        }
    }
    Ok(())
}

/// A batch of the base configurations, with all outputs.
fn batch(survey: &Survey, instance: &Instance) -> Result<Reply, Finding> {
    let count = survey.at_most(survey.count());
    survey.call_with_outputs(&survey.batch(0, count))?.run(instance)
}

fn declared(survey: &Survey) -> Result<(), Finding> {
    match survey.determinism() {
        Determinism::None => Err(Finding::Skipped("not declared".to_owned())),
        _ => Ok(()),
    }
}

pub(super) fn repeat(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    declared(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let expected = batch(survey, &instance)?;
    for _ in 0..survey.affordable(0.5, survey.count(), 20 * survey.count()) / survey.count() {
        demand_bits(survey, 0, &batch(survey, &instance)?, &expected, "the same batch again")?;
    }
    drop(instance);
    let next = bench.instance(&library)?;
    demand_bits(survey, 0, &batch(survey, &next)?, &expected, "the same batch from another instance")?;
    Ok(String::new())
}

pub(super) fn batch_split(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.determinism() != Determinism::Bitwise {
        return Err(Finding::Skipped("not declared".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let expected = batch(survey, &instance)?;
    let count = expected.statuses.len();
    let without = Call::new(survey, &survey.batch(0, count))?.run(&instance)?;
    demand_bits(survey, 0, &without, &expected.without_outputs(), "without outputs")?;
    for size in [1, 2, 3, 5, 8].into_iter().filter(|&size| size < count) {
        for from in (0..count).step_by(size) {
            let here = size.min(count - from);
            let mut call = survey.call_with_outputs(&survey.batch(from, here))?;
            call.batch.first = from as u64;
            let reply = call.run(&instance)?;
            for index in 0..here {
                if !reply.same_bits(index, &expected, from + index) {
                    let text = format!(
                        "configuration {} gives energy {:?} in a batch of {here} and {:?} in one of {count}, or another gradient or output; \
                         declare determinism run-to-run, or compute it alike",
                        from + index,
                        reply.energies[index],
                        expected.energies[from + index]
                    );
                    return Err(failed_at(survey.base(from + index), text));
                }
            }
        }
    }
    Ok(String::new())
}

/// What another process is asked for.
#[derive(Serialize, Deserialize)]
struct Request {
    library: std::path::PathBuf,
    id: String,
    config: String,
    survey: Survey,
}

/// What another process answers: energies, gradients and outputs as bits.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    energies: Vec<u64>,
    gradients: Vec<u64>,
    outputs: Vec<Vec<u64>>,
    statuses: Vec<i32>,
    pub(super) fingerprint: Option<String>,
}

impl Answer {
    fn of(reply: &Reply, fingerprint: Option<String>) -> Self {
        let of = |values: &Vec<f64>| values.iter().map(|value| value.to_bits()).collect();
        Self {
            energies: of(&reply.energies),
            gradients: of(&reply.gradients),
            outputs: reply.outputs.iter().map(of).collect(),
            statuses: reply.statuses.clone(),
            fingerprint,
        }
    }

    fn reply(self) -> Reply {
        let of = |bits: Vec<u64>| bits.into_iter().map(f64::from_bits).collect();
        Reply {
            energies: of(self.energies),
            gradients: of(self.gradients),
            outputs: self.outputs.into_iter().map(of).collect(),
            statuses: self.statuses,
        }
    }
}

/// Lets another process evaluate the base configurations, and does something `meanwhile`. Skipped where this program
/// cannot start itself again.
pub(super) fn in_another_process<T>(
    bench: &Bench<'_>,
    survey: &Survey,
    meanwhile: impl FnOnce() -> Result<T, Finding>,
) -> Result<(Answer, T), Finding> {
    if bench.plan.respond.is_empty() {
        return Err(Finding::Skipped("this program cannot start itself again".to_owned()));
    }
    let io = |error: std::io::Error| Finding::Skipped(format!("no other process: {error}"));
    let folder = tempfile::tempdir().map_err(io)?;
    let request = Request {
        library: bench.plan.library.clone(),
        id: bench.id.to_owned(),
        config: bench.plan.config.clone(),
        survey: survey.clone(),
    };
    let json = |error: serde_json::Error| Finding::Skipped(format!("no other process: {error}"));
    std::fs::write(folder.path().join("request.json"), serde_json::to_vec(&request).map_err(json)?)
        .map_err(io)?;
    // Loading a program costs more than the rest: it starts while this one computes.
    let mut other = Command::new(std::env::current_exe().map_err(io)?)
        .args(&bench.plan.respond)
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(io)?;
    let done = meanwhile();
    let status = other.wait().map_err(io)?;
    demand!(status.success(), "in another process it does not come to an end: {status}");
    let answer = std::fs::read(folder.path().join("bits.json")).map_err(io)?;
    Ok((serde_json::from_slice(&answer).map_err(json)?, done?))
}

pub(super) fn new_process(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    declared(survey)?;
    let (answer, expected) = in_another_process(bench, survey, || {
        let library = bench.library()?;
        batch(survey, &bench.instance(&library)?)
    })?;
    let reply = answer.reply();
    if reply.statuses.len() != expected.statuses.len() {
        return Err(failed("another process gives another number of results"));
    }
    demand_bits(survey, 0, &reply, &expected, "the same batch in another process")?;
    Ok(String::new())
}

/// The other side of [`new_process`]: reads `request.json` of a folder, writes `bits.json`.
pub(crate) fn respond(folder: &Path) -> Result<std::convert::Infallible, Box<dyn std::error::Error>> {
    let request: Request = serde_json::from_slice(&std::fs::read(folder.join("request.json"))?)?;
    let text = |finding: Finding| match finding {
        Finding::Failed(failure) => failure.reason,
        Finding::Warning(reason) | Finding::Skipped(reason) => reason,
    };
    let library = Library::open(&request.library).map_err(text)?;
    let instance = library.create(&request.id, &request.config).map_err(text)?;
    let reply = batch(&request.survey, &instance).map_err(text)?;
    let fingerprint = instance.info(&request.survey.descriptor).map_err(text)?.fingerprint;
    std::fs::write(folder.join("bits.json"), serde_json::to_vec(&Answer::of(&reply, fingerprint))?)?;
    // What the plugin does at the end of a process is another check's business.
    // SAFETY: ends the process; nothing runs after it.
    unsafe { libc::_exit(0) }
}
