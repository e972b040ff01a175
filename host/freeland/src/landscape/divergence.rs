//! How far a distribution over bins is from another.

/// What is smaller than this counts as this in the denominator of a [`divergence`].
pub const DIVERGENCE_FLOOR: f64 = 1e-10;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
