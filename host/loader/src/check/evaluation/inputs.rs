//! Configurations that are not ordinary.

use epp::sys;

use super::answers::demand_finite;
use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Fill, Layout};
use crate::check::demand::demand_same;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed, failed_at};
use crate::status::{NO_STATUS, status_name};

/// A base configuration with one coordinate replaced.
fn with(survey: &Survey, index: usize, place: usize, value: f64) -> Vec<f64> {
    let mut positions = survey.base(index).to_vec();
    positions[place] = value;
    positions
}

/// Places in a row: the first, the last, and one between.
fn places(survey: &Survey) -> [usize; 3] {
    [0, survey.row() - 1, survey.row() / 2]
}

pub(super) fn non_finite(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut other = None;
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for place in places(survey) {
            let positions = with(survey, 0, place, value);
            let (code, text, reply) = Call::new(survey, &positions)?.run_anyhow(&instance);
            demand!(
                code == sys::OK,
                "evaluate fails as a whole at {value} in coordinate {place} ({text}); give that configuration status {}",
                sys::SAMPLE_NON_FINITE_INPUT
            );
            match reply.statuses[0] {
                sys::SAMPLE_OK => {
                    return Err(failed(format!(
                        "with {value} in coordinate {place}, the status is 0 and the energy {}; give status {} ({})",
                        reply.energies[0],
                        sys::SAMPLE_NON_FINITE_INPUT,
                        status_name(sys::SAMPLE_NON_FINITE_INPUT)
                    )));
                }
                NO_STATUS => {
                    return Err(failed(format!("with {value} in coordinate {place}, there is no status")));
                }
                sys::SAMPLE_NON_FINITE_INPUT => {}
                status => other = Some(status),
            }
        }
    }
    match other {
        None => Ok(String::new()),
        Some(status) => Ok(format!("with status {status} ({})", status_name(status))),
    }
}

/// NaN, positions far out and collapsed ones: whatever fails must fail as the header says.
pub(super) fn failed_samples(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let row = survey.row();
    let mut positions = survey.batch(0, survey.count());
    for place in places(survey) {
        positions.extend(with(survey, 0, place, f64::NAN));
    }
    positions.extend(vec![1e300; row]);
    positions.extend(survey.neighbours(8, 100.0, &mut bench.random()));
    let mut failures = 0;
    for chunk in positions.chunks(survey.at_most(5) * row) {
        let layout = Layout { fill: Fill::Garbage, ..Layout::default() };
        let reply = Call::with(survey, chunk, layout)?.run(&instance)?;
        for (index, configuration) in chunk.chunks(row).enumerate() {
            if reply.statuses[index] == sys::SAMPLE_OK {
                continue;
            }
            failures += 1;
            let (status, energy) = (reply.statuses[index], reply.energies[index]);
            if !energy.is_nan() {
                let text = format!(
                    "configuration {index} has status {status}, but the energy {energy} instead of NaN"
                );
                return Err(failed_at(configuration, text));
            }
            if let Some(place) = reply.gradient(index).iter().position(|&g| g != 0.0) {
                let value = reply.gradient(index)[place];
                let text = format!(
                    "configuration {index} has status {status}, but its gradient is {value} at coordinate {place} instead of 0"
                );
                return Err(failed_at(configuration, text));
            }
        }
    }
    if failures == 0 {
        return Err(Finding::Skipped("no configuration that was tried fails".to_owned()));
    }
    Ok(format!("{failures} configurations that fail"))
}

pub(super) fn extreme(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (row, dimensions, atoms) = (survey.row(), survey.info.dimensions, survey.info.atoms);
    let base = survey.base(0);
    let scaled = |factor: f64| base.iter().map(|x| factor * x).collect::<Vec<_>>();
    let mut trials = vec![
        ("all atoms at the origin", vec![0.0; row]),
        ("all atoms at one place", base[..dimensions].repeat(atoms)),
        (
            "all atoms on a line",
            (0..row)
                .map(|at| if at % dimensions == 0 { 0.1 * (at / dimensions) as f64 } else { 0.0 })
                .collect(),
        ),
        (
            "all atoms on a line, shuffled",
            (0..row)
                .map(|at| {
                    if at % dimensions == 0 {
                        0.1 * ((at / dimensions * 7) % atoms.max(1)) as f64
                    } else {
                        0.0
                    }
                })
                .collect(),
        ),
        ("all coordinates equal on a diagonal", (0..row).map(|at| 0.1 * (at / dimensions) as f64).collect()),
        ("10 times as large", scaled(10.0)),
        ("1e3 times as large", scaled(1e3)),
        ("1e8 times as large", scaled(1e8)),
        ("1e100 times as large", scaled(1e100)),
        ("1e300 times as large", scaled(1e300)),
        ("all coordinates 1e308", vec![1e308; row]),
        ("1e-300 times as large", scaled(1e-300)),
        ("mirrored", scaled(-1.0)),
        ("negative zeros", vec![-0.0; row]),
    ];
    if atoms > 1 {
        let mut overlapping = base.to_vec();
        let (first, second) = overlapping.split_at_mut(dimensions);
        second[..dimensions].copy_from_slice(first);
        trials.push(("the first two atoms at one place", overlapping));
        let mut apart = base.to_vec();
        apart[row - dimensions] += 1e6;
        trials.push(("the last atom 1e6 away", apart));
    }
    for (what, positions) in &trials {
        let (code, text, reply) = Call::new(survey, positions)?.run_anyhow(&instance);
        if code != sys::OK {
            let text =
                format!("{what}: evaluate fails as a whole ({text}); give that configuration a status");
            return Err(failed_at(positions, text));
        }
        demand_finite(survey, positions, &reply).map_err(|finding| match finding {
            Finding::Failed(failure) => failed_at(positions, format!("{what}: {}", failure.reason)),
            other => other,
        })?;
    }
    Ok(format!("{} configurations", trials.len()))
}

pub(super) fn isolated(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (row, count) = (survey.row(), survey.at_most(5));
    if count < 2 {
        return Err(Finding::Skipped("it takes one configuration at a time".to_owned()));
    }
    let good = survey.batch(0, count);
    let expected = Call::new(survey, &good)?.run(&instance)?;
    for bad in 0..count {
        for (name, value) in [("NaN", f64::NAN), ("1e300", 1e300)] {
            let mut positions = good.clone();
            positions[bad * row..(bad + 1) * row].fill(value);
            let (code, text, reply) = Call::new(survey, &positions)?.run_anyhow(&instance);
            demand!(
                code == sys::OK,
                "evaluate fails as a whole where one configuration of {count} is all {name} ({text})"
            );
            for index in (0..count).filter(|&index| index != bad) {
                let what = format!("configuration {index}, beside configuration {bad} which is all {name}");
                demand_same(survey, survey.base(index), (&reply, index), (&expected, index), &what)?;
            }
        }
    }
    Ok(String::new())
}

pub(super) fn missing_box(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.box_rows.is_empty() {
        return Err(Finding::Skipped("it is not periodic".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut call = Call::new(survey, survey.base(0))?;
    call.batch.box_ = std::ptr::null();
    let (code, _, reply) = call.run_anyhow(&instance);
    demand!(
        code != sys::OK || reply.statuses[0] != sys::SAMPLE_OK,
        "info says that it is periodic, but evaluate gives an energy without a box; refuse the call"
    );
    demand!(reply.statuses[0] != NO_STATUS, "evaluate refuses a call without a box, but writes no status");
    Ok(String::new())
}
