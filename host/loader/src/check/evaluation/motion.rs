//! Newton's equations: what a wrong gradient does over time.

use epp::sys;

use super::derivative::random_direction;
use crate::check::bench::Bench;
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed_at};

/// Steps of the longer time step.
const STEPS: usize = 200;
/// Step times highest frequency: far inside what velocity Verlet bears, so that its error falls with the square of the step.
const PHASE: f64 = 0.12;
/// What is lost of the kinetic energy, where nobody would complain.
const NOTHING: f64 = 1e-4;

/// What anybody would: velocity Verlet with such steps strays by less than a hundredth.
const MUCH: f64 = 0.05;

struct Motion<'a> {
    survey: &'a Survey,
    instance: &'a Instance,
    /// Per coordinate.
    masses: Vec<f64>,
}

impl Motion<'_> {
    /// Energy and gradient; `None` where the status is not 0.
    fn evaluate(&self, positions: &[f64]) -> Result<Option<(f64, Vec<f64>)>, Finding> {
        let reply = self.survey.evaluate(self.instance, positions)?;
        Ok((reply.statuses[0] == sys::SAMPLE_OK).then(|| (reply.energies[0], reply.gradients)))
    }

    /// The highest frequency at `at`, by power iteration with differences of gradients.
    fn frequency(&self, at: &[f64], mut direction: Vec<f64>) -> Result<Option<f64>, Finding> {
        let small = 1e-2 * self.survey.step;
        let mut square = 0.0_f64;
        for _ in 0..12 {
            let norm = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
            let longest = direction
                .iter()
                .zip(&self.masses)
                .map(|(d, m)| (d / norm / m.sqrt()).abs())
                .fold(0.0, f64::max);
            let scale = small / longest.max(f64::MIN_POSITIVE);
            let moved = |sign: f64| -> Vec<f64> {
                let pairs = at.iter().zip(&direction).zip(&self.masses);
                pairs.map(|((x, d), m)| x + sign * scale * d / norm / m.sqrt()).collect()
            };
            let reply = self.survey.evaluate(self.instance, &[moved(1.0), moved(-1.0)].concat())?;
            if reply.statuses != [sys::SAMPLE_OK; 2] {
                return Ok(None);
            }
            let next = reply
                .gradient(0)
                .iter()
                .zip(reply.gradient(1))
                .zip(&self.masses)
                .map(|((a, b), m)| (a - b) / (2.0 * scale) / m.sqrt());
            direction = next.collect();
            square = square.max(direction.iter().map(|d| d * d).sum::<f64>().sqrt());
            if square == 0.0 {
                return Ok(None);
            }
        }
        Ok(Some(square.sqrt()))
    }

    /// Total energies of a run by velocity Verlet, until the end or until a status is not 0, and the largest kinetic one.
    fn run(
        &self,
        at: &[f64],
        velocities: &[f64],
        step: f64,
        steps: usize,
    ) -> Result<(Vec<f64>, f64), Finding> {
        let (mut positions, mut velocities) = (at.to_vec(), velocities.to_vec());
        let Some((energy, mut gradient)) = self.evaluate(&positions)? else { return Ok((Vec::new(), 0.0)) };
        let kinetic = |velocities: &[f64]| -> f64 {
            velocities.iter().zip(&self.masses).map(|(v, m)| 0.5 * m * v * v).sum()
        };
        let mut most = kinetic(&velocities);
        let mut totals = vec![energy + most];
        for _ in 0..steps {
            for (place, velocity) in velocities.iter_mut().enumerate() {
                *velocity -= 0.5 * step * gradient[place] / self.masses[place];
                positions[place] += step * *velocity;
            }
            let Some((energy, next)) = self.evaluate(&positions)? else { break };
            gradient = next;
            for (place, velocity) in velocities.iter_mut().enumerate() {
                *velocity -= 0.5 * step * gradient[place] / self.masses[place];
            }
            let now = kinetic(&velocities);
            most = most.max(now);
            totals.push(energy + now);
        }
        Ok((totals, most))
    }
}

/// How far a total energy strays.
fn spread(totals: &[f64]) -> f64 {
    totals.iter().map(|total| (total - totals[0]).abs()).fold(0.0, f64::max)
}

pub(super) fn conservation(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.has_gradient || survey.info.discrete {
        return Err(Finding::Skipped("it tells no gradient, or has only certain positions".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut random = bench.random();
    let dimensions = survey.info.dimensions;
    let masses = survey
        .masses
        .iter()
        .flat_map(|&mass| std::iter::repeat_n(if mass > 0.0 { mass } else { 1.0 }, dimensions));
    let motion = Motion { survey, instance: &instance, masses: masses.collect() };
    let steps = survey.affordable(4.0, 90, 6 * STEPS) / 6;
    let mut story = Vec::new();
    for index in 0..2 {
        let at = survey.base(index + survey.count() / 2);
        let row = survey.row();
        let Some(frequency) = motion.frequency(at, random_direction(row, &mut random))? else { continue };
        let step = PHASE / frequency;
        // A vibration of the highest frequency with these velocities has the amplitude of a survey's step.
        let velocities: Vec<f64> =
            random_direction(row, &mut random).iter().map(|v| v * survey.step * frequency).collect();
        let (coarse, kinetic) = motion.run(at, &velocities, step, steps)?;
        let (fine, _) = motion.run(at, &velocities, 0.5 * step, 2 * steps)?;
        // Up to where both have come.
        let common = coarse.len().min(fine.len().div_ceil(2));
        if common < 10 {
            continue;
        }
        let (coarse, fine) = (spread(&coarse[..common]), spread(&fine[..2 * common - 1]));
        let of = kinetic.max(f64::MIN_POSITIVE);
        story.push(format!(
            "{:.1e} of the kinetic energy, {:.1e} with half the step",
            coarse / of,
            fine / of
        ));
        let noise = survey.energy_tolerance(survey.energies[0], survey.rounding());
        if fine > NOTHING * kinetic + noise && (fine > 0.5 * coarse || fine > MUCH * kinetic) {
            let reason = format!(
                "over {} steps the total energy strays by {coarse:.3e}, and with half the step by {fine:.3e} (a quarter is \
                 expected; the kinetic energy is {kinetic:.3e}); the gradient depends on more than the positions, or is not \
                 the one of this energy",
                common - 1
            );
            return Err(failed_at(at, reason));
        }
    }
    match story.as_slice() {
        [] => Err(Finding::Skipped(
            "nothing vibrates, or no run of ten steps stays inside the domain".to_owned(),
        )),
        [first, ..] => Ok(format!("strays by {first}")),
    }
}
