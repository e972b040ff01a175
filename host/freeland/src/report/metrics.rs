//! How far a PMF is from a reference, for benchmarks.
use ndarray::ArrayD;
use serde::Serialize;
use thiserror::Error;

use super::pmf_file::PmfFile;

/// Added to both probabilities of the reverse divergence.
const REVERSE_FLOOR: f64 = 1e-10;
/// The PMF's error is taken over bins below this reference free energy, kT.
const RMSE_CAP_KT: f64 = 10.0;
/// Largest difference of bin centres that counts as the same grid, in fractions of a bin.
const GRID_TOLERANCE: f64 = 1e-3;

/// Distances to a reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// `sum p ln(p / q)` over bins with p > 0, p the reference, and where the run says something.
    pub forward_kld: f64,
    /// Probability, by the reference, of bins where the run's F is infinite: sampling has not been there.
    pub unseen: f64,
    /// `sum q ln(q / p)` with 1e-10 added to both.
    pub reverse_kld: f64,
    /// Root mean square difference of F over bins with a reference F below 10 kT, both aligned on their mean there, kT.
    pub pmf_rmse_kt: f64,
    /// Largest such difference, kT.
    pub pmf_max_kt: f64,
    /// Number of bins with a reference F below 10 kT where the run says something.
    pub bins: usize,
}

/// Two PMFs that cannot be compared.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// Another number of axes or bins.
    #[error("the grids differ: the run has {found:?} bins, the reference {expected:?}")]
    Shape {
        /// The run's.
        found: Vec<usize>,
        /// The reference's.
        expected: Vec<usize>,
    },
    /// Other bin centres.
    #[error(
        "the grids differ: bin {bin} of axis {axis} is at {found} in the run and at {expected} in the reference"
    )]
    Axis {
        /// Axis, from 0.
        axis: usize,
        /// Bin, from 0.
        bin: usize,
        /// The run's centre.
        found: f64,
        /// The reference's.
        expected: f64,
    },
}

/// Compares a PMF with a reference on the same grid.
pub fn compare(found: &PmfFile, reference: &PmfFile) -> Result<Comparison, MetricsError> {
    if found.f_kt.shape() != reference.f_kt.shape() {
        let (found, expected) = (found.f_kt.shape().to_vec(), reference.f_kt.shape().to_vec());
        return Err(MetricsError::Shape { found, expected });
    }
    for (axis, (a, b)) in found.axes.iter().zip(&reference.axes).enumerate() {
        let width = if b.len() > 1 { b[1] - b[0] } else { 1.0 };
        for (bin, (found, expected)) in a.iter().zip(b).enumerate() {
            if (found - expected).abs() > GRID_TOLERANCE * width.abs() {
                return Err(MetricsError::Axis { axis, bin, found: *found, expected: *expected });
            }
        }
    }
    let (q, p) = (probability(&found.f_kt), probability(&reference.f_kt));
    let pairs = || p.iter().copied().zip(q.iter().copied());
    let forward_kld = pairs().filter(|(p, q)| *p > 0.0 && *q > 0.0).map(|(p, q)| p * (p / q).ln()).sum();
    let unseen = pairs().filter(|(_, q)| *q == 0.0).map(|(p, _)| p).sum();
    let reverse_kld = pairs().map(|(p, q)| q * ((q + REVERSE_FLOOR) / (p + REVERSE_FLOOR)).ln()).sum();
    let differences: Vec<f64> = (found.f_kt.iter().zip(&reference.f_kt))
        .filter(|(found, reference)| **reference < RMSE_CAP_KT && found.is_finite())
        .map(|(found, reference)| found - reference)
        .collect();
    let n = differences.len().max(1) as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let pmf_rmse_kt = (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
    let pmf_max_kt = differences.iter().map(|d| (d - mean).abs()).fold(0.0, f64::max);
    Ok(Comparison { forward_kld, unseen, reverse_kld, pmf_rmse_kt, pmf_max_kt, bins: differences.len() })
}

/// `exp(-F) / sum exp(-F)`; bins of infinite F have none.
fn probability(f_kt: &ArrayD<f64>) -> ArrayD<f64> {
    let lowest = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
    let p = f_kt.mapv(|f| (lowest - f).exp());
    let total = p.sum();
    p / total
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn pmf(p: [f64; 3]) -> PmfFile {
        PmfFile {
            axes: vec![vec![0.0, 1.0, 2.0]],
            f_kt: array![-p[0].ln(), -p[1].ln(), -p[2].ln()].into_dyn(),
            f_std_kt: None,
        }
    }

    /// By hand: p = (1/2, 1/2, 0), q = (1/4, 1/4, 1/2).
    #[test]
    fn divergences_are_those_of_the_formula() {
        let (found, reference) = (pmf([0.25, 0.25, 0.5]), pmf([0.5, 0.5, 0.0]));
        let comparison = compare(&found, &reference).unwrap();
        assert!((comparison.forward_kld - 2.0_f64.ln()).abs() < 1e-12);
        let reverse = 0.5 * 0.5_f64.ln() + 0.5 * (0.5 / 1e-10_f64).ln();
        assert!((comparison.reverse_kld - reverse).abs() < 1e-8);
        assert_eq!((comparison.bins, comparison.pmf_rmse_kt), (2, 0.0));
    }

    /// A histogram with an empty bin says nothing there, and the comparison says so.
    #[test]
    fn empty_bins_are_told() {
        let comparison = compare(&pmf([0.5, 0.5, 0.0]), &pmf([0.45, 0.45, 0.1])).unwrap();
        assert!((comparison.unseen - 0.1).abs() < 1e-12);
        assert!((comparison.forward_kld - 0.9 * 0.9_f64.ln()).abs() < 1e-12);
        assert_eq!((comparison.bins, comparison.pmf_rmse_kt), (2, 0.0));
    }

    #[test]
    fn grids_have_to_be_the_same() {
        let mut other = pmf([0.2, 0.3, 0.5]);
        other.axes[0][2] = 2.1;
        let error = compare(&pmf([0.2, 0.3, 0.5]), &other).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the grids differ: bin 2 of axis 0 is at 2 in the run and at 2.1 in the reference"
        );
    }
}
