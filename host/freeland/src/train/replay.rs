//! Draws that were paid for, used again.
use ndarray::{Array2, ArrayView1};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Kind;

use super::adam::Adam;
use crate::config::training::ReplayConfig;
use crate::flow::ConditionalFlow;

/// The latest draws with their normalised weights `w exp(F(s))`.
///
/// Weighted maximum likelihood on them is the forward divergence: it brings back what the reverse one lets go, and costs no
/// energy calls.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    coarse: usize,
    fine: usize,
    capacity: usize,
    /// Where the next draw goes, once the buffer is full.
    next: usize,
    s: Vec<f64>,
    x: Vec<f32>,
    log_w: Vec<f64>,
    /// `min(w exp(F(s)), largest)`, by the F given last.
    ratio: Vec<f64>,
}

impl Replay {
    /// An empty buffer.
    pub fn new(coarse: usize, fine: usize, capacity: usize) -> Self {
        Self { coarse, fine, capacity, ..Self::default() }
    }

    /// Adds a draw; the oldest makes room. `f_kt`: F(s), if it is known; a draw without has no part in training before
    /// [`Replay::normalise`].
    pub fn push(
        &mut self,
        s: ArrayView1<f64>,
        x: ArrayView1<f64>,
        log_w: f64,
        f_kt: Option<f64>,
        largest: f64,
    ) {
        let ratio = f_kt.map_or(0.0, |f| ratio(log_w + f, largest));
        if self.log_w.len() < self.capacity {
            self.s.extend(s);
            self.x.extend(x.iter().map(|x| *x as f32));
            self.log_w.push(log_w);
            self.ratio.push(ratio);
            return;
        }
        let k = self.next;
        self.s[k * self.coarse..(k + 1) * self.coarse].iter_mut().zip(s).for_each(|(old, new)| *old = *new);
        self.x[k * self.fine..(k + 1) * self.fine]
            .iter_mut()
            .zip(x)
            .for_each(|(old, new)| *old = *new as f32);
        (self.log_w[k], self.ratio[k]) = (log_w, ratio);
        self.next = (k + 1) % self.capacity;
    }

    /// Takes a new F.
    pub fn normalise(&mut self, largest: f64, mut f_kt: impl FnMut(&[f64]) -> f64) {
        for (k, ratio) in self.ratio.iter_mut().enumerate() {
            let f_kt = f_kt(&self.s[k * self.coarse..(k + 1) * self.coarse]);
            *ratio = self::ratio(self.log_w[k] + f_kt, largest);
        }
    }

    /// One step by weighted maximum likelihood on a batch drawn with probability proportional to the weights.
    pub fn step(
        &self,
        flow: &ConditionalFlow,
        config: &ReplayConfig,
        batch: usize,
        adam: &mut Adam,
        (learning_rate, clip_norm): (f64, f64),
        rng: &mut ChaCha8Rng,
    ) {
        let mut sum = 0.0;
        let cumulative: Vec<f64> = (self.ratio.iter())
            .map(|ratio| {
                sum += ratio;
                sum
            })
            .collect();
        if sum.is_nan() || sum < batch as f64 * 0.1 * config.largest_ratio {
            // Too few draws of weight: they would be learned by heart.
            return;
        }
        let picks: Vec<usize> = (0..batch)
            .map(|_| {
                let at = rng.random::<f64>() * sum;
                cumulative.partition_point(|c| *c <= at).min(cumulative.len() - 1)
            })
            .collect();
        let backend = flow.backend();
        let s = backend.tensor(rows(&self.s, self.coarse, &picks).view());
        let x = backend.tensor(rows(&self.x, self.fine, &picks).view());
        let loss = -flow.at(&s).log_prob(&x).mean(Kind::Double);
        adam.descend(&loss, learning_rate, clip_norm);
    }

    /// `(s, x, log_w, position of the next draw)`, for a checkpoint.
    pub fn columns(&self) -> (&[f64], &[f32], &[f64], usize) {
        (&self.s, &self.x, &self.log_w, self.next)
    }

    /// Restores the columns of a checkpoint; call [`Replay::normalise`] afterwards.
    pub fn restore(&mut self, s: Vec<f64>, x: Vec<f32>, log_w: Vec<f64>, next: usize) {
        self.ratio = vec![0.0; log_w.len()];
        (self.s, self.x, self.log_w, self.next) = (s, x, log_w, next);
    }
}

/// The weight `exp(log_ratio)`, cut at the largest; none where it is no number, for which `min` would give the largest.
fn ratio(log_ratio: f64, largest: f64) -> f64 {
    if log_ratio.is_nan() { 0.0 } else { log_ratio.exp().min(largest) }
}

fn rows<T: Copy>(values: &[T], width: usize, picks: &[usize]) -> Array2<T> {
    let flat: Vec<T> =
        picks.iter().flat_map(|k| values[k * width..(k + 1) * width].iter().copied()).collect();
    Array2::from_shape_vec((picks.len(), width), flat).expect("whole rows")
}
