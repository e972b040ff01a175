//! What a flow draws from: its base, and the wider mixture around it.

use std::f64::consts::{PI, TAU};

use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tch::Tensor;

use crate::device::Backend;
use crate::space::Domain;

/// Standard deviation of a widened coordinate.
const WIDTH: f64 = 3.0;

/// One draw for each row of `s`, without a graph.
///
/// A share of them is not from q: see [`Draw::in_q`]. The density of what all of them come from is
/// `ln q(x | s) + log_ratio`.
#[derive(Debug)]
pub struct Draw {
    /// Latent numbers, `[n, D]`.
    pub z: Tensor,
    /// `f(z; s)`, `[n, D]`.
    pub x: Array2<f64>,
    /// `ln q(x | s)` of the flow alone, `[n]`.
    pub log_q: Array1<f64>,
    /// `ln (mixture / q)`, `[n]`.
    pub log_ratio: Array1<f64>,
    /// Whether a draw is from q itself, `[n]`.
    pub in_q: Vec<bool>,
}

/// The density that a flow transforms: independent coordinates, standard normal on lines, uniform on circles.
pub struct Base {
    domains: Vec<Domain>,
    /// Coordinates on a line.
    lines: Vec<usize>,
    /// 1 on lines, 0 on circles, `[D]`.
    is_line: Tensor,
    /// The part of the log-density that does not depend on `z`.
    constant: f64,
}

/// Draws of a base and of the mixture around it.
pub struct Latent {
    /// `[n, D]`
    pub z: Array2<f64>,
    /// `ln (mixture / base)`, `[n]`.
    pub log_ratio: Array1<f64>,
    /// Whether a draw is from the base itself, `[n]`.
    pub in_base: Vec<bool>,
}

impl Base {
    /// The base over the given dimensions.
    pub fn new(domains: &[Domain], backend: &Backend) -> Base {
        let lines: Vec<usize> = (0..domains.len()).filter(|k| domains[*k] == Domain::Line).collect();
        let is_line: Vec<f64> = domains.iter().map(|domain| f64::from(*domain == Domain::Line)).collect();
        let (on_lines, on_circles) = (lines.len() as f64, (domains.len() - lines.len()) as f64);
        Base {
            domains: domains.to_vec(),
            lines,
            is_line: backend.vector(&is_line),
            constant: -0.5 * on_lines * TAU.ln() - on_circles * TAU.ln(),
        }
    }

    /// `n` draws of a defensive mixture: a share of them has one coordinate on a line, picked at random, from a wider
    /// normal distribution.
    ///
    /// The reverse divergence is blind to what the flow misses, and so are weights of its own draws. A mixture with a wider
    /// proposal keeps the weights bounded along every latent direction, at the price of the share; widening one coordinate
    /// at a time does so in any number of dimensions. Source: Hesterberg, Technometrics 1995, 37, 185-194.
    pub fn draw(&self, n: usize, share: f64, rng: &mut ChaCha8Rng) -> Latent {
        let mut z = Array2::zeros((n, self.domains.len()));
        for mut row in z.rows_mut() {
            for (z, domain) in row.iter_mut().zip(&self.domains) {
                *z = match domain {
                    Domain::Line => rng.sample::<f64, _>(StandardNormal),
                    Domain::Circle => rng.random_range(-PI..PI),
                };
            }
        }
        let in_base = z.rows_mut().into_iter().map(|row| !self.widen(row, share, rng)).collect();
        let log_ratio = z.rows().into_iter().map(|row| self.log_ratio(row, share)).collect();
        Latent { z, log_ratio, in_base }
    }

    /// Widens a row with the probability `share`; returns whether.
    fn widen(&self, mut row: ArrayViewMut1<f64>, share: f64, rng: &mut ChaCha8Rng) -> bool {
        let widened = !self.lines.is_empty() && rng.random::<f64>() < share;
        if widened {
            let value = WIDTH * rng.sample::<f64, _>(StandardNormal);
            row[self.lines[rng.random_range(0..self.lines.len())]] = value;
        }
        widened
    }

    /// `ln (mixture / base)` at a row.
    fn log_ratio(&self, z: ArrayView1<f64>, share: f64) -> f64 {
        if self.lines.is_empty() {
            return 0.0;
        }
        let exponent = 0.5 * (1.0 - WIDTH.powi(-2));
        let sum: f64 = self.lines.iter().map(|k| (exponent * z[*k] * z[*k]).exp() / WIDTH).sum();
        (1.0 - share + share * sum / self.lines.len() as f64).ln()
    }

    /// Log-density of `z [n, D]`, `[n]`.
    pub fn log_prob(&self, z: &Tensor) -> Tensor {
        z.square().matmul(&self.is_line) * -0.5 + self.constant
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use tch::Kind;

    use super::*;

    /// The mean of base / mixture over draws of the mixture is 1, and coordinates on circles are left alone.
    #[test]
    fn the_ratio_is_that_of_the_draws() {
        let base = Base::new(&[Domain::Line, Domain::Circle, Domain::Line], &Backend::cpu(Kind::Double));
        let n = 100_000;
        let draws = base.draw(n, 0.3, &mut ChaCha8Rng::seed_from_u64(1));
        let widened = draws.in_base.iter().filter(|in_base| !**in_base).count();
        assert!((widened as f64 / n as f64 - 0.3).abs() < 0.01, "{widened}");
        let mean = draws.log_ratio.iter().map(|ratio| (-ratio).exp()).sum::<f64>() / n as f64;
        assert!((mean - 1.0).abs() < 0.005, "{mean}");
        // The second moment of a line, 0.85 * 1 + 0.15 * 9, and that of a circle.
        let square = |k: usize| draws.z.column(k).iter().map(|z| z * z).sum::<f64>() / n as f64;
        assert!(
            (square(0) - 2.2).abs() < 0.1 && (square(2) - 2.2).abs() < 0.1,
            "{} {}",
            square(0),
            square(2)
        );
        assert!((square(1) - PI * PI / 3.0).abs() < 0.05, "{}", square(1));
    }

    #[test]
    fn without_a_share_all_draws_are_of_the_base() {
        let base = Base::new(&[Domain::Line, Domain::Circle], &Backend::cpu(Kind::Double));
        let draws = base.draw(100, 0.0, &mut ChaCha8Rng::seed_from_u64(1));
        assert!(
            draws.in_base.iter().all(|in_base| *in_base) && draws.log_ratio.iter().all(|ratio| *ratio == 0.0)
        );
        let circles = Base::new(&[Domain::Circle], &Backend::cpu(Kind::Double));
        let draws = circles.draw(100, 0.5, &mut ChaCha8Rng::seed_from_u64(1));
        assert!(draws.in_base.iter().all(|in_base| *in_base), "a circle has nothing wider than itself");
    }
}
