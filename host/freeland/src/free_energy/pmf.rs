//! The free energy on a grid of bin centres.
use ndarray::{ArrayD, IxDyn};
use rayon::prelude::*;

use super::ensemble::Ensemble;
use crate::landscape::{Spread, spread_of_members};
use crate::system::Variable;

/// F(s) on a regular grid of bins, what `pmf.npz` holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Pmf {
    /// Bin centres of each axis, in the variable's unit (radian for torsions).
    pub axes: Vec<Vec<f64>>,
    /// Free energy, kT, `[bins of axis 0, bins of axis 1, ...]`; its minimum is 0.
    pub f_kt: ArrayD<f64>,
    /// Its error, the standard deviation of `ln p` among the members, kT, of the same shape.
    pub f_std_kt: ArrayD<f64>,
}

impl Pmf {
    /// The ensemble's F at the bin centres of `variables`.
    pub fn new(variables: &[Variable], ensemble: &Ensemble) -> Self {
        let axes: Vec<Vec<f64>> = variables.iter().map(Variable::centres).collect();
        let shape: Vec<usize> = axes.iter().map(Vec::len).collect();
        let bins: usize = shape.iter().product();
        let members = ensemble.coefficients().members.len();
        let mut f_kt = vec![0.0; bins];
        let mut members_kt = vec![0.0; bins * members];
        (f_kt.par_iter_mut().zip(members_kt.par_chunks_mut(members)).enumerate()).for_each_init(
            || (ensemble.scratch(), vec![0.0; axes.len()]),
            |(scratch, s), (bin, (f, row))| {
                let mut rest = bin;
                for (s, axis) in s.iter_mut().zip(&axes).rev() {
                    *s = axis[rest % axis.len()];
                    rest /= axis.len();
                }
                *f = ensemble.members_kt(s, scratch, row);
            },
        );
        let minimum = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
        f_kt.iter_mut().for_each(|f| *f -= minimum);
        let std = spread_of_members(&members_kt, members);
        let array = |values| ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a number for every bin");
        Self { f_kt: array(f_kt), f_std_kt: array(std), axes }
    }

    /// The error over the bins with `F < cap_kt`.
    pub fn spread_below(&self, cap_kt: f64) -> Spread {
        Spread::below(cap_kt, &self.f_kt, &self.f_std_kt)
    }

    /// Root mean square difference, kT, to another PMF of the same grid over the bins where either is below the cap,
    /// after aligning both on their mean there; not a number if there is no such bin, or F is none in some bin.
    pub fn change_below(&self, other: &Self, cap_kt: f64) -> f64 {
        let differences: Vec<f64> = (self.f_kt.iter().zip(&other.f_kt))
            .filter(|(a, b)| a.is_nan() || b.is_nan() || **a < cap_kt || **b < cap_kt)
            .map(|(a, b)| a - b)
            .collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt()
    }
}
