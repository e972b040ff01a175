//! Global parameters: their defaults, and values that are none.

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::demand::demand_same;
use crate::check::memory::Placement;
use crate::check::verdict::{Finding, Outcome};

/// Parameters whose ranges are tried.
const MOST: usize = 32;

pub(super) fn defaults(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.parameters.is_empty() {
        return Err(Finding::Skipped("it has no global parameters".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(5);
    let positions = survey.batch(0, count);
    let expected = Call::new(survey, &positions)?.run(&instance)?;
    let values: Vec<f64> = survey.parameters.iter().map(|parameter| parameter.default).collect();
    for (stride, rows) in [(0, 1), (values.len(), count)] {
        let mut call = Call::new(survey, &positions)?;
        call.set_parameters(&values.repeat(rows), Placement::Slack)?;
        call.batch.parameter_stride = stride as u64;
        let reply = call.run(&instance)?;
        for index in 0..count {
            let what =
                format!("with its default parameters written out (stride {stride}), configuration {index}");
            demand_same(survey, survey.base(index), (&reply, index), (&expected, index), &what)?;
        }
    }
    let told = survey.parameters.iter().map(|it| format!("{} {}", it.name, it.default));
    Ok(told.collect::<Vec<_>>().join(", "))
}

pub(super) fn range(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.parameters.is_empty() {
        return Err(Finding::Skipped("it has no global parameters".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let defaults: Vec<f64> = survey.parameters.iter().map(|parameter| parameter.default).collect();
    let mut tried = 0;
    for (place, parameter) in survey.parameters.iter().enumerate().take(MOST) {
        let mut values =
            vec![(f64::NAN, sys::SAMPLE_NON_FINITE_INPUT), (f64::INFINITY, sys::SAMPLE_NON_FINITE_INPUT)];
        if let Some([minimum, maximum]) = parameter.range {
            let width = Some(maximum - minimum).filter(|width| width.is_finite()).unwrap_or(1.0);
            let ends = [(minimum, -1.0), (maximum, 1.0)].into_iter().filter(|(end, _)| end.is_finite());
            let beyond = ends.map(|(end, side)| end + side * width.max(1e-3 * end.abs()).max(1e-3));
            values.extend(beyond.map(|value| (value, sys::SAMPLE_OUTSIDE_DOMAIN)));
        }
        for (value, status) in values {
            let mut all = defaults.clone();
            all[place] = value;
            let mut call = Call::new(survey, survey.base(0))?;
            call.set_parameters(&all, Placement::Slack)?;
            let (code, text, reply) = call.run_anyhow(&instance);
            let name = &parameter.name;
            demand!(
                code == sys::OK,
                "evaluate fails as a whole where the parameter '{name}' is {value} ({text}); give the configuration status \
                 {status}"
            );
            demand!(
                reply.statuses[0] == status,
                "with the parameter '{name}' at {value} the status is {}, expected {status}",
                reply.statuses[0]
            );
            demand!(
                reply.energies[0].is_nan(),
                "with the parameter '{name}' at {value} the energy is {} instead of NaN",
                reply.energies[0]
            );
            tried += 1;
        }
    }
    Ok(format!("{tried} values"))
}
