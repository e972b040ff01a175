//! What the error of F is, and how it is taken from members of an ensemble or blocks of data.

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
