//! The ensemble of free energies and its disagreement.
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::draws::{Draws, ess_fraction};
use super::fit::{Fit, FitError};
use crate::config::free_energy::FreeEnergyConfig;
use crate::space::Axis;

/// A free energy F(s) with its uncertainty: one fit to all draws, and members that spread as far as F is unknown.
#[derive(Debug, Clone)]
pub struct Ensemble {
    basis: Basis,
    coefficients: Coefficients,
}

/// What an ensemble is, beyond its basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// Of the fit to all draws, `[functions]`.
    pub centre: Vec<f64>,
    /// Of each member.
    pub members: Vec<Vec<f64>>,
}

/// F at one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Free energy, kT, up to a constant that is the same everywhere.
    pub f_kt: f64,
    /// Standard deviation of that among the members, kT (unbiased). The constant counts: what walkers go by.
    pub std_kt: f64,
}

/// Buffers of [`Ensemble::predict`], one per thread.
#[derive(Debug, Clone)]
pub struct Scratch {
    orders: Vec<f64>,
    functions: Vec<f64>,
}

impl Ensemble {
    /// Fits all draws, and `config.members` members that differ by bootstrap and by prior.
    pub fn fit(
        variables: &[Axis],
        draws: &Draws,
        config: &FreeEnergyConfig,
        rng: &mut ChaCha8Rng,
    ) -> Result<Self, FitError> {
        let basis = Basis::new(variables, config);
        let fit = Fit::new(&basis, variables, draws)?;
        let members = (0..config.members).map(|_| fit.member(rng)).collect();
        let coefficients = Coefficients { centre: fit.centre().to_vec(), members };
        Ok(Self { basis, coefficients })
    }

    /// Restores an ensemble from a checkpoint.
    pub fn from_coefficients(
        variables: &[Axis],
        config: &FreeEnergyConfig,
        coefficients: Coefficients,
    ) -> Self {
        Self { basis: Basis::new(variables, config), coefficients }
    }

    /// What a checkpoint stores.
    pub fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// Buffers for [`Ensemble::predict`].
    pub fn scratch(&self) -> Scratch {
        Scratch { orders: self.basis.scratch(), functions: vec![0.0; self.basis.len()] }
    }

    /// F and its spread at `s` (`[coarse]`).
    pub fn predict(&self, s: &[f64], scratch: &mut Scratch) -> Prediction {
        self.basis.evaluate(s, &mut scratch.orders, &mut scratch.functions);
        let value = |c: &[f64]| dot(c, &scratch.functions);
        let f_kt = value(&self.coefficients.centre);
        let members = &self.coefficients.members;
        let (sum, squares) = members.iter().fold((0.0, 0.0), |(sum, squares), c| {
            let d = value(c) - f_kt;
            (sum + d, squares + d * d)
        });
        let n = members.len() as f64;
        let variance = (squares - sum * sum / n) / (n - 1.0);
        // Rounding may leave a little below zero, which a NaN is not.
        Prediction { f_kt, std_kt: if variance < 0.0 { 0.0 } else { variance.sqrt() } }
    }

    /// F at `s`, and that of every member into `out`, kT.
    pub fn members_kt(&self, s: &[f64], scratch: &mut Scratch, out: &mut [f64]) -> f64 {
        let f_kt = self.f_kt(s, scratch);
        for (out, member) in out.iter_mut().zip(&self.coefficients.members) {
            *out = dot(member, &scratch.functions);
        }
        f_kt
    }

    /// Effective sample size of the weights `w exp(F(s))` of the last `count` draws, or of all if there are fewer, as a
    /// fraction of their number.
    pub fn ess_fraction(&self, draws: &Draws, count: usize) -> f64 {
        let mut scratch = self.scratch();
        let last = draws.len().saturating_sub(count)..draws.len();
        let normalised: Vec<f64> =
            last.map(|i| draws.log_w()[i] + self.f_kt(draws.s(i), &mut scratch)).collect();
        ess_fraction(&normalised)
    }

    /// F alone, without its spread: a good part cheaper.
    pub fn f_kt(&self, s: &[f64], scratch: &mut Scratch) -> f64 {
        self.basis.evaluate(s, &mut scratch.orders, &mut scratch.functions);
        dot(&self.coefficients.centre, &scratch.functions)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Eight running sums let the compiler use vector registers without reordering a single one.
    let mut sums = [0.0; 8];
    let (chunks_a, chunks_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = chunks_a.remainder().iter().zip(chunks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in chunks_a.zip(chunks_b) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest
}
