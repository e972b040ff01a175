//! What grows.

use std::time::Instant;

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::verdict::{Finding, Outcome};

/// Instances that are made and destroyed, where they are cheap.
const INSTANCES: usize = 1000;
/// Calls.
const CALLS: usize = 10_000;
/// Seconds after which it is enough.
const SECONDS: f64 = 4.0;
/// Bytes of growth that are no leak: pages that the allocator took once.
const NOTHING: f64 = 512.0 * 1024.0;

/// What the system says of this process.
#[derive(Clone, Copy)]
struct Usage {
    /// Bytes that are not shared with a file.
    memory: f64,
    descriptors: usize,
    threads: usize,
}

impl Usage {
    fn now() -> Result<Self, Finding> {
        let unknown =
            |_| Finding::Skipped("this system does not tell by /proc what a process uses".to_owned());
        let status = std::fs::read_to_string("/proc/self/status").map_err(unknown)?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        Ok(Self {
            memory: 1024.0 * (field("RssAnon:").or_else(|| field("VmRSS:"))).unwrap_or(0.0),
            descriptors: std::fs::read_dir("/proc/self/fd").map_err(unknown)?.count(),
            threads: field("Threads:").unwrap_or(1.0) as usize,
        })
    }
}

/// Repeats `once` and demands that nothing grows. What the first tenth takes is a start that everybody may have.
fn flat(times: usize, what: &str, mut once: impl FnMut() -> Result<(), Finding>) -> Outcome {
    let start = Instant::now();
    for trial in 0..(times / 10).max(2) {
        once()?;
        if trial > 1 && start.elapsed().as_secs_f64() > 0.25 * SECONDS {
            break;
        }
    }
    let (first, start) = (Usage::now()?, Instant::now());
    let (mut done, mut middle) = (0, None);
    while done < times && start.elapsed().as_secs_f64() < SECONDS || done < 4 {
        once()?;
        done += 1;
        if middle.is_none() && (2 * done >= times || 2.0 * start.elapsed().as_secs_f64() > SECONDS) {
            middle = Some(Usage::now()?);
        }
    }
    let last = Usage::now()?;
    let grown = last.descriptors.saturating_sub(first.descriptors);
    demand!(grown < 3.max(done / 20), "{done} {what} leave {grown} file descriptors open");
    let grown = last.threads.saturating_sub(first.threads);
    demand!(grown < 3.max(done / 20), "{done} {what} leave {grown} threads running");
    let grown = last.memory - first.memory;
    // A leak goes on: in the second half as in the first.
    let goes_on = middle.is_none_or(|middle| last.memory - middle.memory > 0.25 * grown);
    demand!(
        grown < NOTHING || !goes_on,
        "{done} {what} leave {:.0} KiB of memory, {:.0} bytes each",
        grown / 1024.0,
        grown / done as f64
    );
    Ok(format!("{done} {what}, {:.0} KiB more", grown.max(0.0) / 1024.0))
}

pub(super) fn instances(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let mut call = Call::new(survey, survey.base(0))?;
    flat(INSTANCES, "instances that came and went", || {
        let instance = bench.instance(&library)?;
        call.run(&instance)?;
        Ok(())
    })
}

pub(super) fn evaluations(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut calls = [1, 3].map(|count| Call::new(survey, &survey.batch(0, survey.at_most(count))));
    let mut which = 0;
    flat(CALLS, "calls of evaluate", || {
        which = 1 - which;
        match &mut calls[which] {
            Ok(call) => call.run(&instance).map(drop),
            Err(finding) => Err(finding.clone()),
        }
    })
}
