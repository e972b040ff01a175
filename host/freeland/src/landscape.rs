//! A free energy on a grid of bins, however it was made: what its error means, and how far two are from each other.
//!
//! The error of F, `f_std_kt` everywhere, is the standard deviation of `ln p` of each bin, p normalised over the grid:
//! `p = exp(-F) / sum exp(-F)`. It does not depend on the constant that F is known up to, nor on a bin that F is measured
//! from. Where nothing is known it is infinite; where F is no number it is none.

/// What is smaller than this counts as this in the denominator of a [`divergence`].
pub const DIVERGENCE_FLOOR: f64 = 1e-10;

/// The error of F over the bins below a cap, kT. Not a number if there is no such bin, or if F or its error is none in
/// some bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Root mean square.
    pub rms_kt: f64,
    /// Largest.
    pub largest_kt: f64,
}

impl Spread {
    /// Over the bins with `f_kt` below `cap_kt`.
    pub fn below<'a>(
        cap_kt: f64,
        f_kt: impl IntoIterator<Item = &'a f64>,
        f_std_kt: impl IntoIterator<Item = &'a f64>,
    ) -> Self {
        let (mut squares, mut largest_kt, mut bins) = (0.0, 0.0, 0.0);
        for (f, std) in f_kt.into_iter().zip(f_std_kt) {
            if f.is_nan() || (*f < cap_kt && std.is_nan()) {
                return Self { rms_kt: f64::NAN, largest_kt: f64::NAN };
            }
            if *f < cap_kt {
                squares += std * std;
                largest_kt = f64::max(largest_kt, *std);
                bins += 1.0;
            }
        }
        let largest_kt = if bins > 0.0 { largest_kt } else { f64::NAN };
        Self { rms_kt: f64::sqrt(squares / bins), largest_kt }
    }
}

/// How far one distribution over bins is from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// `sum p ln(p / max(q, 1e-10))` over bins with p > 0, both normalised: what q misses of p costs 23 times its share and
    /// more. Not a number if either has no weight at all.
    pub kld: f64,
    /// Probability, by p, of bins where q is zero.
    pub unseen: f64,
}

/// The Kullback-Leibler divergence of `q` from `p`, weights by bin, in the direction that averages over `p`.
pub fn divergence<'a>(
    p: impl IntoIterator<Item = &'a f64, IntoIter: Clone>,
    q: impl IntoIterator<Item = &'a f64, IntoIter: Clone>,
) -> Divergence {
    let (p, q) = (p.into_iter(), q.into_iter());
    let (whole_p, whole_q): (f64, f64) = (p.clone().sum(), q.clone().sum());
    let (mut kld, mut unseen) = (0.0, 0.0);
    for (p, q) in p.zip(q) {
        let (p, q) = (p / whole_p, q / whole_q);
        if q == 0.0 {
            unseen += p;
        }
        if p != 0.0 {
            // `max` would take the floor for a NaN.
            kld += p * (p / if q < DIVERGENCE_FLOOR { DIVERGENCE_FLOOR } else { q }).ln();
        }
    }
    Divergence { kld, unseen }
}

/// The larger of both directions: how far apart two halves of the same data are.
pub fn disagreement(first: &[f64], second: &[f64]) -> f64 {
    let (there, back) = (divergence(first, second).kld, divergence(second, first).kld);
    if there.is_nan() || back.is_nan() { f64::NAN } else { there.max(back) }
}

/// The standard deviation (unbiased) of `ln p` of each bin among members. `f_kt`: `[bins][members]`, flat; each member is
/// normalised over the bins first. Not a number where a member has none.
pub fn spread_of_members(f_kt: &[f64], members: usize) -> Vec<f64> {
    let lowest = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
    let mut whole = vec![0.0; members];
    for row in f_kt.chunks_exact(members) {
        whole.iter_mut().zip(row).for_each(|(whole, f)| *whole += (lowest - f).exp());
    }
    let log_whole: Vec<f64> = whole.into_iter().map(f64::ln).collect();
    let n = members as f64;
    (f_kt.chunks_exact(members))
        .map(|row| {
            // From the first member on, so that a large common F takes no digits.
            let deviation = |k: usize| (row[k] - row[0]) + (log_whole[k] - log_whole[0]);
            let mean = (0..members).map(deviation).sum::<f64>() / n;
            let variance = (0..members).map(|k| (deviation(k) - mean).powi(2)).sum::<f64>() / (n - 1.0);
            variance.sqrt()
        })
        .collect()
}

