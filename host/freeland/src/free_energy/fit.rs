//! Fits a free energy to single draws by gamma regression.
use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};
use thiserror::Error;

use super::basis::Basis;
use super::draws::Draws;
use crate::space::Axis;

/// Normalised weights `w exp(F)` are cut here: a single draw may not outweigh this many others.
const LARGEST_RATIO: f64 = 30.0;
/// Bounds of the relative variance of weights: below, they are as good as exact; above, next to worthless.
const DISPERSION: std::ops::RangeInclusive<f64> = 0.02..=1e4;
/// Largest divergence that one draw may stand for, kT; a failed draw stands for this.
const LARGEST_DIVERGENCE_KT: f64 = 20.0;
/// The divergence of a generation as a whole counts as so many draws in each block.
const SHRINKAGE: f64 = 10.0;
const OUTER_ITERATIONS: usize = 5;
const SCORING_ITERATIONS: usize = 30;
const MEMBER_ITERATIONS: usize = 12;
/// A fit has converged when no cell moves by more than this.
const TOLERANCE_KT: f64 = 1e-4;

/// Why no free energy could be fitted.
#[derive(Debug, Error)]
pub enum FitError {
    /// No draw of the run has a finite weight.
    #[error(
        "none of {draws} draws has a finite importance weight; the potential refuses every configuration of the flow"
    )]
    NoFiniteWeight {
        /// Number of draws.
        draws: usize,
    },
    /// The normal equations could not be factorised.
    #[error("the normal equations of the free-energy fit are singular ({0})")]
    Singular(#[from] tch::TchError),
}

/// Draws sorted into small cells of coarse space, and the basis at the cells' centroids.
///
/// For every draw `E[w | s] = exp(-F(s))`. With the quasi-likelihood of a gamma distribution, F minimises
/// `sum_i a_i (w_i exp(F(s_i)) - F(s_i))` plus the prior: an unbiased estimating equation for any number of draws per
/// site, one included, that needs neither the density of the sites nor a normalisation over coarse space; and, since
/// it is conditional on the sites, it does not suffer from the counting noise of a histogram. The precision
/// `a = 1 / Var(w exp F)` is estimated for each generation and block of coarse space (see [`precisions`]). The minimisation is over a correction `d` to the current F, whose
/// exact values at the draws enter `w exp(F)`, so that only the small `d` is constant within a cell.
pub struct Fit<'a> {
    basis: &'a Basis,
    draws: &'a Draws,
    cell_of: Vec<u32>,
    /// The block of coarse space each draw is in, for its precision.
    block_of: Vec<u32>,
    /// `[cells, functions]`
    features: Tensor,
    cells: usize,
    /// F at every draw for `centre`.
    f_kt: Vec<f64>,
    /// `a`, per draw.
    precision: Vec<f64>,
    centre: Vec<f64>,
    /// Cholesky factor of the expected information at `centre`, `[functions, functions]`.
    factor: Tensor,
}

/// Blocks along each axis: as large as a flow's quality varies little within.
fn blocks(dimensions: usize) -> usize {
    match dimensions {
        0 | 1 => 18,
        2 => 9,
        3 => 5,
        _ => 3,
    }
}

/// Cells along each axis: so small that F hardly bends within.
fn divisions(dimensions: usize) -> usize {
    match dimensions {
        0 | 1 => 400,
        2 => 100,
        3 => 40,
        _ => 20,
    }
}

