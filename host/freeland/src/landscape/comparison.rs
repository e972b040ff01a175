//! How far a PMF is from a reference, for benchmarks.
use serde::Serialize;
use thiserror::Error;

use super::Landscape;
use super::divergence::divergence;

/// The PMF's error is taken over bins below this reference free energy, kT.
const RMSE_CAP_KT: f64 = 10.0;
/// Largest difference of bin centres that counts as the same grid, in fractions of a bin.
const GRID_TOLERANCE: f64 = 1e-3;

/// Distances to a reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// `sum p ln(p / q)` over bins with p > 0, p the reference; q below 1e-10 counts as 1e-10.
    pub forward_kld: f64,
    /// Probability, by the reference, of bins where the run's F is infinite: sampling has not been there.
    pub unseen: f64,
    /// `sum q ln(q / p)` over bins with q > 0; p below 1e-10 counts as 1e-10.
    pub reverse_kld: f64,
    /// Root mean square difference of F over bins with a reference less than 10 kT above its lowest bin, both aligned on
    /// their mean over the bins they have in common there, kT.
    pub pmf_rmse_kt: f64,
    /// Largest such difference, kT.
    pub pmf_max_kt: f64,
    /// Number of such bins where the run says something.
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
    /// Nothing to compare.
    #[error(
        "the run says nothing where the reference is below {RMSE_CAP_KT} kT: its F is infinite in all {of} bins there"
    )]
    NothingInCommon {
        /// Bins of the reference below the cap.
        of: usize,
    },
}

/// Compares a PMF with a reference on the same grid.
pub fn compare(found: &Landscape, reference: &Landscape) -> Result<Comparison, MetricsError> {
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
    let (q, p) = (found.weights(), reference.weights());
    let (forward, reverse) = (divergence(&p, &q), divergence(&q, &p));
    let lowest = reference.lowest_kt();
    let differences: Vec<f64> = (found.f_kt.iter().zip(&reference.f_kt))
        .filter(|(found, reference)| **reference - lowest < RMSE_CAP_KT && found.is_finite())
        .map(|(found, reference)| found - reference)
        .collect();
    if differences.is_empty() {
        let of = reference.f_kt.iter().filter(|f| **f - lowest < RMSE_CAP_KT).count();
        return Err(MetricsError::NothingInCommon { of });
    }
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    Ok(Comparison {
        forward_kld: forward.kld,
        unseen: forward.unseen,
        reverse_kld: reverse.kld,
        pmf_rmse_kt: (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n).sqrt(),
        pmf_max_kt: differences.iter().map(|d| (d - mean).abs()).fold(0.0, f64::max),
        bins: differences.len(),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn pmf(p: [f64; 3]) -> Landscape {
        Landscape {
            axes: vec![vec![0.0, 1.0, 2.0]],
            f_kt: array![-p[0].ln(), -p[1].ln(), -p[2].ln()].into_dyn(),
            f_std_kt: array![f64::NAN, f64::NAN, f64::NAN].into_dyn(),
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

    /// A histogram with an empty bin says nothing there: the divergence is worse for it, and the comparison says so.
    #[test]
    fn empty_bins_are_told() {
        let comparison = compare(&pmf([0.5, 0.5, 0.0]), &pmf([0.45, 0.45, 0.1])).unwrap();
        assert!((comparison.unseen - 0.1).abs() < 1e-12);
        let expected = 0.9 * 0.9_f64.ln() + 0.1 * (0.1 / 1e-10_f64).ln();
        assert!((comparison.forward_kld - expected).abs() < 1e-9, "{comparison:?}");
        assert_eq!((comparison.bins, comparison.pmf_rmse_kt), (2, 0.0));
        let error = compare(&pmf([0.0, 0.0, 1.0]), &pmf([0.5, 0.5, 0.0])).unwrap_err();
        assert!(error.to_string().ends_with("its F is infinite in all 2 bins there"), "{error}");
    }

    /// F is known up to a constant, of the run and of the reference.
    #[test]
    fn a_constant_changes_nothing() {
        let (found, reference) = (pmf([0.2, 0.3, 0.5]), pmf([0.3, 0.3, 0.4]));
        let plain = compare(&found, &reference).unwrap();
        assert!(plain.bins == 3 && plain.pmf_rmse_kt > 0.1, "{plain:?}");
        for (of_found, of_reference) in [(0.0, 50.0), (-30.0, 0.0), (700.0, -900.0)] {
            let shifted =
                |pmf: &Landscape, by: f64| Landscape { f_kt: pmf.f_kt.mapv(|f| f + by), ..pmf.clone() };
            let comparison = compare(&shifted(&found, of_found), &shifted(&reference, of_reference)).unwrap();
            assert_eq!(comparison.bins, 3);
            for (a, b) in [
                (comparison.forward_kld, plain.forward_kld),
                (comparison.reverse_kld, plain.reverse_kld),
                (comparison.pmf_rmse_kt, plain.pmf_rmse_kt),
                (comparison.pmf_max_kt, plain.pmf_max_kt),
            ] {
                assert!((a - b).abs() < 1e-9, "{comparison:?} {plain:?}");
            }
        }
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