/// The standard deviation of `ln p` of each bin by the jackknife, to first order: `sqrt((B - 1) / B sum_b (p_b / mean p -
/// 1)^2)`. `without`: normalised p of each bin with one of B blocks of the data left out, `[blocks][bins]`. Infinite where
/// no block has seen the bin.
pub fn jackknife(without: &[Vec<f64>]) -> Vec<f64> {
    let blocks = without.len() as f64;
    let bins = without.first().map_or(0, Vec::len);
    (0..bins)
        .map(|bin| {
            let mean = without.iter().map(|p| p[bin]).sum::<f64>() / blocks;
            if mean == 0.0 {
                return f64::INFINITY;
            }
            let squares = without.iter().map(|p| (p[bin] / mean - 1.0).powi(2)).sum::<f64>();
            (squares * (blocks - 1.0) / blocks).sqrt()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_that_of_the_bins_below_the_cap() {
        let spread = Spread::below(5.0, &[0.0, 1.0, 9.0], &[0.3, 0.4, 7.0]);
        assert!((spread.rms_kt - 0.125_f64.sqrt()).abs() < 1e-12 && spread.largest_kt == 0.4, "{spread:?}");
        for (f_kt, std_kt) in [
            ([0.0, f64::NAN, 9.0], [0.3, 0.0, 7.0]),
            ([0.0, 1.0, 9.0], [0.3, f64::NAN, 7.0]),
            ([6.0, 7.0, 9.0], [0.3, 0.0, 7.0]),
        ] {
            let spread = Spread::below(5.0, &f_kt, &std_kt);
            assert!(spread.rms_kt.is_nan() && spread.largest_kt.is_nan(), "{f_kt:?}: {spread:?}");
        }
        let spread = Spread::below(5.0, &[0.0, 1.0], &[0.3, f64::INFINITY]);
        assert_eq!((spread.rms_kt, spread.largest_kt), (f64::INFINITY, f64::INFINITY));
    }

    /// By hand: p = (1/2, 1/2, 0), q = (1/4, 1/4, 1/2), as weights of any sum.
    #[test]
    fn divergences_are_those_of_the_formula() {
        let (p, q) = ([3.0, 3.0, 0.0], [1.0, 1.0, 2.0]);
        let forward = divergence(&p, &q);
        assert!((forward.kld - 2.0_f64.ln()).abs() < 1e-12 && forward.unseen == 0.0, "{forward:?}");
        let back = divergence(&q, &p);
        let expected = 0.5 * 0.5_f64.ln() + 0.5 * (0.5 / 1e-10_f64).ln();
        assert!((back.kld - expected).abs() < 1e-12 && back.unseen == 0.5, "{back:?}");
        assert_eq!(disagreement(&p, &q), back.kld);
        assert!(divergence(&p, &[0.0; 3]).kld.is_nan() && disagreement(&[0.0; 3], &p).is_nan());
    }

    /// Missing a part of p is never better than missing none of it.
    #[test]
    fn what_was_not_seen_costs() {
        let p = [0.43, 0.43, 0.14];
        let missed = divergence(&p, &[0.5, 0.5, 0.0]);
        assert!(missed.kld > 2.0 && (missed.unseen - 0.14).abs() < 1e-12, "{missed:?}");
        // It goes over smoothly from a q that is next to nothing.
        let nearly = divergence(&p, &[0.5, 0.5, 1e-12]);
        assert!((nearly.kld - missed.kld).abs() < 1e-9 && nearly.unseen == 0.0, "{nearly:?}");
    }

    /// A constant of each member changes nothing; members that differ in one of two equal bins by d differ in ln p of
    /// both.
    #[test]
    fn members_are_normalised_before_they_are_compared() {
        let std = spread_of_members(&[5.0, -3.0, 6.0, -2.0], 2);
        assert!(std.iter().all(|std| *std < 1e-12), "{std:?}");
        let std = spread_of_members(&[0.0, 0.0, 0.1, -0.1], 2);
        let whole = |f: f64| (1.0 + (-f).exp()).ln();
        // Of two numbers the standard deviation is their difference over the root of two.
        let expected = [whole(0.1) - whole(-0.1), 0.2 + whole(0.1) - whole(-0.1)];
        for (std, expected) in std.iter().zip(expected) {
            assert!((std - expected.abs() / 2.0_f64.sqrt()).abs() < 1e-12, "{std} {expected}");
        }
        assert!(spread_of_members(&[0.0, f64::NAN, 1.0, 2.0], 2).iter().all(|std| std.is_nan()));
    }

    /// A bin that one block alone has seen has an error of all of it, and one that none has seen an infinite one.
    #[test]
    fn the_jackknife_knows_what_one_block_alone_has_seen() {
        let without: Vec<Vec<f64>> =
            (0..10).map(|b| vec![if b == 0 { 0.0 } else { 1.0 / 9.0 }, 0.0]).collect();
        let std = jackknife(&without);
        assert!((std[0] - 1.0).abs() < 1e-12 && std[1] == f64::INFINITY, "{std:?}");
    }
}
