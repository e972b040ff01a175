//! What standard outputs mean: their names, and the energy that they are to add up to or to derive from.

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Layout};
use crate::check::memory::Placement;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed_at};
use crate::descriptor::Units;
use crate::output::{Output, Shape};

/// Shape and unit of the outputs that the header names; `None`: it is none of them.
fn standard(name: &str) -> Option<(Option<Shape>, Option<&'static str>)> {
    let (shape, unit) = match name {
        "virial" => (Some(Shape::Matrix), Some("kJ/mol")),
        "atom-energies" => (Some(Shape::Atoms), Some("kJ/mol")),
        "charges" => (Some(Shape::Atoms), Some("e")),
        "dipole" => (Some(Shape::Vector(3)), Some("e nm")),
        "energy-variance" => (Some(Shape::Scalar), Some("(kJ/mol)^2")),
        "gradient-variance" => (Some(Shape::AtomsDimensions), Some("(kJ/mol/nm)^2")),
        "energy-members" => (None, Some("kJ/mol")),
        _ if name.starts_with("energy:") => (Some(Shape::Scalar), Some("kJ/mol")),
        _ if name.starts_with("derivative:") => (Some(Shape::Scalar), None),
        _ => return None,
    };
    Some((shape, unit))
}

pub(super) fn names(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let found: Vec<&Output> =
        survey.outputs.iter().filter(|output| standard(&output.name).is_some()).collect();
    if found.is_empty() {
        return Err(Finding::Skipped("it tells none of the outputs that the header names".to_owned()));
    }
    for output in &found {
        let Some((shape, unit)) = standard(&output.name) else { continue };
        let name = &output.name;
        let vector = matches!(output.shape, Shape::Vector(_));
        demand!(
            shape.map_or(vector, |shape| shape == output.shape),
            "the output '{name}' has the shape {:?}, which is not the one of the header; give another quantity another name",
            output.shape
        );
        // In units of a potential's own, there is nothing to compare with.
        if let Some(unit) = unit.filter(|_| survey.info.units == Units::Md) {
            demand!(
                output.unit.as_deref() == Some(unit),
                "the output '{name}' has the unit {:?}, expected \"{unit}\"",
                output.unit.as_deref().unwrap_or("none")
            );
        }
        if let Some(parameter) = name.strip_prefix("derivative:") {
            demand!(
                survey.parameters.iter().any(|it| it.name == parameter),
                "the output '{name}' is a derivative by a parameter that there is not"
            );
        }
    }
    Ok(found.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(", "))
}

