//! From the samples of umbrella windows to F, with its error.
use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::error::DynamicsError;
use super::histogram::{Sampled, of_weights};
use super::windows::Windows;
use crate::landscape::{Mbar, disagreement, jackknife, statistical_inefficiency};
use crate::space::Grid;

/// Blocks of time, each of which is left out once for the error.
const BLOCKS: usize = 20;
/// Samples that MBAR is solved on, at most, and numbers in its matrix (256 MiB).
const MOST_SAMPLES: usize = 100_000;
const MOST_FACTORS: usize = 1 << 25;
/// Samples per statistical inefficiency: more would tell nothing new, and with one alone something is lost.
const OVERSAMPLING: f64 = 4.0;

/// Samples of coarse coordinates, one of every window at each kept step.
#[derive(Debug, Clone, Copy)]
pub struct WindowData<'a> {
    /// The grid of F.
    pub bins: &'a Grid,
    /// The windows.
    pub windows: &'a Windows,
    /// `[kept steps][windows][S]`
    pub samples: &'a [f64],
}

/// Samples that MBAR is solved on: step and window of each.
struct Thinned {
    frames: Vec<usize>,
    mbar: Mbar,
}

impl WindowData<'_> {
    fn coarse(&self) -> usize {
        self.bins.ticks().len()
    }

    /// Kept steps.
    fn frames(&self) -> usize {
        self.samples.len() / (self.windows.count() * self.coarse()).max(1)
    }

    fn site(&self, frame: usize, window: usize) -> &[f64] {
        let begin = (frame * self.windows.count() + window) * self.coarse();
        &self.samples[begin..begin + self.coarse()]
    }

    /// Every how many frames a window's sample is taken, at most `longest`.
    fn stride(&self, window: usize, longest: usize) -> usize {
        let of_axis = |axis: usize| {
            let series: Vec<f64> = (0..self.frames())
                .map(|frame| self.windows.displacement(window, axis, self.site(frame, window)))
                .collect();
            statistical_inefficiency(&series)
        };
        let largest = (0..self.coarse()).map(of_axis).fold(1.0, f64::max);
        ((largest / OVERSAMPLING) as usize).clamp(1, longest.max(1))
    }

    fn thinned(&self) -> Thinned {
        let (windows, frames) = (self.windows.count(), self.frames());
        // Every block of time keeps samples of every window, and the matrix of MBAR fits into memory.
        let longest = frames / (2 * BLOCKS);
        let samples = frames * windows;
        let shortest = (samples * windows).div_ceil(MOST_FACTORS).max(samples.div_ceil(MOST_SAMPLES));
        let strides: Vec<usize> =
            (0..windows).into_par_iter().map(|window| self.stride(window, longest).max(shortest)).collect();
        let chosen: Vec<(usize, usize)> = (0..windows)
            .flat_map(|window| (0..frames).step_by(strides[window]).map(move |frame| (frame, window)))
            .collect();
        let bias: Vec<f64> = chosen
            .par_iter()
            .flat_map_iter(|(frame, from)| {
                let site = self.site(*frame, *from);
                (0..windows).map(move |window| self.windows.bias(window, site, None))
            })
            .collect();
        let bias = Array2::from_shape_vec((chosen.len(), windows), bias).expect("a row for every sample");
        let (frames, origins) = chosen.into_iter().unzip();
        Thinned { frames, mbar: Mbar::new(bias, origins) }
    }

    /// Free energies of the windows, kT, the first 0.
    ///
    /// # Errors
    /// Windows do not overlap.
    pub fn free_energies(&self) -> Result<Array1<f64>, DynamicsError> {
        let thinned = self.thinned();
        let ones = Array1::ones(thinned.frames.len());
        Ok(thinned.mbar.solve(ones.view())?.f_kt)
    }

    /// F: every sample counts with the weight of MBAR's mixture, `1 / sum_k exp(f_k - u_k(s))`. The error is that of the
    /// jackknife over blocks of time, each left out of all windows together and solved anew: walkers go from window to window,
    /// so that windows are not independent of each other.
    ///
    /// # Errors
    /// There are too few samples, or windows do not overlap.
    pub fn sampled(&self) -> Result<Sampled, DynamicsError> {
        let frames = self.frames();
        if frames < 2 * BLOCKS {
            return Err(DynamicsError::TooFewSamples { found: frames, least: 2 * BLOCKS });
        }
        let thinned = self.thinned();
        let solution = thinned.mbar.solve(Array1::ones(thinned.frames.len()).view())?;
        let weights = self.weights(&solution.f_kt);
        if weights.iter().sum::<f64>() <= 0.0 {
            return Err(DynamicsError::NothingInside);
        }
        let counts = BlockCounts::new(self);
        // Probabilities with some blocks of time alone.
        let of_blocks = |kept: &dyn Fn(usize) -> bool| -> Result<Vec<f64>, DynamicsError> {
            let times: Vec<f64> = (0..BLOCKS).map(|block| f64::from(u8::from(kept(block)))).collect();
            let sample_weights = thinned.frames.iter().map(|frame| times[block_of(*frame, frames)]);
            let sample_weights: Array1<f64> = sample_weights.collect();
            let f_kt = thinned.mbar.solve_near(&solution, sample_weights.view())?;
            Ok(counts.probabilities(&f_kt, &times))
        };
        let without = (0..BLOCKS).map(|left_out| of_blocks(&|block| block != left_out));
        let std = jackknife(&without.collect::<Result<Vec<_>, _>>()?);
        let (first, second) =
            (of_blocks(&|block| block < BLOCKS / 2)?, of_blocks(&|block| block >= BLOCKS / 2)?);
        Ok(Sampled {
            landscape: of_weights(self.bins, &weights, std),
            half_kld: disagreement(&first, &second),
        })
    }

    /// Weight by bin of all samples.
    fn weights(&self, f_kt: &Array1<f64>) -> Vec<f64> {
        let windows = self.windows.count();
        let add = |mut weights: Vec<f64>, frame: usize| {
            for window in 0..windows {
                let site = self.site(frame, window);
                if let Some(bin) = self.bins.index(site) {
                    let mixture = |k: usize| (f_kt[k] - self.windows.bias(k, site, None)).exp();
                    weights[bin] += 1.0 / (0..windows).map(mixture).sum::<f64>();
                }
            }
            weights
        };
        // Chunks of fixed size, added up in order: the same bits with any number of threads.
        let chunks: Vec<usize> = (0..self.frames()).step_by(256).collect();
        let parts: Vec<Vec<f64>> = chunks
            .into_par_iter()
            .map(|begin| (begin..self.frames().min(begin + 256)).fold(vec![0.0; self.bins.count()], add))
            .collect();
        parts.into_iter().fold(vec![0.0; self.bins.count()], |mut total, part| {
            total.iter_mut().zip(part).for_each(|(total, weight)| *total += weight);
            total
        })
    }
}

