//! A free energy from histograms of independent groups, with its error.
use ndarray::{ArrayD, Axis, IxDyn};

use super::bins::Bins;
use super::error::DynamicsError;
use crate::landscape::{Spread, disagreement};

/// F on the grid of the coarse variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Bin centres of each axis.
    pub axes: Vec<Vec<f64>>,
    /// Free energy at the bin centres, kT, minimum 0; infinite where nothing was seen.
    pub f_kt: ArrayD<f64>,
    /// Its error, the standard deviation of the logarithm of each bin's share of the whole, kT; infinite where nothing was
    /// seen.
    pub f_std_kt: ArrayD<f64>,
    /// Kullback-Leibler divergence between the two halves of the groups, the larger of both directions.
    pub half_kld: f64,
}

impl Profile {
    /// `groups`: weights by bin of groups of samples that are independent of each other, at least two.
    ///
    /// With t = sum of all groups, F = -ln(t_bin / sum t). Its variance is the jackknife over groups to first order:
    /// `G/(G-1) sum_g (h_g,bin / t_bin - H_g / sum t)^2`, H_g the group's own sum.
    ///
    /// # Errors
    /// No group has any weight.
    pub fn of_groups(bins: &Bins, groups: &[Vec<f64>]) -> Result<Self, DynamicsError> {
        let total = sum(bins.count(), groups);
        let whole: f64 = total.iter().sum();
        if whole.is_nan() || whole <= 0.0 {
            return Err(DynamicsError::NothingInside);
        }
        let shares: Vec<f64> = groups.iter().map(|group| group.iter().sum::<f64>() / whole).collect();
        let n = groups.len() as f64;
        let variance = |bin: usize| {
            let deviations = groups.iter().zip(&shares).map(|(group, share)| group[bin] / total[bin] - share);
            deviations.map(|d| d * d).sum::<f64>() * n / (n - 1.0)
        };
        let std = (0..total.len())
            .map(|bin| if total[bin] > 0.0 { variance(bin).sqrt() } else { f64::INFINITY })
            .collect();
        let (first, second) = groups.split_at(groups.len() / 2);
        let (first, second) = (sum(bins.count(), first), sum(bins.count(), second));
        let half_kld = disagreement(&first, &second);
        Ok(Self::new(bins, &total, std, half_kld))
    }

    /// From the weight of every bin and the standard deviation of its logarithm.
    pub fn new(bins: &Bins, weights: &[f64], std: Vec<f64>, half_kld: f64) -> Self {
        let axes = bins.centres().to_vec();
        let shape: Vec<usize> = axes.iter().map(Vec::len).collect();
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let f_kt =
            weights.iter().map(|weight| if *weight == 0.0 { f64::INFINITY } else { (largest / weight).ln() });
        let array = |values| ArrayD::from_shape_vec(IxDyn(&shape), values).expect("a number for every bin");
        let mut f_kt = at_centres(&array(f_kt.collect()), bins.periodic());
        let lowest = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
        f_kt.mapv_inplace(|f| f - lowest);
        Self { f_kt, f_std_kt: array(std), axes, half_kld }
    }

    /// The error over the bins with F below `cap_kt`.
    pub fn spread_below(&self, cap_kt: f64) -> Spread {
        Spread::below(cap_kt, &self.f_kt, &self.f_std_kt)
    }
}

/// From the share of each bin as a whole to F at its centre.
///
/// With x = half the rise of F across the bin, a straight F has `-ln mean exp(-F) = F - ln(sinh(x) / x)`, and a curvature adds
/// `F'' width^2 / 24`. Both are taken from the two neighbours along each axis; where one is missing, nothing is done.
fn at_centres(f_kt: &ArrayD<f64>, periodic: &[bool]) -> ArrayD<f64> {
    let mut corrected = f_kt.clone();
    for (axis, periodic) in periodic.iter().enumerate() {
        let bins = f_kt.len_of(Axis(axis));
        let pairs = f_kt.lanes(Axis(axis)).into_iter().zip(corrected.lanes_mut(Axis(axis)));
        for (lane, mut corrected) in pairs {
            for bin in 0..bins {
                if !periodic && (bin == 0 || bin + 1 == bins) {
                    continue;
                }
                let (before, here, after) =
                    (lane[(bin + bins - 1) % bins], lane[bin], lane[(bin + 1) % bins]);
                if !(before.is_finite() && here.is_finite() && after.is_finite()) {
                    continue;
                }
                let x = 0.25 * (after - before);
                let slope = if x.abs() < 1e-4 { x * x / 6.0 } else { (x.sinh() / x).ln() };
                corrected[bin] += slope - (after - 2.0 * here + before) / 24.0;
            }
        }
    }
    corrected
}

fn sum(bins: usize, groups: &[Vec<f64>]) -> Vec<f64> {
    let mut total = vec![0.0; bins];
    for group in groups {
        total.iter_mut().zip(group).for_each(|(total, weight)| *total += weight);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::domain::Domain;
    use crate::system::Variable;
    use crate::units::Unit;

    fn line() -> Variable {
        Variable { name: "s".into(), domain: Domain::Line, unit: Unit::Reduced, range: (0.0, 2.0), bins: 2 }
    }

    fn two_bins() -> Bins {
        Bins::new(&[line()])
    }

    /// By hand: shares 0.4 and 0.6 of four groups with deviations of 0.1.
    #[test]
    fn the_error_is_that_of_the_groups() {
        let groups: Vec<Vec<f64>> = [0.3, 0.5, 0.3, 0.5].iter().map(|p| vec![*p, 1.0 - p]).collect();
        let profile = Profile::of_groups(&two_bins(), &groups).unwrap();
        assert!((profile.f_kt[[0]] - (0.6_f64 / 0.4).ln()).abs() < 1e-12 && profile.f_kt[[1]] == 0.0);
        // The standard error of the mean share, over the share: sqrt(4 * 0.01 / 3 / 4) / 0.4.
        let expected = (0.01_f64 / 3.0).sqrt() / 0.4;
        assert!((profile.f_std_kt[[0]] - expected).abs() < 1e-12, "{}", profile.f_std_kt[[0]]);
        assert_eq!(profile.half_kld, 0.0);
    }

    /// Shares of the bins of a Gaussian, by the trapezium rule, give it back at the centres.
    #[test]
    fn shares_of_bins_give_f_at_their_centres() {
        let line = Variable { bins: 20, range: (-4.0, 4.0), ..line() };
        let bins = Bins::new(&[line]);
        let share = |centre: &f64| {
            let points = (0..=400).map(|k| centre - 0.2 + 0.001 * f64::from(k));
            points.map(|s| (-0.5 * s * s).exp()).sum::<f64>()
        };
        let shares: Vec<f64> = bins.centres()[0].iter().map(share).collect();
        let profile = Profile::new(&bins, &shares, vec![0.0; 20], 0.0);
        let exact = |s: f64| 0.5 * (s * s - 0.04);
        for (s, f) in bins.centres()[0].iter().zip(&profile.f_kt).skip(1).take(18) {
            assert!((f - exact(*s)).abs() < 2e-3, "{s}: {f} {}", exact(*s));
        }
    }

    #[test]
    fn what_nobody_saw_is_infinite() {
        let groups = vec![vec![1.0, 0.0], vec![2.0, 0.0]];
        let profile = Profile::of_groups(&two_bins(), &groups).unwrap();
        assert_eq!((profile.f_kt[[1]], profile.f_std_kt[[1]]), (f64::INFINITY, f64::INFINITY));
        assert!(Profile::of_groups(&two_bins(), &[vec![0.0; 2], vec![0.0; 2]]).is_err());
    }
}