impl<'a> Fit<'a> {
    /// Fits all draws. `variables`: the axes of coarse space, as the basis had them.
    pub fn new(basis: &'a Basis, variables: &[Axis], draws: &'a Draws) -> Result<Self, FitError> {
        let mut finite: Vec<f64> = draws.log_w().iter().copied().filter(|l| l.is_finite()).collect();
        if finite.is_empty() {
            return Err(FitError::NoFiniteWeight { draws: draws.len() });
        }
        finite.sort_by(f64::total_cmp);
        let (cell_of, centroids) = cells(variables, draws, divisions(variables.len()));
        let (block_of, _) = cells(variables, draws, blocks(variables.len()));
        let features = features(basis, &centroids);
        let cells = features.size()[0] as usize;
        let mut centre = vec![0.0; basis.len()];
        centre[0] = -finite[finite.len() / 2];
        let f_kt = vec![centre[0]; draws.len()];
        let precision = vec![1.0; draws.len()];
        let factor = Tensor::zeros([0], (Kind::Double, Device::Cpu));
        let mut fit =
            Self { basis, draws, cell_of, block_of, features, cells, f_kt, precision, centre, factor };
        fit.start()?;
        for _ in 0..OUTER_ITERATIONS {
            let (_, count) = fit.aggregate(|_| 1.0, true);
            fit.factor = fit.information(&count)?;
            let origin = fit.centre.clone();
            let prior_mean = vec![0.0; fit.basis.len()];
            let ones = vec![1.0; fit.draws.len()];
            let moved = fit.score(&origin, &prior_mean, &ones, SCORING_ITERATIONS);
            let largest = fit.shift_kt(&moved, &origin);
            fit.centre = moved;
            fit.evaluate_at_draws();
            if largest < TOLERANCE_KT {
                break;
            }
        }
        Ok(fit)
    }

    /// Coefficients of the fit to all draws.
    pub fn centre(&self) -> &[f64] {
        &self.centre
    }

    /// Coefficients of one member: a draw from (approximately) the posterior. Each draw's term is multiplied by an
    /// exponential random number (Bayesian bootstrap) and the prior's mean is a draw from the prior, so that members
    /// spread by the statistical error where there are draws and by the prior where there are none.
    pub fn member(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let multipliers: Vec<f64> = (0..self.draws.len()).map(|_| Exp1.sample(rng)).collect();
        let prior_mean: Vec<f64> = (self.basis.prior_sd_kt().iter())
            .map(|sd| if sd.is_finite() { sd * rng.sample::<f64, _>(StandardNormal) } else { 0.0 })
            .collect();
        self.score(&self.centre, &prior_mean, &multipliers, MEMBER_ITERATIONS)
    }

    /// The starting point: penalised least squares on `-ln mean w` of each cell. Weights of draws far from anything that
    /// the potential allows differ by more than a number holds: labels stay within 28 kT of the median of all draws.
    fn start(&mut self) -> Result<(), FitError> {
        let (weight, count) = self.aggregate(|_| 1.0, false);
        let label: Vec<f64> =
            weight.iter().zip(&count).map(|(w, n)| -(w / n).clamp(1e-12, 1e12).ln()).collect();
        self.factor = self.information(&count)?;
        let response: Vec<f64> = label.iter().zip(&count).map(|(l, n)| l * n).collect();
        let step = self.solve(&self.transposed(&response));
        for (c, d) in self.centre.iter_mut().zip(step) {
            *c += d;
        }
        self.evaluate_at_draws();
        Ok(())
    }

    /// Sums of `a e w exp(F)` and of `a e` over each cell; `e` is the draw's multiplier.
    fn aggregate(&self, multiplier: impl Fn(usize) -> f64, cut: bool) -> (Vec<f64>, Vec<f64>) {
        let (mut weight, mut count) = (vec![0.0; self.cells], vec![0.0; self.cells]);
        let largest = if cut { LARGEST_RATIO } else { f64::INFINITY };
        for (i, (&cell, log_w)) in self.cell_of.iter().zip(self.draws.log_w()).enumerate() {
            let a = self.precision[i] * multiplier(i);
            weight[cell as usize] += a * (log_w + self.f_kt[i]).exp().min(largest);
            count[cell as usize] += a;
        }
        (weight, count)
    }

