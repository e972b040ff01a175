//! What a plugin offers beyond its energy, against the energy.

use epp::sys;

use crate::check::bench::Bench;
use crate::check::call::{Call, Layout};
use crate::check::demand::demand_same;
use crate::check::memory::Placement;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed, failed_at};
use crate::output::{Output, Shape};

pub(super) fn reference(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.references.is_empty() {
        return Err(Finding::Skipped("it offers no golden samples".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let reply = survey.evaluate(&instance, &survey.reference_positions)?;
    let rows = survey.reference_positions.chunks(survey.row());
    let mut worst = 0.0_f64;
    for (index, (&(energy, tolerance), at)) in survey.references.iter().zip(rows).enumerate() {
        if reply.statuses[index] != sys::SAMPLE_OK {
            return Err(failed_at(at, format!("golden sample {index} has status {}", reply.statuses[index])));
        }
        let (found, difference) = (reply.energies[index], (reply.energies[index] - energy).abs());
        worst = worst.max(difference);
        // An energy of zero has no relative tolerance: the last digits of what was added up to it.
        if apart(difference, tolerance * energy.abs() + 1e-12 * survey.energy_tolerance(energy, 1.0)) {
            let text = format!(
                "golden sample {index} has energy {found}, expected {energy} within {tolerance:.1e} of it; {difference:.3e} apart"
            );
            return Err(failed_at(at, text));
        }
    }
    Ok(format!("{} samples, largest difference {worst:.1e}", survey.references.len()))
}

pub(super) fn components(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let terms: Vec<&Output> =
        survey.outputs.iter().filter(|output| output.name.starts_with("energy:")).collect();
    if terms.is_empty() {
        return Err(Finding::Skipped("it does not tell its energy terms".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(5);
    let positions = survey.batch(0, count);
    for gap in [0, 2] {
        let layout = Layout { position_gap: gap, ..Layout::default() };
        let mut call = Call::with(survey, &positions, layout)?;
        for output in &terms {
            call.want_output(output, 1)?;
        }
        let reply = call.run(&instance)?;
        for index in 0..count {
            let row: Vec<f64> = reply.outputs.iter().map(|term| term[index]).collect();
            let (sum, energy) = (row.iter().sum::<f64>(), reply.energies[index]);
            let scale = row.iter().map(|term| term.abs()).sum::<f64>();
            let most = survey.energy_tolerance(energy, survey.rounding()) + survey.rounding() * scale;
            if reply.statuses[index] != sys::SAMPLE_OK || apart((sum - energy).abs(), most) {
                let list: Vec<String> =
                    terms.iter().zip(&row).map(|(term, value)| format!("{} {value}", term.name)).collect();
                let text = format!(
                    "configuration {index} (status {}): the terms {} add up to {sum}, but the energy is {energy}{}",
                    reply.statuses[index],
                    list.join(", "),
                    if gap > 0 { ", with strided positions" } else { "" }
                );
                return Err(failed_at(survey.base(index), text));
            }
        }
    }
    Ok(terms.iter().map(|term| term.name.as_str()).collect::<Vec<_>>().join(", "))
}

pub(super) fn parameters(bench: &Bench<'_>) -> Outcome {
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

/// What a virial may be off, relative to the norm of what it is made of.
const VIRIAL: f64 = 1e-4;

pub(super) fn virial(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let Some(output) = survey.outputs.iter().find(|output| output.name == "virial") else {
        return Err(Finding::Skipped("it tells no virial".to_owned()));
    };
    if survey.info.dimensions != 3 {
        return Err(Finding::Skipped("it has not three dimensions".to_owned()));
    }
    if output.shape != Shape::Matrix {
        return Err(failed("the shape of the output 'virial' is not [3][3]"));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(3);
    let positions = survey.batch(0, count);
    let mut call = Call::new(survey, &positions)?;
    call.want_output(output, 9)?;
    let gradients = call.run(&instance)?;
    let told = &gradients.outputs[0];
    let mut worst = 0.0_f64;
    for index in 0..count {
        let at = survey.base(index);
        let scale =
            survey.gradient_norm(gradients.gradient(index)) * at.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (place, &told) in told[index * 9..(index + 1) * 9].iter().enumerate() {
            let (i, j) = (place / 3, place % 3);
            let Some((value, error)) = strain_derivative(survey, &instance, at, i, j)? else { continue };
            worst = worst.max((told - value).abs() / scale);
            if apart((told - value).abs(), 8.0 * error + VIRIAL * scale) {
                let text = format!(
                    "configuration {index}: the virial's element [{i}][{j}] is {told}, the energy's differences under that \
                     strain say {value} (sum over atoms of r_{i} dE/dr_{j})"
                );
                return Err(failed_at(at, text));
            }
        }
    }
    Ok(format!("largest difference {worst:.1e}"))
}

/// The derivative of the energy along the strain `r_j += e r_i`, of positions and box, and its error.
fn strain_derivative(
    survey: &Survey,
    instance: &Instance,
    at: &[f64],
    i: usize,
    j: usize,
) -> Result<Option<(f64, f64)>, Finding> {
    let strained = |amount: f64| {
        let strain = |vectors: &[f64]| -> Vec<f64> {
            let mut vectors = vectors.to_vec();
            vectors.chunks_exact_mut(3).for_each(|r| r[j] += amount * r[i]);
            vectors
        };
        let changed = Survey { box_rows: strain(&survey.box_rows), ..survey.clone() };
        let reply = Call::new(&changed, &strain(at))?.run(instance)?;
        Ok::<_, Finding>((reply.statuses[0] == sys::SAMPLE_OK).then_some(reply.energies[0]))
    };
    let mut differences = Vec::new();
    for width in [4e-3, 2e-3, 1e-3] {
        let (Some(ahead), Some(behind)) = (strained(width)?, strained(-width)?) else { return Ok(None) };
        differences.push((ahead - behind) / (2.0 * width));
    }
    let first = |k: usize| differences[k + 1] + (differences[k + 1] - differences[k]) / 3.0;
    let value = first(1) + (first(1) - first(0)) / 15.0;
    Ok(Some((value, (value - first(1)).abs())))
}
