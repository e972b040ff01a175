//! A free energy from histograms of independent groups, with its error.
use super::error::DynamicsError;
use crate::landscape::{Landscape, disagreement};
use crate::space::Grid;

/// F of samples, and whether two halves of them agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// F at the bin centres; infinite where nothing was seen, and so is its error there.
    pub landscape: Landscape,
    /// Kullback-Leibler divergence between the two halves of the groups, the larger of both directions.
    pub half_kld: f64,
}

impl Sampled {
    /// `groups`: weights by bin of groups of samples that are independent of each other, at least two.
    ///
    /// With t = sum of all groups, F = -ln(t_bin / sum t). Its variance is the jackknife over groups to first order:
    /// `G/(G-1) sum_g (h_g,bin / t_bin - H_g / sum t)^2`, H_g the group's own sum.
    ///
    /// # Errors
    /// No group has any weight.
    pub fn of_groups(bins: &Grid, groups: &[Vec<f64>]) -> Result<Self, DynamicsError> {
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
        Ok(Self { landscape: of_weights(bins, &total, std), half_kld })
    }
}

/// F from the weight of every bin and the standard deviation of its logarithm.
pub(super) fn of_weights(bins: &Grid, weights: &[f64], std: Vec<f64>) -> Landscape {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let f_kt =
        weights.iter().map(|weight| if *weight == 0.0 { f64::INFINITY } else { (largest / weight).ln() });
    let f_kt: Vec<f64> = f_kt.collect();
    Landscape::new(bins.centres(), at_centres(bins, &f_kt), std)
}

/// From the share of each bin as a whole to F at its centre.
///
/// With x = half the rise of F across the bin, a straight F has `-ln mean exp(-F) = F - ln(sinh(x) / x)`, and a curvature adds
/// `F'' width^2 / 24`. Both are taken from the two neighbours along each axis; where one is missing, nothing is done.
fn at_centres(bins: &Grid, f_kt: &[f64]) -> Vec<f64> {
    let mut corrected = f_kt.to_vec();
    for axis in 0..bins.ticks().len() {
        for (bin, corrected) in corrected.iter_mut().enumerate() {
            let (Some(before), Some(after)) = (bins.down(bin, axis), bins.up(bin, axis)) else { continue };
            let (before, here, after) = (f_kt[before], f_kt[bin], f_kt[after]);
            if !(before.is_finite() && here.is_finite() && after.is_finite()) {
                continue;
            }
            let x = 0.25 * (after - before);
            let slope = if x.abs() < 1e-4 { x * x / 6.0 } else { (x.sinh() / x).ln() };
            *corrected += slope - (after - 2.0 * here + before) / 24.0;
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
    use crate::space::{Axis, Domain};
    use crate::units::Unit;

    fn line() -> Axis {
        Axis { name: "s".into(), domain: Domain::Line, unit: Unit::Reduced, range: (0.0, 2.0), bins: 2 }
    }

    fn two_bins() -> Grid {
        Grid::bins(&[line()])
    }

    /// By hand: shares 0.4 and 0.6 of four groups with deviations of 0.1.
    #[test]
    fn the_error_is_that_of_the_groups() {
        let groups: Vec<Vec<f64>> = [0.3, 0.5, 0.3, 0.5].iter().map(|p| vec![*p, 1.0 - p]).collect();
        let Sampled { landscape: profile, half_kld } = Sampled::of_groups(&two_bins(), &groups).unwrap();
        assert!((profile.f_kt[[0]] - (0.6_f64 / 0.4).ln()).abs() < 1e-12 && profile.f_kt[[1]] == 0.0);
        // The standard error of the mean share, over the share: sqrt(4 * 0.01 / 3 / 4) / 0.4.
        let expected = (0.01_f64 / 3.0).sqrt() / 0.4;
        assert!((profile.f_std_kt[[0]] - expected).abs() < 1e-12, "{}", profile.f_std_kt[[0]]);
        assert_eq!(half_kld, 0.0);
    }

    /// Shares of the bins of a Gaussian, by the trapezium rule, give it back at the centres.
    #[test]
    fn shares_of_bins_give_f_at_their_centres() {
        let line = Axis { bins: 20, range: (-4.0, 4.0), ..line() };
        let bins = Grid::bins(&[line]);
        let share = |centre: &f64| {
            let points = (0..=400).map(|k| centre - 0.2 + 0.001 * f64::from(k));
            points.map(|s| (-0.5 * s * s).exp()).sum::<f64>()
        };
        let shares: Vec<f64> = bins.centres()[0].iter().map(share).collect();
        let profile = of_weights(&bins, &shares, vec![0.0; 20]);
        let exact = |s: f64| 0.5 * (s * s - 0.04);
        for (s, f) in bins.centres()[0].iter().zip(&profile.f_kt).skip(1).take(18) {
            assert!((f - exact(*s)).abs() < 2e-3, "{s}: {f} {}", exact(*s));
        }
    }

    #[test]
    fn what_nobody_saw_is_infinite() {
        let groups = vec![vec![1.0, 0.0], vec![2.0, 0.0]];
        let profile = Sampled::of_groups(&two_bins(), &groups).unwrap().landscape;
        assert_eq!((profile.f_kt[[1]], profile.f_std_kt[[1]]), (f64::INFINITY, f64::INFINITY));
        assert!(Sampled::of_groups(&two_bins(), &[vec![0.0; 2], vec![0.0; 2]]).is_err());
    }
}
