//! Outputs beside energy and gradient: the buffers they are written to, and what they do to everything else.

use std::sync::atomic::AtomicU32;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Fill, Layout, Reply};
use crate::check::demand::demand_same;
use crate::check::memory::Placement;
use crate::check::raw::Instance;
use crate::check::scales::Scales;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed_at};
use crate::output::Output;
use crate::request::monotonic_ns;
use crate::status::NO_STATUS;

/// The outputs that are tried.
pub(super) fn tried(survey: &Survey) -> Result<&[Output], Finding> {
    match survey.tried_outputs() {
        [] => Err(Finding::Skipped("it tells nothing beside energy and gradient".to_owned())),
        outputs => Ok(outputs),
    }
}

/// A call that wants these outputs too, with a gap behind each configuration of theirs.
pub(super) fn call(
    survey: &Survey,
    positions: &[f64],
    layout: Layout,
    outputs: &[Output],
    gap: usize,
) -> Result<Call, Finding> {
    let mut call = Call::with(survey, positions, layout)?;
    for output in outputs {
        call.want_output_at(output, survey.width(output), gap, layout.placement)?;
    }
    Ok(call)
}

/// What all outputs are in a few configurations, asked for as everybody would.
pub(super) fn plain(
    bench: &Bench<'_>,
    instance: &Instance,
    count: usize,
) -> Result<(Vec<f64>, Scales), Finding> {
    let survey = bench.survey()?;
    let count = survey.at_most(count);
    Ok((survey.batch(0, count), Scales::new(survey, instance, (0, count), &mut bench.random())?))
}

pub(super) fn together(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let outputs = tried(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, all) = plain(bench, &instance, 5)?;
    let without = Call::new(survey, &positions)?.run(&instance)?;
    for index in 0..without.statuses.len() {
        let what = format!("with all outputs wanted too, configuration {index}");
        demand_same(survey, survey.base(index), (&all.reply, index), (&without, index), &what)?;
    }
    // Backwards: an index is an index, not a place.
    let reversed: Vec<Output> = outputs.iter().rev().cloned().collect();
    let backwards = call(survey, &positions, Layout::default(), &reversed, 0)?.run(&instance)?;
    for which in 0..outputs.len() {
        let backwards = (&backwards, outputs.len() - 1 - which);
        all.demand_output(survey, 0, backwards, which, (survey.rounding(), "in the reverse order"))?;
    }
    for (which, output) in outputs.iter().enumerate() {
        for want in [0, sys::WANT_ENERGY] {
            let layout = Layout { want, ..Layout::default() };
            let one = std::slice::from_ref(output);
            let mut call = call(survey, &positions, layout, one, 0)?;
            let (code, text, reply) = call.run_anyhow(&instance);
            let what = if want == 0 { "wanted alone" } else { "wanted beside the energy" };
            demand!(code == sys::OK, "evaluate refuses the output '{}' {what}: {text}", output.name);
            demand!(
                reply.statuses == all.reply.statuses,
                "the output '{}' {what} gives the statuses {:?} instead of {:?}",
                output.name,
                reply.statuses,
                all.reply.statuses
            );
            all.demand_output(survey, 0, (&reply, 0), which, (survey.rounding(), what))?;
        }
    }
    Ok(outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(", "))
}

pub(super) fn strides(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let outputs = tried(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, expected) = plain(bench, &instance, 5)?;
    for gap in [0, 1, 4] {
        for fill in [Fill::Garbage, Fill::NotANumber] {
            let layout = Layout { fill, position_gap: gap, ..Layout::default() };
            let mut call = call(survey, &positions, layout, outputs, gap)?;
            let reply = call.run(&instance)?;
            let what = format!("with {gap} numbers between the rows and {} in them before", fill.value());
            expected.demand_outputs(survey, 0, &reply, (survey.rounding(), &what))?;
            demand!(
                call.output_gaps_intact(),
                "evaluate writes between the rows of strided outputs, into the gap that the stride leaves"
            );
        }
    }
    Ok(String::new())
}