    /// Fisher scoring from `centre`, whose factorised information serves throughout. Returns coefficients.
    fn score(&self, centre: &[f64], prior_mean: &[f64], multipliers: &[f64], iterations: usize) -> Vec<f64> {
        let (weight, count) = self.aggregate(|i| multipliers[i], true);
        let inverse_variance: Vec<f64> = self.basis.prior_sd_kt().iter().map(|sd| sd.powi(-2)).collect();
        let objective = |coefficients: &[f64], eta: &[f64]| -> f64 {
            let data: f64 = weight
                .iter()
                .zip(&count)
                .zip(eta)
                .map(|((w, n), eta)| w * eta.min(50.0).exp() - n * eta)
                .sum();
            let prior: f64 = (coefficients.iter().zip(prior_mean).zip(&inverse_variance))
                .map(|((c, m), p)| 0.5 * p * (c - m).powi(2))
                .sum();
            data + prior
        };
        let mut coefficients = centre.to_vec();
        let mut eta = vec![0.0; self.cells];
        let mut current = objective(&coefficients, &eta);
        for _ in 0..iterations {
            let residual: Vec<f64> = (weight.iter().zip(&count).zip(&eta))
                .map(|((w, n), eta)| n - w * eta.min(50.0).exp())
                .collect();
            let mut gradient = self.transposed(&residual);
            for (k, g) in gradient.iter_mut().enumerate() {
                *g -= inverse_variance[k] * (coefficients[k] - prior_mean[k]);
            }
            let step = self.solve(&gradient);
            let along = self.at_cells(&step);
            let mut scale = 1.0;
            let improved = loop {
                let trial: Vec<f64> = coefficients.iter().zip(&step).map(|(c, d)| c + scale * d).collect();
                let trial_eta: Vec<f64> = eta.iter().zip(&along).map(|(e, d)| e + scale * d).collect();
                let value = objective(&trial, &trial_eta);
                if value <= current {
                    (coefficients, eta, current) = (trial, trial_eta, value);
                    break true;
                }
                scale *= 0.5;
                if scale < 1e-3 {
                    break false;
                }
            };
            let largest = along.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
            if !improved || largest < TOLERANCE_KT {
                break;
            }
        }
        coefficients
    }

    /// Largest change at a cell between two sets of coefficients.
    fn shift_kt(&self, new: &[f64], old: &[f64]) -> f64 {
        let difference: Vec<f64> = new.iter().zip(old).map(|(n, o)| n - o).collect();
        self.at_cells(&difference).iter().fold(0.0, |m, d| m.max(d.abs()))
    }

    /// F at every draw, then the precisions.
    fn evaluate_at_draws(&mut self) {
        let (basis, draws, centre) = (self.basis, self.draws, &self.centre);
        self.f_kt = (0..draws.len())
            .into_par_iter()
            .map_init(
                || (basis.scratch(), vec![0.0; basis.len()]),
                |(scratch, values), i| {
                    basis.evaluate(draws.s(i), scratch, values);
                    values.iter().zip(centre).map(|(v, c)| v * c).sum()
                },
            )
            .collect();
        self.precision = precisions(draws, &self.f_kt, &self.block_of);
    }

    /// Cholesky factor of `Phi^T diag(count) Phi + prior`.
    fn information(&self, count: &[f64]) -> Result<Tensor, FitError> {
        let weighted = &self.features * Tensor::from_slice(count).unsqueeze(-1);
        let prior: Vec<f64> = self.basis.prior_sd_kt().iter().map(|sd| sd.powi(-2)).collect();
        let matrix = self.features.transpose(0, 1).matmul(&weighted) + Tensor::from_slice(&prior).diag(0);
        Ok(matrix.f_linalg_cholesky(false)?)
    }

    fn solve(&self, right: &[f64]) -> Vec<f64> {
        to_vec(&Tensor::from_slice(right).unsqueeze(-1).cholesky_solve(&self.factor, false))
    }

    fn transposed(&self, values: &[f64]) -> Vec<f64> {
        to_vec(&self.features.transpose(0, 1).mv(&Tensor::from_slice(values)))
    }

    fn at_cells(&self, coefficients: &[f64]) -> Vec<f64> {
        to_vec(&self.features.mv(&Tensor::from_slice(coefficients)))
    }
}

