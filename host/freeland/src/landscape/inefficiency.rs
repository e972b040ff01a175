//! How many samples of a time series count as one.

/// The statistical inefficiency `1 + 2 sum_t (1 - t/n) C(t)`, C the normalised autocorrelation, summed until it is not
/// positive; at least 1.
///
/// Source: Chodera, Swope, Pitera, Seok and Dill, Journal of Chemical Theory and Computation 2007, 3, 26-41.
pub fn statistical_inefficiency(series: &[f64]) -> f64 {
    let n = series.len();
    let mean = series.iter().sum::<f64>() / n.max(1) as f64;
    let covariance = |lag: usize| {
        let pairs = series.iter().zip(&series[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / (n - lag) as f64
    };
    if n < 3 {
        return 1.0;
    }
    let variance = covariance(0);
    if variance <= 0.0 {
        return 1.0;
    }
    // Lags 1, 3, 6, 10, ...: the correlation is taken as straight between them, so that long memories stay cheap.
    let (mut inefficiency, mut before, mut lag, mut gap) = (1.0, 1.0, 1, 1);
    while lag < n - 1 {
        let correlation = covariance(lag) / variance * (1.0 - lag as f64 / n as f64);
        if correlation <= 0.0 {
            break;
        }
        // The sum over the lags after the last one, this one included.
        inefficiency += gap as f64 * (before + correlation) + correlation - before;
        before = correlation;
        gap += 1;
        lag += gap;
    }
    inefficiency.max(1.0)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// An autoregressive series with memory `a` has `(1 + a) / (1 - a)`.
    #[test]
    fn autoregressive_series_have_their_formula() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for a in [0.0, 0.5, 0.9_f64] {
            let mut x = 0.0;
            let series: Vec<f64> = (0..1_000_000)
                .map(|_| {
                    x = a * x + (1.0 - a * a).sqrt() * rng.sample::<f64, _>(StandardNormal);
                    x
                })
                .collect();
            let (found, exact) = (statistical_inefficiency(&series), (1.0 + a) / (1.0 - a));
            assert!((found - exact).abs() < 0.1 * exact, "{a}: {found} {exact}");
        }
        assert_eq!(statistical_inefficiency(&[2.0; 10]), 1.0);
    }
}