fn block_of(frame: usize, frames: usize) -> usize {
    frame * BLOCKS / frames
}

/// How often each window was in each bin, by block of time.
struct BlockCounts {
    /// Bins that were seen.
    seen: Vec<usize>,
    /// `exp(-u_k)` at their centres, `[seen, windows]`.
    factors: Array2<f64>,
    /// Index in `seen` and count, `[windows][BLOCKS]`.
    counts: Vec<Vec<(usize, f64)>>,
    bins: usize,
}

impl BlockCounts {
    fn new(data: &WindowData<'_>) -> Self {
        let (windows, frames, bins) = (data.windows.count(), data.frames(), data.bins.count());
        let mut place = vec![usize::MAX; bins];
        let mut seen = Vec::new();
        let mut maps = vec![std::collections::BTreeMap::new(); windows * BLOCKS];
        for frame in 0..frames {
            for window in 0..windows {
                let Some(bin) = data.bins.index(data.site(frame, window)) else { continue };
                if place[bin] == usize::MAX {
                    place[bin] = seen.len();
                    seen.push(bin);
                }
                *maps[window * BLOCKS + block_of(frame, frames)].entry(place[bin]).or_insert(0.0) += 1.0;
            }
        }
        let factors = Array2::from_shape_fn((seen.len(), windows), |(place, window)| {
            let site: Vec<f64> = data.bins.site(seen[place]).collect();
            (-data.windows.bias(window, &site, None)).exp()
        });
        let counts = maps.into_iter().map(|map| map.into_iter().collect()).collect();
        Self { seen, factors, counts, bins }
    }

    /// Probability of each bin, with the mixture taken at its centre, and every block of time counted so many times.
    fn probabilities(&self, f_kt: &Array1<f64>, times: &[f64]) -> Vec<f64> {
        let shift = f_kt.fold(f64::NEG_INFINITY, |m, f| m.max(*f));
        let mixture = self.factors.dot(&f_kt.mapv(|f| (f - shift).exp()));
        let mut weights = vec![0.0; self.bins];
        for (counts, times) in self.counts.iter().zip(times.iter().cycle()) {
            for (place, count) in counts {
                weights[self.seen[*place]] += times * count / mixture[*place];
            }
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        weights
    }
}
