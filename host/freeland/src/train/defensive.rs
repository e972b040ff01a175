//! Draws that reach beyond the flow, so that what it misses is seen.
use ndarray::{Array1, Array2, ArrayView2};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::space::Domain;

/// Standard deviation of a widened latent coordinate.
const WIDTH: f64 = 3.0;

/// A defensive mixture: a share of the draws has one latent coordinate on a line, picked at random, from a wider normal
/// distribution.
///
/// The reverse divergence is blind to what the flow misses, and so are weights of its own draws. A mixture with a wider
/// proposal keeps the weights bounded along every latent direction, at the price of the share; widening one coordinate at
/// a time does so in any number of dimensions. Source: Hesterberg, Technometrics 1995, 37, 185-194.
#[derive(Debug, Clone)]
pub struct Defensive {
    share: f64,
    /// Latent coordinates on a line.
    lines: Vec<usize>,
}

impl Defensive {
    /// A mixture for the given fine coordinates.
    pub fn new(share: f64, fine: &[Domain]) -> Self {
        let lines = (0..fine.len()).filter(|k| fine[*k] == Domain::Line).collect();
        Self { share, lines }
    }

    /// Widens a share of the rows of `z` (`[n, fine]`, from the base); returns which.
    pub fn widen(&self, z: &mut Array2<f64>, rng: &mut ChaCha8Rng) -> Vec<bool> {
        let pick = |rng: &mut ChaCha8Rng| self.lines[rng.random_range(0..self.lines.len())];
        (z.rows_mut().into_iter())
            .map(|mut row| {
                let widened = !self.lines.is_empty() && rng.random::<f64>() < self.share;
                if widened {
                    row[pick(rng)] = WIDTH * rng.sample::<f64, _>(StandardNormal);
                }
                widened
            })
            .collect()
    }

    /// `ln (mixture / base)` at each row of `z`, to be added to `ln q`.
    pub fn log_ratio(&self, z: ArrayView2<f64>) -> Array1<f64> {
        if self.lines.is_empty() {
            return Array1::zeros(z.nrows());
        }
        let exponent = 0.5 * (1.0 - WIDTH.powi(-2));
        (z.rows().into_iter())
            .map(|row| {
                let sum: f64 = self.lines.iter().map(|k| (exponent * row[*k] * row[*k]).exp() / WIDTH).sum();
                (1.0 - self.share + self.share * sum / self.lines.len() as f64).ln()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// The mean of base / mixture over draws of the mixture is 1, and the coordinate on a circle is left alone.
    #[test]
    fn the_ratio_is_that_of_the_draws() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mixture = Defensive::new(0.3, &[Domain::Line, Domain::Circle, Domain::Line]);
        let n = 100_000;
        let mut z = Array2::from_shape_fn((n, 3), |_| rng.sample(StandardNormal));
        let before = z.clone();
        let widened = mixture.widen(&mut z, &mut rng);
        assert_eq!(before.column(1), z.column(1));
        assert!((widened.iter().filter(|w| **w).count() as f64 / n as f64 - 0.3).abs() < 0.01);
        let ratio = mixture.log_ratio(z.view());
        let mean = ratio.iter().map(|r| (-r).exp()).sum::<f64>() / n as f64;
        assert!((mean - 1.0).abs() < 0.005, "{mean}");
        // And it predicts the second moment of a line: 0.85 * 1 + 0.15 * 9.
        let squares = z.column(0).iter().map(|z| z * z).sum::<f64>() / n as f64;
        assert!((squares - 2.2).abs() < 0.1, "{squares}");
    }
}
