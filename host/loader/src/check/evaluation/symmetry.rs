//! What a plugin declares to leave its energy unchanged.

use epp::sys;
use rand::Rng;
use rand_distr::StandardNormal;

use crate::check::bench::Bench;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed_at};
use crate::descriptor::{Symmetry, Units};

/// Relative to their scale, how far two energies may be apart: other roundings of moved coordinates, in f32 perhaps.
pub(super) const ENERGY: f64 = 2e-5;
/// And two gradients.
pub(super) const GRADIENT: f64 = 2e-4;

/// Configurations that are tried.
fn samples(survey: &Survey) -> usize {
    survey.count().min(survey.affordable(0.5, 3, 12))
}

/// Compares every base configuration with a moved one. `back` turns a gradient of the moved one into one of the original.
fn unchanged(
    bench: &Bench<'_>,
    what: &str,
    move_: impl FnMut(&[f64]) -> Vec<f64>,
    back: impl Fn(usize, &[f64]) -> Vec<f64>,
) -> Outcome {
    unchanged_in(bench, what, &bench.survey()?.box_rows, move_, back)
}

/// As [`unchanged`], where the moved configurations have another box.
pub(super) fn unchanged_in(
    bench: &Bench<'_>,
    what: &str,
    box_rows: &[f64],
    mut move_: impl FnMut(&[f64]) -> Vec<f64>,
    back: impl Fn(usize, &[f64]) -> Vec<f64>,
) -> Outcome {
    let survey = bench.survey()?;
    let boxed = Survey { box_rows: box_rows.to_vec(), ..survey.clone() };
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = samples(survey);
    let original = survey.batch(0, count);
    let moved: Vec<f64> = original.chunks(survey.row()).flat_map(&mut move_).collect();
    let (expected, found) = (survey.evaluate(&instance, &original)?, boxed.evaluate(&instance, &moved)?);
    let (mut worst, mut compared) = (0.0_f64, 0);
    for index in 0..count {
        let at = survey.base(index);
        if found.statuses[index] != sys::SAMPLE_OK {
            let status = found.statuses[index];
            let text = format!(
                "{what}, configuration {index}: status {status} instead of {}",
                expected.statuses[index]
            );
            return Err(failed_at(at, text));
        }
        compared += 1;
        let difference = (found.energies[index] - expected.energies[index]).abs();
        worst = worst.max(difference);
        if apart(difference, survey.energy_tolerance(expected.energies[index], ENERGY)) {
            let text = format!(
                "{what}, configuration {index}: energy {} instead of {}, {difference:.3e} apart; do not declare this symmetry, \
                 or mend the energy",
                found.energies[index], expected.energies[index]
            );
            return Err(failed_at(at, text));
        }
        let most = GRADIENT * survey.gradient_norm(expected.gradient(index));
        let turned = back(index, found.gradient(index));
        let pairs = turned.iter().zip(expected.gradient(index)).enumerate();
        for (place, (found, wanted)) in pairs {
            if apart((found - wanted).abs(), most) {
                let text = format!(
                    "{what}, configuration {index}: gradient {found} instead of {wanted} at coordinate {place}"
                );
                return Err(failed_at(at, text));
            }
        }
    }
    Ok(format!("{compared} configurations, largest difference {worst:.1e}"))
}

fn declared(bench: &Bench<'_>, symmetry: Symmetry) -> Result<(), Finding> {
    match bench.survey()?.has(symmetry) {
        true => Ok(()),
        false => Err(Finding::Skipped("not declared, or withdrawn by this instance".to_owned())),
    }
}

fn same(_: usize, gradient: &[f64]) -> Vec<f64> {
    gradient.to_vec()
}

pub(super) fn translation(bench: &Bench<'_>) -> Outcome {
    declared(bench, Symmetry::Translation)?;
    let survey = bench.survey()?;
    let (dimensions, mut random) = (survey.info.dimensions, bench.random());
    let length = if survey.info.units == Units::Md { 0.5 } else { 2.0 };
    let move_ = |positions: &[f64]| {
        let shift: Vec<f64> =
            (0..dimensions).map(|_| length * random.sample::<f64, _>(StandardNormal)).collect();
        positions.iter().enumerate().map(|(place, x)| x + shift[place % dimensions]).collect()
    };
    unchanged(bench, "all atoms shifted", move_, same)
}

