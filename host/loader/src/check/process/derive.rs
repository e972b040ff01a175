//! Instances that are derived from others.

use epp::sdk::RawTopology;
use epp::sys;

use super::threads::compare;
use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::raw::{Instance, c_text, request};
use crate::check::variation::other_config;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::extensions::Finder;

pub(super) fn derive(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let first = bench.instance(&library)?;
    if first.derive.is_none() {
        return Err(Finding::Skipped("it derives none".to_owned()));
    }
    // SAFETY: the instance is used by this thread, which created it.
    let told =
        unsafe { Finder { self_: first.self_, extension: first.extension }.topology(survey.info.atoms) };
    let topology = told
        .map_err(|problem| failed(problem.to_string()))?
        .map(|topology| RawTopology::new(topology, survey.info.atoms))
        .transpose()
        .map_err(|error| failed(format!("its own topology is refused: {error}")))?;
    let id = c_text(bench.id)?;
    let asked = request(&id, None, topology.as_ref().map(RawTopology::as_raw));
    let derived = |parent: &Instance| {
        let made = parent.derive(&asked)?.transpose();
        let made = made.map_err(|refusal| {
            failed(format!("derive for its own molecule fails ({})", refusal.sentence()))
        })?;
        made.ok_or_else(|| failed("another instance derives none"))
    };
    let evaluate = |instance: &Instance| -> Result<Reply, Finding> {
        Call::new(survey, &survey.batch(0, survey.at_most(5)))?.run(instance)
    };
    let other = other_config(bench, &library, survey)?;
    for config in [Some(bench.plan.config.clone()), other].into_iter().flatten() {
        let expected = evaluate(&library.create(bench.id, &config)?)?;
        let parent = library.create(bench.id, &config)?;
        let (child, second) = (derived(&parent)?, derived(&parent)?);
        compare(survey, 0, &evaluate(&child)?, &expected, "a derived instance")?;
        drop(second);
        compare(survey, 0, &evaluate(&parent)?, &expected, "the parent of one that was destroyed")?;
        drop(parent);
        compare(survey, 0, &evaluate(&child)?, &expected, "a derived instance whose parent was destroyed")?;
        drop(derived(&child)?);
    }
    let unknown = sys::Create { required: 1 << 31, ..asked };
    if let Some(Ok(_)) = first.derive(&unknown)? {
        return Err(failed("derive takes a request whose `required` has an unknown bit"));
    }
    demand!(first.derive(&asked)?.is_some(), "it derives no more");
    Ok(String::new())
}
