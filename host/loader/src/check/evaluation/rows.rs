//! Boxes and parameters that differ from configuration to configuration.

use crate::check::bench::Bench;
use crate::check::call::{Call, Reply};
use crate::check::demand::demand_same;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome};

/// Configurations of a batch.
const COUNT: usize = 6;
/// By how much the box of one configuration is larger than that of the one before, relative to it.
const GROWTH: f64 = 2e-3;

/// Demands that a batch whose rows differ gives what its configurations give alone, each with its row.
fn as_alone(
    survey: &Survey,
    instance: &Instance,
    alone: impl Fn(&mut Call, usize) -> Result<(), Finding>,
    together: impl Fn(&mut Call) -> Result<String, Finding>,
) -> Result<(), Finding> {
    let count = survey.at_most(COUNT);
    let singles: Vec<Reply> = (0..count)
        .map(|index| {
            let mut call = Call::new(survey, survey.base(index))?;
            call.batch.first = index as u64;
            alone(&mut call, index)?;
            call.run(instance)
        })
        .collect::<Result<_, Finding>>()?;
    let mut call = Call::new(survey, &survey.batch(0, count))?;
    let what = together(&mut call)?;
    let reply = call.run(instance)?;
    for (index, single) in singles.iter().enumerate() {
        let what = format!("{what}, configuration {index} compared with it alone");
        demand_same(survey, survey.base(index), (&reply, index), (single, 0), &what)?;
    }
    Ok(())
}

pub(super) fn boxes(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.box_rows.is_empty() {
        return Err(Finding::Skipped("it is not periodic".to_owned()));
    }
    if survey.at_most(2) < 2 {
        return Err(Finding::Skipped("it takes one configuration at a time".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let scaled = |index: usize| -> Vec<f64> {
        survey.box_rows.iter().map(|x| x * (1.0 + GROWTH * (index + 1) as f64)).collect()
    };
    let all: Vec<f64> = (0..survey.at_most(COUNT)).flat_map(scaled).collect();
    for gap in [0, 3] {
        let alone = |call: &mut Call, index: usize| call.set_boxes(&scaled(index), 0);
        let together = |call: &mut Call| {
            call.set_boxes(&all, gap)?;
            Ok(format!("with a box of its own for each (box_stride {})", 9 + gap))
        };
        as_alone(survey, &instance, alone, together)?;
    }
    Ok(String::new())
}

pub(super) fn parameters(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.parameters.is_empty() {
        return Err(Finding::Skipped("it has no global parameters".to_owned()));
    }
    if survey.at_most(2) < 2 {
        return Err(Finding::Skipped("it takes one configuration at a time".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let names = survey.parameters.len();
    let varied = |index: usize| survey.varied_parameters(index);
    let all: Vec<f64> = (0..survey.at_most(COUNT)).flat_map(varied).collect();
    for gap in [0, 2] {
        let alone = |call: &mut Call, index: usize| call.set_parameter_rows(&varied(index), names, 0);
        let together = |call: &mut Call| {
            call.set_parameter_rows(&all, names, gap)?;
            Ok(format!("with parameters of its own for each (parameter_stride {})", names + gap))
        };
        as_alone(survey, &instance, alone, together)?;
    }
    let alone = |call: &mut Call, _: usize| call.set_parameter_rows(&varied(1), names, 0);
    let together = |call: &mut Call| {
        call.set_parameter_rows(&varied(1), names, 0)?;
        call.batch.parameter_stride = 0;
        Ok("with the same parameters for all (parameter_stride 0)".to_owned())
    };
    as_alone(survey, &instance, alone, together)?;
    Ok(String::new())
}
