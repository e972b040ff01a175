//! Whether the gradient is the derivative of the energy, and the energy has no jumps.

use epp::sys;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::check::bench::Bench;
use crate::check::call::{Call, Layout};
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed_at};

/// Halvings of the step; two energies each.
const STEPS: usize = 9;
/// Times the estimated error that a gradient may be off.
const MARGIN: f64 = 8.0;
/// Relative to the norm of the gradient, what is no mistake: half the digits of f32.
const RELATIVE: f64 = 2e-5;

/// The derivative of the energy at `at` along each direction, and its estimated error; `None` where it leaves the domain.
///
/// Central differences with steps halved again and again, extrapolated to zero (Richardson, in Ridders' arrangement); the
/// noise of the energy is taken from the smallest steps.
fn derivatives(
    survey: &Survey,
    instance: &Instance,
    at: &[f64],
    directions: &[Vec<f64>],
) -> Result<Vec<Option<(f64, f64)>>, Finding> {
    let largest = 2.0 * survey.step;
    let width = |k: usize| largest / f64::from(1_u32 << k);
    let mut points = Vec::with_capacity(directions.len() * 2 * STEPS * at.len());
    for direction in directions {
        for k in 0..STEPS {
            for sign in [1.0, -1.0] {
                points.extend(at.iter().zip(direction).map(|(x, d)| x + sign * width(k) * d));
            }
        }
    }
    let energies = energies(survey, instance, &points)?;
    let tables: Vec<Option<(f64, f64, f64, f64)>> = energies
        .chunks(2 * STEPS)
        .map(|row| {
            let difference = |k: usize| Some((row[2 * k]? - row[2 * k + 1]?) / (2.0 * width(k)));
            ridders(difference, width)
        })
        .collect();
    // The smallest step's difference from the best value is nearly all noise.
    let mut noise: Vec<f64> = tables.iter().flatten().map(|(.., noise)| *noise).collect();
    noise.sort_by(f64::total_cmp);
    let noise = noise.get(noise.len() / 2).copied().unwrap_or(0.0);
    Ok(tables
        .into_iter()
        .map(|it| it.map(|(value, error, width, _)| (value, error + noise / width)))
        .collect())
}

/// The best value, its error, the step it hangs on, and the noise of an energy.
fn ridders(
    difference: impl Fn(usize) -> Option<f64>,
    width: impl Fn(usize) -> f64,
) -> Option<(f64, f64, f64, f64)> {
    let mut table = vec![vec![0.0; STEPS]; STEPS];
    let mut best = (f64::NAN, f64::INFINITY, width(0));
    for k in 0..STEPS {
        table[k][0] = difference(k)?;
        let mut factor = 1.0;
        for j in 1..=k {
            factor *= 4.0;
            table[k][j] = table[k][j - 1] + (table[k][j - 1] - table[k - 1][j - 1]) / (factor - 1.0);
            let error = (table[k][j] - table[k][j - 1]).abs().max((table[k][j] - table[k - 1][j - 1]).abs());
            if error < best.1 {
                best = (table[k][j], error, width(k));
            }
        }
    }
    let noise = (table[STEPS - 1][0] - best.0).abs() * width(STEPS - 1);
    Some((best.0, best.1, best.2, noise))
}

/// Energies, `None` where the status is not 0.
fn energies(survey: &Survey, instance: &Instance, points: &[f64]) -> Result<Vec<Option<f64>>, Finding> {
    let row = survey.row();
    let mut all = Vec::with_capacity(points.len() / row);
    for chunk in points.chunks(survey.alike(1024) * row) {
        let layout = Layout { want: sys::WANT_ENERGY, ..Layout::default() };
        let reply = Call::with(survey, chunk, layout)?.run(instance)?;
        let pairs = reply.energies.iter().zip(&reply.statuses);
        all.extend(pairs.map(|(&energy, &status)| (status == sys::SAMPLE_OK).then_some(energy)));
    }
    Ok(all)
}

/// A direction of which every coordinate has variance 1.
pub(super) fn random_direction(row: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
    (0..row).map(|_| random.sample::<f64, _>(StandardNormal)).collect()
}

