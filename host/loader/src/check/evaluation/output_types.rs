//! Number types of outputs, which are not those of positions.

use epp::sys;

use super::outputs::{call, plain, tried};
use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Layout, Reply};
use crate::check::raw::Instance;
use crate::check::scales::Scales;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome};
use crate::descriptor::Dtype;
use crate::status::Code;

/// What f32 positions and arithmetic may do to an output, relative to its scale.
const SINGLE: f64 = 2e-3;

pub(super) fn types(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let outputs = tried(survey)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, expected) = plain(bench, &instance, survey.count())?;
    let mut story = Vec::new();
    let mut layouts = vec![(Layout::default(), "f64")];
    if survey.info.takes(Dtype::F32) {
        let layout = Layout { single: true, ..Layout::default() };
        let reply = call(survey, &positions, layout, outputs, 0)?.run(&instance)?;
        expected.demand_outputs(survey, 0, &reply, (SINGLE, "in f64, beside f32 positions"))?;
        layouts.push((layout, "f32"));
    }
    for (layout, of) in layouts {
        let mut written = 0;
        for which in 0..outputs.len() {
            let call = call(survey, &positions, layout, &outputs[which..=which], 0)?;
            written += usize::from(in_single(survey, &instance, call, &expected, which, of)?);
        }
        story.push(format!("{written} of {} are written in f32 beside {of} positions", outputs.len()));
    }
    Ok(story.join(", "))
}

/// Wants one output in f32: whether it is written so, in as many bytes, and not refused.
fn in_single(
    survey: &Survey,
    instance: &Instance,
    mut call: Call,
    expected: &Scales,
    which: usize,
    of: &str,
) -> Result<bool, Finding> {
    let name = &survey.tried_outputs()[which].name;
    call.asked()[0].dtype = sys::DTYPE_F32;
    // The buffer holds as many f64, so that one who writes those does no harm to others.
    let (code, text, reply) = call.run_anyhow(instance);
    if code != sys::OK {
        demand!(
            code == sys::E_UNSUPPORTED && reply.statuses.iter().all(|&status| status == sys::SAMPLE_INTERNAL),
            "evaluate refuses the output '{name}' in f32 with {} ({text}) and the statuses {:?}; expected code {} \
             (EPP_E_UNSUPPORTED) and status {}",
            Code(code),
            reply.statuses,
            sys::E_UNSUPPORTED,
            sys::SAMPLE_INTERNAL
        );
        return Ok(false);
    }
    let (found, rest) = singles(&reply.outputs[0]);
    demand!(
        rest.iter().all(|x| x.to_bits() == 0),
        "evaluate takes the output '{name}' in f32, beside {of} positions, and writes beyond its numbers; refuse it with code {} \
         (EPP_E_UNSUPPORTED), or write f32",
        sys::E_UNSUPPORTED
    );
    let reply = Reply { outputs: vec![found], ..reply };
    let what = format!("in f32, beside {of} positions");
    expected.demand_output(survey, 0, (&reply, 0), which, (SINGLE, &what))?;
    Ok(true)
}

/// The bytes of numbers as f32, as many as there are, and what is behind them.
fn singles(numbers: &[f64]) -> (Vec<f64>, &[f64]) {
    let bytes = numbers.iter().flat_map(|x| {
        let bits = x.to_bits().to_ne_bytes();
        [[bits[0], bits[1], bits[2], bits[3]], [bits[4], bits[5], bits[6], bits[7]]]
    });
    let singles = bytes.map(|four| f64::from(f32::from_ne_bytes(four))).take(numbers.len());
    (singles.collect(), &numbers[numbers.len().div_ceil(2)..])
}