/// Demands that outputs add up to the energy, configuration by configuration.
fn add_up(bench: &Bench<'_>, which: impl Fn(&Output) -> bool, what: &str) -> Outcome {
    let survey = bench.survey()?;
    let terms: Vec<&Output> = survey.outputs.iter().filter(|output| which(output)).collect();
    if terms.is_empty() {
        return Err(Finding::Skipped(format!("it does not tell {what}")));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(5);
    let mut call = Call::with(survey, &survey.batch(0, count), Layout::default())?;
    for output in &terms {
        call.want_output(output, survey.width(output))?;
    }
    let reply = call.run(&instance)?;
    let mut worst = 0.0_f64;
    for index in (0..count).filter(|&index| reply.statuses[index] == sys::SAMPLE_OK) {
        let row: Vec<f64> = (0..terms.len()).flat_map(|term| reply.output(term, index)).copied().collect();
        let (sum, energy) = (row.iter().sum::<f64>(), reply.energies[index]);
        let scale = row.iter().map(|term| term.abs()).sum::<f64>();
        let most = survey.energy_tolerance(energy, survey.rounding()) + survey.rounding() * scale;
        worst = worst.max((sum - energy).abs());
        if apart((sum - energy).abs(), most) {
            let list: Vec<String> = terms
                .iter()
                .enumerate()
                .map(|(term, output)| {
                    format!("{} {}", output.name, reply.output(term, index).iter().sum::<f64>())
                })
                .collect();
            let text = format!(
                "configuration {index}: {what} ({}) add up to {sum}, but the energy is {energy}",
                list.join(", ")
            );
            return Err(failed_at(survey.base(index), text));
        }
    }
    Ok(format!("largest difference {worst:.1e}"))
}

pub(super) fn terms(bench: &Bench<'_>) -> Outcome {
    add_up(bench, |output| output.name.starts_with("energy:"), "the terms of the energy")
}

pub(super) fn atoms(bench: &Bench<'_>) -> Outcome {
    let which = |output: &Output| output.name == "atom-energies" && output.shape == Shape::Atoms;
    add_up(bench, which, "the energies of the atoms")
}

/// What a virial may be off, relative to the norm of what it is made of.
const VIRIAL: f64 = 1e-4;

pub(super) fn virial(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let is_it = |output: &&Output| output.name == "virial" && output.shape == Shape::Matrix;
    let Some(output) = survey.outputs.iter().find(is_it) else {
        return Err(Finding::Skipped("it tells no virial".to_owned()));
    };
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (count, dimensions) = (survey.at_most(3), survey.info.dimensions);
    let positions = survey.batch(0, count);
    let mut call = Call::new(survey, &positions)?;
    call.want_output(output, 9)?;
    let gradients = call.run(&instance)?;
    let mut worst = 0.0_f64;
    for index in 0..count {
        let at = survey.base(index);
        let norm = at.iter().map(|x| x * x).sum::<f64>().sqrt();
        let scale = (survey.gradient_norm(gradients.gradient(index)) * norm).max(f64::MIN_POSITIVE);
        for (place, &told) in gradients.output(0, index).iter().enumerate() {
            let (i, j) = (place / 3, place % 3);
            if i >= dimensions || j >= dimensions {
                demand!(
                    told == 0.0,
                    "the virial's element [{i}][{j}] is {told} in {dimensions} dimensions, expected 0"
                );
                continue;
            }
            let strained = |amount: f64| strained(survey, &instance, at, (i, j), amount);
            let Some((value, error)) = slope(strained, 4e-3)? else { continue };
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

/// The energy under the strain `r_j += amount r_i`, of positions and box; `None` where it has none.
fn strained(
    survey: &Survey,
    instance: &Instance,
    at: &[f64],
    (i, j): (usize, usize),
    amount: f64,
) -> Result<Option<f64>, Finding> {
    let strain = |vectors: &[f64], width: usize| -> Vec<f64> {
        let mut vectors = vectors.to_vec();
        vectors.chunks_exact_mut(width).for_each(|r| r[j] += amount * r[i]);
        vectors
    };
    let changed = Survey { box_rows: strain(&survey.box_rows, 3), ..survey.clone() };
    let reply = Call::new(&changed, &strain(at, survey.info.dimensions))?.run(instance)?;
    Ok((reply.statuses[0] == sys::SAMPLE_OK).then_some(reply.energies[0]))
}

/// The derivative of `energy` at 0 and its error, by central differences that are extrapolated; `None` where the energy
/// is not defined.
fn slope(
    energy: impl Fn(f64) -> Result<Option<f64>, Finding>,
    width: f64,
) -> Result<Option<(f64, f64)>, Finding> {
    let mut differences = Vec::new();
    for width in [width, width / 2.0, width / 4.0] {
        let (Some(ahead), Some(behind)) = (energy(width)?, energy(-width)?) else { return Ok(None) };
        differences.push((ahead - behind) / (2.0 * width));
    }
    let first = |k: usize| differences[k + 1] + (differences[k + 1] - differences[k]) / 3.0;
    let value = first(1) + (first(1) - first(0)) / 15.0;
    Ok(Some((value, (value - first(1)).abs())))
}

/// Derivatives by parameters that are tried.
const MOST: usize = 32;

pub(super) fn derivatives(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let place = |output: &Output| {
        let name = output.name.strip_prefix("derivative:")?;
        survey.parameters.iter().position(|parameter| parameter.name == name)
    };
    let found: Vec<(&Output, usize)> =
        survey.outputs.iter().filter_map(|output| Some((output, place(output)?))).take(MOST).collect();
    if found.is_empty() {
        return Err(Finding::Skipped("it tells no derivatives by parameters".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let defaults: Vec<f64> = survey.parameters.iter().map(|parameter| parameter.default).collect();
    let mut worst = 0.0_f64;
    for &(output, place) in &found {
        let parameter = &survey.parameters[place];
        let default = parameter.default;
        let mut width = 1e-2 * default.abs().max(1.0);
        let mut middle = default;
        if let Some([minimum, maximum]) = parameter.range {
            // Inside of the range, also where the default is at an end of it.
            width = width.min(0.05 * (maximum - minimum));
            middle = default.clamp(minimum + 2.0 * width, maximum - 2.0 * width);
        }
        if width == 0.0 {
            // It has one value: there is no other to take a difference to.
            continue;
        }
        for index in 0..survey.at_most(2) {
            let at = survey.base(index);
            let with = |value: f64, wants: bool| {
                let mut values = defaults.clone();
                values[place] = value;
                let mut call = Call::new(survey, at)?;
                call.set_parameters(&values, Placement::Slack)?;
                if wants {
                    call.want_output(output, 1)?;
                }
                call.run(&instance)
            };
            let energy = |amount: f64| {
                let reply = with(middle + amount, false)?;
                Ok((reply.statuses[0] == sys::SAMPLE_OK).then_some(reply.energies[0]))
            };
            let reply = with(middle, true)?;
            let Some((value, error)) = slope(energy, width)?.filter(|_| reply.statuses[0] == sys::SAMPLE_OK)
            else {
                continue;
            };
            let told = reply.output(0, 0)[0];
            let noise = survey.energy_tolerance(reply.energies[0], 1e-12) / width;
            worst = worst.max((told - value).abs());
            if apart((told - value).abs(), 8.0 * error + 1e-5 * value.abs() + noise) {
                let text = format!(
                    "configuration {index}: the output '{}' is {told}, the energy's differences say {value}",
                    output.name
                );
                return Err(failed_at(at, text));
            }
        }
    }
    Ok(format!("{} of them, largest difference {worst:.1e}", found.len()))
}