fn to_vec(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten(0, -1).contiguous();
    let mut values = vec![0.0; flat.numel()];
    flat.copy_data(&mut values, flat.numel());
    values
}

/// `a = 1 / Var(w exp F)` of every draw.
///
/// The sample variance of weights is small where a flow misses most of `p(x|s)`, since the draws that would show it are
/// missing too. The divergence `KL(q|p) = -F - mean ln w` has no such blind spot: it is taken over the draws of one
/// generation in one block, shrunk towards that of the generation, and turned into the variance `exp(2 KL) - 1` that
/// log-normal weights of this divergence have. Weights with heavier tails than that show in the sample variance of the
/// generation; the larger of the two counts.
///
/// A precision that knew its own draw would be high where `ln w` happens to be high, and F would come out too low. So the
/// precision of every other draw is estimated from those in between (cross-fitting).
fn precisions(draws: &Draws, f_kt: &[f64], block_of: &[u32]) -> Vec<f64> {
    let divergence = |i: usize| (-draws.log_w()[i] - f_kt[i]).min(LARGEST_DIVERGENCE_KT);
    let excess = |i: usize| ((draws.log_w()[i] + f_kt[i]).exp().min(LARGEST_RATIO) - 1.0).powi(2);
    let blocks = block_of.iter().max().map_or(0, |largest| *largest as usize + 1);
    let mut precision = vec![0.0; draws.len()];
    for range in draws.generations() {
        for half in 0..2 {
            let others = || range.clone().filter(|i| i % 2 != half);
            let n = others().count().max(1) as f64;
            let overall = others().map(divergence).sum::<f64>() / n;
            let observed = others().map(excess).sum::<f64>() / n;
            let mut sums = vec![(SHRINKAGE * overall, SHRINKAGE); blocks];
            for i in others() {
                let (sum, n) = &mut sums[block_of[i] as usize];
                *sum += divergence(i);
                *n += 1.0;
            }
            for i in range.clone().filter(|i| i % 2 == half) {
                let (sum, n) = sums[block_of[i] as usize];
                let variance = (2.0 * (sum / n).max(0.0)).exp_m1().max(observed);
                precision[i] = 1.0 / variance.clamp(*DISPERSION.start(), *DISPERSION.end());
            }
        }
    }
    precision
}

/// The cell of each draw on a grid with the given divisions of every axis, and the centroids of the draws in each cell.
fn cells(variables: &[Axis], draws: &Draws, divisions: usize) -> (Vec<u32>, Vec<Vec<f64>>) {
    let key = |s: &[f64]| -> Vec<i32> {
        (s.iter().zip(variables))
            .map(|(value, variable)| {
                ((value - variable.range.0) / variable.length() * divisions as f64).floor() as i32
            })
            .collect()
    };
    let mut index: BTreeMap<Vec<i32>, u32> = BTreeMap::new();
    let mut sums: Vec<(Vec<f64>, f64)> = Vec::new();
    let cell_of = (0..draws.len())
        .map(|i| {
            let s = draws.s(i);
            let cell = *index.entry(key(s)).or_insert_with(|| {
                sums.push((vec![0.0; s.len()], 0.0));
                sums.len() as u32 - 1
            });
            let (sum, n) = &mut sums[cell as usize];
            sum.iter_mut().zip(s).for_each(|(sum, s)| *sum += s);
            *n += 1.0;
            cell
        })
        .collect();
    let centroids = sums.into_iter().map(|(sum, n)| sum.iter().map(|s| s / n).collect()).collect();
    (cell_of, centroids)
}

/// The basis at points, `[points, functions]`.
fn features(basis: &Basis, points: &[Vec<f64>]) -> Tensor {
    let mut features = vec![0.0; points.len() * basis.len()];
    let mut scratch = basis.scratch();
    for (point, row) in points.iter().zip(features.chunks_exact_mut(basis.len())) {
        basis.evaluate(point, &mut scratch, row);
    }
    Tensor::from_slice(&features).view([points.len() as i64, basis.len() as i64])
}