pub(super) fn guard_pages(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let outputs = tried(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    for placement in [Placement::BeforeGuard, Placement::AfterGuard] {
        for count in [1, 3, 8].into_iter().map(|count| survey.at_most(count)) {
            let positions = survey.batch(0, count);
            for gap in [0, 2] {
                let layout = Layout { placement, ..Layout::default() };
                call(survey, &positions, layout, outputs, gap)?.run(&instance)?;
            }
            if survey.seconds * count as f64 > 0.1 {
                break;
            }
        }
    }
    Ok(String::new())
}

pub(super) fn requests(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let told = instance.outputs()?.map_or(0, |table| table.count);
    let some = survey.outputs.first().cloned().unwrap_or(Output {
        name: String::new(),
        unit: None,
        description: None,
        shape: crate::output::Shape::Scalar,
        index: 0,
    });
    let refused = |mut call: Call, code: i32, what: &str| {
        let (found, text, reply) = call.run_anyhow(&instance);
        demand!(found != sys::OK, "evaluate takes {what}; refuse the call with code {code}");
        demand!(found == code, "evaluate refuses {what} with code {found} ({text}), expected {code}");
        demand!(
            reply.statuses.iter().all(|&status| status == sys::SAMPLE_INTERNAL),
            "evaluate refuses {what}, but leaves the statuses {:?}; write {} then",
            reply.statuses.iter().map(|&it| if it == NO_STATUS { -1 } else { it }).collect::<Vec<_>>(),
            sys::SAMPLE_INTERNAL
        );
        Ok::<_, Finding>(())
    };
    let wide = survey.width(&some).max(64);
    for index in [told, told + 1, u64::MAX] {
        let mut call = Call::new(survey, survey.base(0))?;
        call.want_output(&Output { index, ..some.clone() }, wide)?;
        let what = format!("the output {index}, of {told} that it tells");
        refused(call, sys::E_INVALID_ARGUMENT, &what)?;
    }
    if survey.outputs.is_empty() {
        return Ok("it tells none, and gives none".to_owned());
    }
    let mut twice = Call::new(survey, survey.base(0))?;
    twice.want_output(&some, wide)?;
    twice.want_output(&some, wide)?;
    refused(twice, sys::E_INVALID_ARGUMENT, &format!("the output '{}' twice", some.name))?;
    for dtype in [0, 8, 3, u32::MAX] {
        let mut call = Call::new(survey, survey.base(0))?;
        call.want_output(&some, wide)?;
        call.asked()[0].dtype = dtype;
        let what = format!("the output '{}' in dtype {dtype}, which there is not", some.name);
        refused(call, sys::E_UNSUPPORTED, &what)?;
    }
    // A newer host knows more of an epp_output, and this one says so.
    let mut call = Call::new(survey, survey.base(0))?;
    call.want_output(&some, survey.width(&some))?;
    call.asked()[0].struct_size += 64;
    let (code, text, _) = call.run_anyhow(&instance);
    demand!(code == sys::OK, "evaluate refuses an epp_output that is longer: {text}");
    Ok(String::new())
}

pub(super) fn of_failures(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let outputs = tried(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(4);
    let bad = count / 2;
    let mut positions = survey.batch(0, count);
    let row = survey.row();
    positions[bad * row..(bad + 1) * row].fill(f64::NAN);
    let layout = Layout { fill: Fill::Garbage, ..Layout::default() };
    let reply = call(survey, &positions, layout, outputs, 0)?.run(&instance)?;
    let (_, expected) = plain(bench, &instance, count)?;
    all_nan(survey, outputs, &reply, "with NaN in a configuration")?;
    for index in (0..count).filter(|&index| index != bad) {
        let what = format!("configuration {index}, beside one that is all NaN");
        demand_same(survey, survey.base(index), (&reply, index), (&expected.reply, index), &what)?;
    }
    expected.demand_outputs(
        survey,
        0,
        &reply,
        (survey.rounding(), "beside a configuration that is all NaN"),
    )?;
    let flag = AtomicU32::new(1);
    let mut stopped = call(survey, &survey.batch(0, count), layout, outputs, 0)?;
    stopped.set_cancel(&flag);
    all_nan(survey, outputs, &stopped.run(&instance)?, "with the cancel flag up")?;
    let mut late = call(survey, &survey.batch(0, count), layout, outputs, 0)?;
    late.batch.deadline_ns = monotonic_ns().saturating_sub(1_000_000).max(1);
    all_nan(survey, outputs, &late.run(&instance)?, "with a deadline that has passed")?;
    Ok(String::new())
}

/// Demands NaN in the outputs of all configurations that failed.
fn all_nan(survey: &Survey, outputs: &[Output], reply: &Reply, what: &str) -> Result<(), Finding> {
    for index in (0..reply.statuses.len()).filter(|&index| reply.statuses[index] != sys::SAMPLE_OK) {
        for (which, output) in outputs.iter().enumerate() {
            if let Some(value) = reply.output(which, index).iter().find(|x| !x.is_nan()) {
                let text = format!(
                    "{what}: configuration {index} has status {}, but the output '{}' is {value} instead of NaN",
                    reply.statuses[index], output.name
                );
                return Err(failed_at(survey.base(index), text));
            }
        }
    }
    Ok(())
}
