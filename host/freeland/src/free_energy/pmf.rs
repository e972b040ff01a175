//! The free energy on a grid of bin centres.
use ndarray::{ArrayD, IxDyn};

use super::ensemble::Ensemble;
use crate::system::Variable;

/// F(s) on a regular grid of bins, what `pmf.npz` holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Pmf {
    /// Bin centres of each axis, in the variable's unit (radian for torsions).
    pub axes: Vec<Vec<f64>>,
    /// Free energy, kT, `[bins of axis 0, bins of axis 1, ...]`; its minimum is 0.
    pub f_kt: ArrayD<f64>,
    /// Standard deviation, kT, of the same shape.
    pub f_std_kt: ArrayD<f64>,
}

impl Pmf {
    /// The ensemble's F at the bin centres of `variables`.
    pub fn new(variables: &[Variable], ensemble: &Ensemble) -> Self {
        let axes: Vec<Vec<f64>> = variables.iter().map(Variable::centres).collect();
        let shape: Vec<usize> = axes.iter().map(Vec::len).collect();
        let mut scratch = ensemble.scratch();
        let mut f_kt = ArrayD::zeros(IxDyn(&shape));
        let mut f_std_kt = ArrayD::zeros(IxDyn(&shape));
        let mut s = vec![0.0; axes.len()];
        for (index, f) in f_kt.indexed_iter_mut() {
            for (k, axis) in axes.iter().enumerate() {
                s[k] = axis[index[k]];
            }
            let prediction = ensemble.predict(&s, &mut scratch);
            *f = prediction.f_kt;
            f_std_kt[&index] = prediction.std_kt;
        }
        let minimum = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
        f_kt.mapv_inplace(|f| f - minimum);
        Self { axes, f_kt, f_std_kt }
    }

    /// Probability of each bin, `exp(-F) / sum exp(-F)`.
    pub fn probability(&self) -> ArrayD<f64> {
        let p = self.f_kt.mapv(|f| (-f).exp());
        let total = p.sum();
        p / total
    }

    /// Largest spread and its root mean square over the bins with `F < cap_kt`, kT.
    pub fn spread_below(&self, cap_kt: f64) -> (f64, f64) {
        let (mut largest, mut squares, mut n) = (0.0_f64, 0.0, 0.0);
        for (f, std) in self.f_kt.iter().zip(&self.f_std_kt) {
            if *f < cap_kt {
                largest = largest.max(*std);
                squares += std * std;
                n += 1.0;
            }
        }
        (largest, (squares / f64::max(n, 1.0)).sqrt())
    }

    /// Root mean square difference, kT, to another PMF of the same grid over the bins where either is below the cap,
    /// after aligning both on their mean there.
    pub fn change_below(&self, other: &Self, cap_kt: f64) -> f64 {
        let differences: Vec<f64> = (self.f_kt.iter().zip(&other.f_kt))
            .filter(|(a, b)| **a < cap_kt || **b < cap_kt)
            .map(|(a, b)| a - b)
            .collect();
        let n = differences.len().max(1) as f64;
        let mean = differences.iter().sum::<f64>() / n;
        (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt()
    }
}
