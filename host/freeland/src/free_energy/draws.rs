//! The labels: every draw x ~ q(x|s) with its importance weight.
use serde::{Deserialize, Serialize};

/// Draws of the flow with their log-weights `log_w = -u + ladj_coordinates - log q(x|s)`, grouped in generations.
///
/// The weight of a draw is an unbiased estimate of exp(-F(s)) *whatever* the flow was when the draw was made, since its
/// own `q` stands in its weight. So every draw of a run stays in use. A draw whose energy failed or was excluded has
/// `NEG_INFINITY` and still counts: leaving it out would raise F nowhere and lower it where failures are common.
/// A generation is a stretch of training in which the flow hardly changes; weights of one generation are comparable, and
/// their spread says how much the generation is worth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Draws {
    dimensions: usize,
    /// `[draws][dimensions]`
    s: Vec<f64>,
    log_w: Vec<f64>,
    /// First draw of each generation.
    generations: Vec<usize>,
}

impl Draws {
    /// No draws yet, in a coarse space of the given number of dimensions.
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, ..Self::default() }
    }

    /// Restores draws from their columns (see [`Draws::columns`]).
    pub fn from_columns(dimensions: usize, s: Vec<f64>, log_w: Vec<f64>, generations: Vec<usize>) -> Self {
        Self { dimensions, s, log_w, generations }
    }

    /// `(s [draws][dimensions], log_w [draws], first draw of each generation)`.
    pub fn columns(&self) -> (&[f64], &[f64], &[usize]) {
        (&self.s, &self.log_w, &self.generations)
    }

    /// The next [`Draws::push`] starts a new generation.
    pub fn start_generation(&mut self) {
        if self.generations.last() != Some(&self.len()) {
            self.generations.push(self.len());
        }
    }

    /// Adds one draw at `s`. A log-weight that is not a number or +inf counts as excluded.
    pub fn push(&mut self, s: &[f64], log_w: f64) {
        debug_assert_eq!(s.len(), self.dimensions);
        if self.generations.is_empty() {
            self.generations.push(0);
        }
        self.s.extend_from_slice(s);
        self.log_w.push(if log_w.is_finite() { log_w } else { f64::NEG_INFINITY });
    }

    /// Number of draws.
    pub fn len(&self) -> usize {
        self.log_w.len()
    }

    /// Whether there is no draw.
    pub fn is_empty(&self) -> bool {
        self.log_w.is_empty()
    }

    /// Number of coarse dimensions.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Coarse point of draw `i`.
    pub fn s(&self, i: usize) -> &[f64] {
        &self.s[i * self.dimensions..(i + 1) * self.dimensions]
    }

    /// Log-weights, `NEG_INFINITY` where excluded.
    pub fn log_w(&self) -> &[f64] {
        &self.log_w
    }

    /// Index ranges of the generations.
    pub fn generations(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        (0..self.generations.len()).map(|g| {
            let end = self.generations.get(g + 1).copied().unwrap_or(self.len());
            self.generations[g]..end
        })
    }
}

/// Effective sample size of log-weights as a fraction of their number; 0 if none is finite.
pub fn ess_fraction(log_w: &[f64]) -> f64 {
    let largest = log_w.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return 0.0;
    }
    let (sum, squares) = log_w.iter().fold((0.0, 0.0), |(sum, squares), l| {
        let w = (l - largest).exp();
        (sum + w, squares + w * w)
    });
    sum * sum / (squares * log_w.len() as f64)
}
