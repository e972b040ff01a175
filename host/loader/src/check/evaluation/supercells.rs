//! Copies of a configuration, side by side in a larger box.

mod key;

use epp::sys;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::symmetry::{ENERGY, GRADIENT};
use crate::check::bench::Bench;
use crate::check::call::Reply;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed_at};
use crate::descriptor::{Symmetry, Units};
use key::AtomsKey;

/// Boxes are at least so many cutoffs wide: two, and something for rounding. Then no atom sees another one twice, and the
/// nearest images are all there is to see.
const CUTOFFS: f64 = 2.05;
/// Seconds of one call above which only pairs of copies are tried.
const EXPENSIVE: f64 = 1.0;
/// Configurations of each scene.
const MOST: usize = 6;
/// How far atoms that fill a box are from the places of a lattice, relative to its spacing.
const JITTER: f64 = 0.15;

/// Configurations in a box.
struct Scene {
    side: f64,
    positions: Vec<f64>,
}

/// The base configurations in their own box; and atoms spread over a box that is as narrow as may be, where a good part of
/// what they feel comes from images.
fn scenes(survey: &Survey, cutoff: f64, random: &mut ChaCha8Rng) -> [Scene; 2] {
    let count = survey.affordable(0.01, 1, MOST);
    let dimensions = survey.info.dimensions;
    let cells = (1..).find(|cells: &usize| cells.pow(dimensions as u32) >= survey.info.atoms).unwrap_or(1);
    let least = if survey.info.units == Units::Md { 0.3 } else { 1.0 };
    let narrow = (CUTOFFS * cutoff).max(cells as f64 * least);
    let spacing = narrow / cells as f64;
    let mut spread = Vec::with_capacity(count * survey.row());
    for place in (0..count).flat_map(|_| 0..survey.row()) {
        let (atom, axis) = (place / dimensions, place % dimensions);
        let cell = atom / cells.pow(axis as u32) % cells;
        spread.push(spacing * (cell as f64 + JITTER * random.sample::<f64, _>(StandardNormal)));
    }
    [
        Scene { side: survey.box_rows[0], positions: survey.batch(0, count) },
        Scene { side: narrow, positions: spread },
    ]
}

/// What is doubled: each row, two, and all.
fn doublings(dimensions: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..dimensions).map(|row| vec![row]).collect();
    all.extend((2..=dimensions).map(|rows| (0..rows).collect()));
    all
}

/// `positions` and all their copies, shifted by `side` along each of `rows`.
fn repeated(positions: &[f64], dimensions: usize, side: f64, rows: &[usize]) -> Vec<f64> {
    let mut all = positions.to_vec();
    for row in rows {
        let shift = |(place, x): (usize, &f64)| if place % dimensions == *row { x + side } else { *x };
        let copy: Vec<f64> = all.iter().enumerate().map(shift).collect();
        all.extend(copy);
    }
    all
}

/// Rows of a rectangular box, `side` long, twice that along `doubled`.
fn box_rows(side: f64, doubled: &[usize]) -> Vec<f64> {
    let mut rows = vec![0.0; 9];
    (0..3).for_each(|row| rows[4 * row] = if doubled.contains(&row) { 2.0 * side } else { side });
    rows
}

fn skipped(reason: &str) -> Finding {
    Finding::Skipped(reason.to_owned())
}

/// The cutoff of a potential whose energy is one of a pattern of atoms that goes on for ever.
fn cutoff(survey: &Survey) -> Result<f64, Finding> {
    let info = &survey.info;
    if !info.is_periodic() {
        return Err(skipped("it is not periodic"));
    }
    if !info.periodic[..info.dimensions].iter().all(|&periodic| periodic) {
        return Err(skipped("it is not periodic along all box rows of its dimensions"));
    }
    let alike = survey.kinds.windows(2).all(|pair| pair[0] == pair[1]);
    if !survey.has(Symmetry::Translation) || !survey.has(Symmetry::Permutation) || !alike {
        return Err(skipped(
            "it does not declare translation and permutation of all atoms, so a field or bonds may tell copies apart",
        ));
    }
    info.cutoff_nm
        .ok_or_else(|| skipped("it tells no cutoff, so no box is known to be wide enough for nearest images"))
}