pub(super) fn gradient(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.has_gradient || survey.info.discrete {
        return Err(Finding::Skipped("it tells no gradient, or has only certain positions".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut random = bench.random();
    let row = survey.row();
    let samples = survey.count().min(6);
    let affordable = survey.affordable(3.0, 6 * 2 * STEPS, 400_000) / (2 * STEPS);
    let reply = survey.evaluate(&instance, &survey.batch(0, samples))?;
    let (mut tried, mut vague, mut worst) = (0, 0, 0.0_f64);
    for index in 0..samples {
        let at = survey.base(index);
        let gradient = reply.gradient(index);
        // Every coordinate of the first two, if that can be afforded; of the others, a few directions in all coordinates.
        let each = index < 2 && 2 * row + 4 * samples <= affordable;
        let few = (affordable / samples).clamp(1, 4);
        let directions: Vec<Vec<f64>> = if each {
            (0..row).map(|place| (0..row).map(|at| f64::from(u8::from(at == place))).collect()).collect()
        } else {
            (0..few).map(|_| random_direction(row, &mut random)).collect()
        };
        let found = derivatives(survey, &instance, at, &directions)?;
        for (number, (direction, found)) in directions.iter().zip(found).enumerate() {
            let Some((value, error)) = found else { continue };
            let told: f64 = gradient.iter().zip(direction).map(|(g, d)| g * d).sum();
            let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
            let scale = survey.gradient_norm(gradient) * length;
            tried += 1;
            if error > 0.05 * scale {
                vague += 1;
                continue;
            }
            worst = worst.max((told - value).abs() / scale);
            if apart((told - value).abs(), MARGIN * error + RELATIVE * scale) {
                let dimensions = survey.info.dimensions;
                let along = match each {
                    true => {
                        format!("coordinate {} of atom {} (from 0)", number % dimensions, number / dimensions)
                    }
                    false => "a random direction".to_owned(),
                };
                let reason = format!(
                    "configuration {index}: along {along} the gradient says {told:.8}, the energy's differences say \
                     {value:.8} within {:.1e}; {}",
                    MARGIN * error,
                    advice(told, value)
                );
                return Err(failed_at(at, reason));
            }
        }
    }
    if tried == 0 || 2 * vague > tried {
        return Err(Finding::Warning(format!(
            "of {tried} derivatives, {vague} could not be told: the energy is too rough, or has too few digits"
        )));
    }
    Ok(format!("{tried} derivatives, largest difference {worst:.1e} of the gradient"))
}

fn advice(told: f64, value: f64) -> &'static str {
    let ratio = told / value;
    if (ratio + 1.0).abs() < 1e-3 {
        "it is the force: the gradient is +dE/dx"
    } else if (ratio - 10.0).abs() < 1e-2 || (ratio - 0.1).abs() < 1e-4 {
        "a factor of 10: is one of them per angstrom?"
    } else if (ratio - 4.184).abs() < 4e-3 || (ratio - 1.0 / 4.184).abs() < 2e-4 {
        "a factor of 4.184: is one of them in kcal/mol?"
    } else if (ratio - 2.0).abs() < 1e-3 || (ratio - 0.5).abs() < 1e-3 {
        "a factor of 2: is something counted twice?"
    } else {
        "gradient and energy are of different functions"
    }
}

/// Intervals of a line.
const INTERVALS: usize = 64;
/// Bisections of an interval that looks like a jump.
const BISECTIONS: usize = 14;

pub(super) fn smooth(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.has_gradient || survey.info.discrete {
        return Err(Finding::Skipped("it tells no gradient, or has only certain positions".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut random = bench.random();
    // A line, and the three intervals of it that are followed down.
    let each = INTERVALS + 1 + 3 * (3 * BISECTIONS + 34);
    let lines = survey.affordable(2.0, each, 8 * each) / each;
    for line in 0..lines {
        let origin = survey.base(line).to_vec();
        let direction = random_direction(survey.row(), &mut random);
        let line = Line { survey, instance: &instance, origin, direction };
        let half = 20.0 * survey.step;
        let spacing = 2.0 * half / INTERVALS as f64;
        let nodes: Vec<f64> = (0..=INTERVALS).map(|k| -half + spacing * k as f64).collect();
        let residuals = line.residuals(&nodes)?;
        let mut order: Vec<usize> = (0..INTERVALS).collect();
        order.sort_by(|&a, &b| residuals[b].total_cmp(&residuals[a]));
        for &worst in order.iter().take(3).filter(|&&worst| residuals[worst] > 0.0) {
            if let Some((place, jump)) = line.jump(nodes[worst], nodes[worst + 1])? {
                let text = format!(
                    "the energy jumps by {jump:.3e} within a displacement of {:.1e} per coordinate, which the gradient does \
                     not say; is there a cutoff without a switch?",
                    spacing / 2f64.powi(BISECTIONS as i32)
                );
                return Err(failed_at(&line.at(place), text));
            }
        }
    }
    Ok(format!("{lines} lines"))
}

struct Line<'a> {
    survey: &'a Survey,
    instance: &'a Instance,
    origin: Vec<f64>,
    direction: Vec<f64>,
}

impl Line<'_> {
    fn at(&self, t: f64) -> Vec<f64> {
        self.origin.iter().zip(&self.direction).map(|(x, d)| x + t * d).collect()
    }

    /// By how much the energy over each interval differs from what the gradients at its ends say; 0 where a status is not.
    fn residuals(&self, nodes: &[f64]) -> Result<Vec<f64>, Finding> {
        let points: Vec<f64> = nodes.iter().flat_map(|&t| self.at(t)).collect();
        let reply = self.survey.evaluate(self.instance, &points)?;
        let slope = |k: usize| reply.gradient(k).iter().zip(&self.direction).map(|(g, d)| g * d).sum::<f64>();
        Ok((0..nodes.len() - 1)
            .map(|k| {
                if reply.statuses[k] != sys::SAMPLE_OK || reply.statuses[k + 1] != sys::SAMPLE_OK {
                    return 0.0;
                }
                let change = reply.energies[k + 1] - reply.energies[k];
                (change - 0.5 * (nodes[k + 1] - nodes[k]) * (slope(k) + slope(k + 1))).abs()
            })
            .collect())
    }

    /// Follows a suspicious interval down to a tiny one: a smooth energy's residual vanishes with the third power of the
    /// length, a jump stays.
    fn jump(&self, mut from: f64, mut to: f64) -> Result<Option<(f64, f64)>, Finding> {
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (from + to);
            let halves = self.residuals(&[from, middle, to])?;
            (from, to) = if halves[0] >= halves[1] { (from, middle) } else { (middle, to) };
        }
        // Against the noise: one of these intervals has the jump, the others show what is usual.
        let width = to - from;
        let nodes: Vec<f64> = (0..=32).map(|k| from + width * (f64::from(k) - 16.0)).collect();
        let mut residuals = self.residuals(&nodes)?;
        residuals.sort_by(f64::total_cmp);
        let (usual, largest) = (residuals[16], residuals[31]);
        let reply = self.survey.evaluate(self.instance, &self.at(from))?;
        let least = self.survey.energy_tolerance(reply.energies[0], self.survey.rounding());
        Ok((largest > least && largest > 30.0 * usual).then_some((from, largest)))
    }
}