/// A random rotation of the plane or of space, as rows.
pub(super) fn rotation_matrix(dimensions: usize, random: &mut impl Rng) -> Vec<Vec<f64>> {
    if dimensions == 2 {
        let (sine, cosine) = random.random_range(0.3..6.0_f64).sin_cos();
        return vec![vec![cosine, -sine], vec![sine, cosine]];
    }
    let mut q: Vec<f64> = (0..4).map(|_| random.sample::<f64, _>(StandardNormal)).collect();
    let norm = q.iter().map(|x| x * x).sum::<f64>().sqrt();
    q.iter_mut().for_each(|x| *x /= norm);
    let (w, x, y, z) = (q[0], q[1], q[2], q[3]);
    vec![
        vec![1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        vec![2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        vec![2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
}

/// Vectors turned by a rotation, or back.
pub(super) fn turned(vectors: &[f64], dimensions: usize, matrix: &[Vec<f64>], back: bool) -> Vec<f64> {
    let element = |i: usize, j: usize| if back { matrix[j][i] } else { matrix[i][j] };
    let turn = |vector: &[f64]| -> Vec<f64> {
        (0..dimensions).map(|i| (0..dimensions).map(|j| element(i, j) * vector[j]).sum()).collect()
    };
    vectors.chunks(dimensions).flat_map(turn).collect()
}

pub(super) fn rotation(bench: &Bench<'_>) -> Outcome {
    declared(bench, Symmetry::Rotation)?;
    let survey = bench.survey()?;
    let dimensions = survey.info.dimensions;
    if dimensions == 1 || survey.info.is_periodic() {
        return Err(Finding::Skipped(
            "there are no rotations in one dimension; with a box, see evaluation/box-orientation".to_owned(),
        ));
    }
    let mut random = bench.random();
    let matrix = rotation_matrix(dimensions, &mut random);
    let forth = |at: &[f64]| turned(at, dimensions, &matrix, false);
    unchanged(bench, "all atoms rotated", forth, |_, gradient| turned(gradient, dimensions, &matrix, true))
}

pub(super) fn inversion(bench: &Bench<'_>) -> Outcome {
    declared(bench, Symmetry::Inversion)?;
    let negative = |vector: &[f64]| vector.iter().map(|x| -x).collect::<Vec<_>>();
    unchanged(bench, "the mirror image", negative, |_, gradient| negative(gradient))
}

pub(super) fn permutation(bench: &Bench<'_>) -> Outcome {
    declared(bench, Symmetry::Permutation)?;
    let survey = bench.survey()?;
    let (atoms, dimensions) = (survey.info.atoms, survey.info.dimensions);
    let kind = |atom: usize| survey.kinds.get(atom).copied().unwrap_or(0);
    let pairs: Vec<(usize, usize)> = (0..atoms)
        .flat_map(|a| (a + 1..atoms).map(move |b| (a, b)))
        .filter(|&(a, b)| kind(a) == kind(b))
        .take(10_000)
        .collect();
    if pairs.is_empty() {
        return Err(Finding::Skipped("the topology tells all atoms apart".to_owned()));
    }
    let mut random = bench.random();
    let chosen: Vec<(usize, usize)> =
        (0..samples(survey)).map(|_| pairs[random.random_range(0..pairs.len())]).collect();
    let exchange = |(a, b): (usize, usize), vector: &[f64]| {
        let mut vector = vector.to_vec();
        (0..dimensions).for_each(|axis| vector.swap(a * dimensions + axis, b * dimensions + axis));
        vector
    };
    let mut next = 0..;
    unchanged(
        bench,
        "two equal atoms exchanged",
        |at| exchange(chosen[next.next().unwrap_or(0)], at),
        |index, gradient| exchange(chosen[index], gradient),
    )
}

pub(super) fn images(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let (atoms, dimensions) = (survey.info.atoms, survey.info.dimensions);
    let rows: Vec<usize> = (0..3).filter(|&row| survey.info.periodic[row]).collect();
    if rows.is_empty() {
        return Err(Finding::Skipped("it is not periodic".to_owned()));
    }
    let mut random = bench.random();
    let move_ = |at: &[f64]| {
        let molecule = survey.molecules[random.random_range(0..atoms)];
        let row = rows[random.random_range(0..rows.len())];
        let times = [1.0, -1.0, 2.0][random.random_range(0..3)];
        let mut moved = at.to_vec();
        for atom in (0..atoms).filter(|&atom| survey.molecules[atom] == molecule) {
            for axis in 0..dimensions {
                moved[atom * dimensions + axis] += times * survey.box_rows[3 * row + axis];
            }
        }
        moved
    };
    unchanged(bench, "a molecule (an atom, where there are no bonds) moved by a box row", move_, same)
}