pub(super) fn supercells(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let cutoff = cutoff(survey)?;
    let library = bench.library()?;
    let Some(key) = AtomsKey::find(bench, &library, survey)? else {
        return Err(skipped("no key of its configuration says the number of atoms"));
    };
    let Some(single) = key.copies(bench, &library, survey, 1)? else {
        return Err(skipped("an instance with as many atoms as before cannot be made again"));
    };
    let mut tried = Tried { survey, key: &key.name, cells: 0, worst: 0.0 };
    for scene in scenes(survey, cutoff, &mut bench.random()) {
        let expected = evaluate(survey, &single, &scene.positions, box_rows(scene.side, &[]))?;
        for rows in doublings(survey.info.dimensions) {
            let copies = 1 << rows.len();
            if copies > 2 && survey.seconds * (copies * copies) as f64 > EXPENSIVE {
                continue;
            }
            let Some(instance) = key.copies(bench, &library, survey, copies)? else { continue };
            let dimensions = survey.info.dimensions;
            let positions: Vec<f64> = scene
                .positions
                .chunks(survey.row())
                .flat_map(|at| repeated(at, dimensions, scene.side, &rows))
                .collect();
            let larger = Survey { info: instance.info(&survey.descriptor)?, ..survey.clone() };
            let found = evaluate(&larger, &instance, &positions, box_rows(scene.side, &rows))?;
            tried.compare(&scene, &rows, &expected, &found)?;
        }
    }
    let Tried { cells, worst, .. } = tried;
    if cells == 0 {
        return Err(skipped("no configuration in a box of twice the cutoff has an energy"));
    }
    Ok(format!("{cells} supercells by the key '{}', largest difference {worst:.1e}", key.name))
}

fn evaluate(
    survey: &Survey,
    instance: &Instance,
    positions: &[f64],
    box_rows: Vec<f64>,
) -> Result<Reply, Finding> {
    Survey { box_rows, ..survey.clone() }.evaluate(instance, positions)
}

/// Supercells that were compared.
struct Tried<'a> {
    survey: &'a Survey,
    key: &'a str,
    cells: usize,
    worst: f64,
}

impl Tried<'_> {
    /// `n` copies have `n` times the energy of one, and each the gradient of one.
    fn compare(
        &mut self,
        scene: &Scene,
        rows: &[usize],
        expected: &Reply,
        found: &Reply,
    ) -> Result<(), Finding> {
        let survey = self.survey;
        let copies = f64::from(1_u32 << rows.len());
        let names: Vec<&str> = rows.iter().map(|&row| ["first", "second", "third"][row]).collect();
        for (index, at) in scene.positions.chunks(survey.row()).enumerate() {
            if expected.statuses[index] != sys::SAMPLE_OK {
                continue;
            }
            let what = format!(
                "configuration {index} in a box {:.6} long, and {copies} copies ('{}': {}) in one doubled along its {} row",
                scene.side,
                self.key,
                copies * survey.info.atoms as f64,
                names.join(" and ")
            );
            if found.statuses[index] != sys::SAMPLE_OK {
                return Err(failed_at(at, format!("{what}: status {} instead of 0", found.statuses[index])));
            }
            let (energy, gradient) = (expected.energies[index], expected.gradient(index));
            let norm = survey.gradient_norm(gradient);
            let difference = (found.energies[index] - copies * energy).abs();
            let most = copies * (survey.energy_tolerance(energy, ENERGY) + ENERGY * survey.step * norm);
            self.worst = self.worst.max(difference);
            if apart(difference, most) {
                let text = format!(
                    "{what}: energy {}, expected {copies} times {energy}; {difference:.3e} apart; what is the same for any \
                     number of atoms, or depends on the box alone, does not belong into a periodic energy",
                    found.energies[index]
                );
                return Err(failed_at(at, text));
            }
            let pairs = found.gradient(index).iter().zip(gradient.iter().cycle()).enumerate();
            for (place, (found, wanted)) in pairs {
                if apart((found - wanted).abs(), GRADIENT * norm) {
                    let text = format!(
                        "{what}: gradient {found} instead of {wanted} at coordinate {place} of them all"
                    );
                    return Err(failed_at(at, text));
                }
            }
            self.cells += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_stand_side_by_side() {
        assert_eq!(repeated(&[1.0, 2.0], 2, 10.0, &[1]), [1.0, 2.0, 1.0, 12.0]);
        let four = [1.0, 2.0, 11.0, 2.0, 1.0, 12.0, 11.0, 12.0];
        assert_eq!(repeated(&[1.0, 2.0], 2, 10.0, &[0, 1]), four);
        assert_eq!(box_rows(3.0, &[1]), [3.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 3.0]);
    }

    #[test]
    fn every_row_is_doubled_alone_and_with_others() {
        assert_eq!(doublings(1), [[0]]);
        assert_eq!(doublings(3), [vec![0], vec![1], vec![2], vec![0, 1], vec![0, 1, 2]]);
    }
}
