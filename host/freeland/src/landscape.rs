//! A free energy on a grid of bins, however it was made: what its error means, how far two are from each other, its basins
//! and barriers, and how samples of several ensembles are put together.
//!
//! The error of F, `f_std_kt` everywhere, is the standard deviation of `ln p` of each bin, p normalised over the grid:
//! `p = exp(-F) / sum exp(-F)`. It does not depend on the constant that F is known up to, nor on a bin that F is measured
//! from. Where nothing is known it is infinite; where F is no number it is none.

mod basins;
mod comparison;
mod divergence;
mod file;
mod inefficiency;
mod marginal;
mod mbar;
mod spread;

use ndarray::{ArrayD, IxDyn};

pub use basins::{Barrier, Basin, Basins};
pub use comparison::{Comparison, MetricsError, compare};
pub use divergence::{DIVERGENCE_FLOOR, Divergence, disagreement, divergence};
pub use file::LandscapeFileError;
pub use inefficiency::statistical_inefficiency;
pub use mbar::{Mbar, NoOverlap, Solution};
pub use spread::{Spread, jackknife, spread_of_members};

/// F on a regular grid of bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Landscape {
    /// Bin centres of each axis, in the variable's unit (radian for torsions).
    pub axes: Vec<Vec<f64>>,
    /// Free energy at the bin centres, kT, `[bins of axis 0, bins of axis 1, ...]`; infinite where nothing was seen.
    pub f_kt: ArrayD<f64>,
    /// Its error, kT, of the same shape; not a number where none was told.
    pub f_std_kt: ArrayD<f64>,
}

impl Landscape {
    /// From F and its error by bin, the last axis running fastest; its minimum becomes 0.
    ///
    /// # Panics
    /// There is not a number for every bin.
    pub fn new(axes: Vec<Vec<f64>>, mut f_kt: Vec<f64>, f_std_kt: Vec<f64>) -> Self {
        let lowest = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
        f_kt.iter_mut().for_each(|f| *f -= lowest);
        let shape: Vec<usize> = axes.iter().map(Vec::len).collect();
        let array = |values| ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a number for every bin");
        Self { f_kt: array(f_kt), f_std_kt: array(f_std_kt), axes }
    }

    /// Whether it has an error.
    pub fn has_error(&self) -> bool {
        self.f_std_kt.iter().any(|std| !std.is_nan())
    }

    /// The lowest F, kT: F is known up to a constant, and everything is measured from it.
    pub fn lowest_kt(&self) -> f64 {
        self.f_kt.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Weights `exp(-F)`, the largest 1; bins of infinite F have none.
    pub fn weights(&self) -> ArrayD<f64> {
        let lowest = self.lowest_kt();
        self.f_kt.mapv(|f| if f.is_finite() { (lowest - f).exp() } else { 0.0 })
    }

    /// The error over the bins with F below `cap_kt`.
    pub fn spread_below(&self, cap_kt: f64) -> Spread {
        Spread::below(cap_kt, &self.f_kt, &self.f_std_kt)
    }

    /// Root mean square difference, kT, to another F of the same grid over the bins where either is below the cap, after
    /// aligning both on their mean there; not a number if there is no such bin, or F is none in some bin.
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
