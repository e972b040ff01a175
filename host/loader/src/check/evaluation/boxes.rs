//! Boxes: in any orientation, reduced or not, wrong ones, and those that nobody needs.

use epp::sys;

use super::symmetry::{rotation_matrix, turned, unchanged_in};
use crate::check::bench::{Bench, demand};
use crate::check::call::Call;
use crate::check::demand::demand_same;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome};
use crate::descriptor::Symmetry;

/// The rows along which it is periodic; an error where there are fewer than `least`.
fn rows(survey: &Survey, least: usize) -> Result<Vec<usize>, Finding> {
    let rows: Vec<usize> = (0..3).filter(|&row| survey.info.periodic[row]).collect();
    if rows.len() < least {
        let reason = if rows.is_empty() {
            "it is not periodic".to_owned()
        } else {
            format!("it is periodic along {} row only", rows.len())
        };
        return Err(Finding::Skipped(reason));
    }
    Ok(rows)
}

pub(super) fn orientation(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    rows(survey, 1)?;
    if !survey.has(Symmetry::Rotation) || survey.info.dimensions == 1 {
        return Err(Finding::Skipped("it does not declare rotation".to_owned()));
    }
    let dimensions = survey.info.dimensions;
    let matrix = rotation_matrix(dimensions, &mut bench.random());
    let mut box_rows = survey.box_rows.clone();
    for row in box_rows.chunks_exact_mut(3) {
        let turned = turned(&row[..dimensions], dimensions, &matrix, false);
        row[..dimensions].copy_from_slice(&turned);
    }
    unchanged_in(
        bench,
        "box and atoms rotated",
        &box_rows,
        |at| turned(at, dimensions, &matrix, false),
        |_, gradient| turned(gradient, dimensions, &matrix, true),
    )
}

pub(super) fn reduction(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let rows = rows(survey, 2)?;
    let mut box_rows = survey.box_rows.clone();
    // Every row, with whole multiples of those before it: the same lattice, of the same hand.
    for (place, &row) in rows.iter().enumerate() {
        for (&other, times) in rows[..place].iter().zip([3.0, -2.0]) {
            for axis in 0..3 {
                box_rows[3 * row + axis] += times * survey.box_rows[3 * other + axis];
            }
        }
    }
    let same = |at: &[f64]| at.to_vec();
    unchanged_in(bench, "the same lattice by rows that are not reduced", &box_rows, same, |_, gradient| {
        gradient.to_vec()
    })
}

pub(super) fn bad(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let rows = rows(survey, 1)?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let good = &survey.box_rows;
    let with = |change: &dyn Fn(&mut Vec<f64>)| {
        let mut rows = good.clone();
        change(&mut rows);
        rows
    };
    let (first, last) = (3 * rows[0], 3 * rows[rows.len() - 1]);
    let mut trials = vec![
        ("a row of zeros", with(&|b| b[last..last + 3].fill(0.0)), sys::SAMPLE_OUTSIDE_DOMAIN),
        ("NaN in a row", with(&|b| b[last] = f64::NAN), sys::SAMPLE_NON_FINITE_INPUT),
        ("infinity in a row", with(&|b| b[first] = f64::INFINITY), sys::SAMPLE_NON_FINITE_INPUT),
    ];
    if rows.len() > 1 {
        let flat = with(&|b| (0..3).for_each(|axis| b[last + axis] = 2.0 * b[first + axis]));
        trials.push(("two rows in one direction", flat, sys::SAMPLE_OUTSIDE_DOMAIN));
    }
    if rows.len() == 3 {
        let left = with(&|b| (0..3).for_each(|axis| b.swap(axis, 3 + axis)));
        trials.push(("left-handed rows", left, sys::SAMPLE_OUTSIDE_DOMAIN));
    }
    for (what, box_rows, status) in &trials {
        let mut call = Call::new(survey, survey.base(0))?;
        call.set_boxes(box_rows, 0)?;
        let (code, text, reply) = call.run_anyhow(&instance);
        demand!(
            code == sys::OK,
            "evaluate fails as a whole in a box with {what} ({text}); give the configuration status {status}"
        );
        demand!(
            reply.statuses[0] == *status,
            "in a box with {what} the status is {}, expected {status}",
            reply.statuses[0]
        );
    }
    Ok(format!("{} boxes", trials.len()))
}

pub(super) fn unneeded(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.box_rows.is_empty() {
        return Err(Finding::Skipped("it is periodic".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(4);
    let positions = survey.batch(0, count);
    let expected = Call::new(survey, &positions)?.run(&instance)?;
    let cube = |side: f64| vec![side, 0.0, 0.0, 0.0, side, 0.0, 0.0, 0.0, side];
    for (what, box_rows) in
        [("of 0.1", cube(0.1)), ("of 3", cube(3.0)), ("of zeros", cube(0.0)), ("of NaN", vec![f64::NAN; 9])]
    {
        let mut call = Call::new(survey, &positions)?;
        call.set_boxes(&box_rows.repeat(count), 0)?;
        let reply = call.run(&instance)?;
        for index in 0..count {
            let what =
                format!("a box {what} is handed over although it is not periodic, configuration {index}");
            demand_same(survey, survey.base(index), (&reply, index), (&expected, index), &what)?;
        }
    }
    Ok(String::new())
}
