//! Samples of several biased ensembles put together: the multistate Bennett acceptance ratio.
use std::ops::Range;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use ndarray::{Array1, Array2, ArrayView1, Zip, s};
use rayon::prelude::*;

/// Self-consistent iterations before Newton's method.
const FIXED_POINT_STEPS: usize = 20;
/// Steps of Newton's method, at most.
const NEWTON_STEPS: usize = 100;
/// Free energies are solved to this, kT.
const TOLERANCE_KT: f64 = 1e-9;
/// Halvings of a step before it is given up.
const HALVINGS: usize = 40;
/// Samples that a thread takes at a time.
const CHUNK: usize = 2048;

/// Ensembles that share no samples with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("some ensembles share no samples with the others, so that their free energies cannot be compared")]
pub struct NoOverlap;

/// Samples from all ensembles with all biases, ready for any weights of the samples.
///
/// With u_k the bias of ensemble k in kT, N_k the weight of its samples and n over all samples, the free energies solve
/// `f_k = -ln sum_n w_n exp(-u_k(n)) / sum_j N_j exp(f_j - u_j(n))`; f_0 = 0. They minimise the convex function
/// `A(f) = sum_n w_n ln sum_j N_j exp(f_j - u_j(n)) - sum_k N_k f_k`.
/// Source: Shirts and Chodera, Journal of Chemical Physics 2008, 129, 124105.
#[derive(Debug)]
pub struct Mbar {
    /// `exp(-u_k(n) + min_j u_j(n))`, so that nothing overflows; what is taken out cancels. `[samples, ensembles]`.
    factors: Array2<f64>,
    /// Ensemble of each sample.
    origins: Vec<usize>,
}

/// The free energies of all ensembles, and the curvature of A there.
#[derive(Debug)]
pub struct Solution {
    /// `[ensembles]`, kT, the first 0.
    pub f_kt: Array1<f64>,
    curvature: Cholesky<f64, Dyn>,
}

impl Mbar {
    /// `bias_kt`: `[samples, ensembles]`. `origins`: which ensemble each sample is from.
    pub fn new(mut bias_kt: Array2<f64>, origins: Vec<usize>) -> Self {
        for mut row in bias_kt.rows_mut() {
            let lowest = row.fold(f64::INFINITY, |lowest, u| lowest.min(*u));
            row.mapv_inplace(|u| (lowest - u).exp());
        }
        Self { factors: bias_kt, origins }
    }

    /// Number of ensembles.
    fn ensembles(&self) -> usize {
        self.factors.ncols()
    }

    /// Ranges of samples for threads to share.
    fn chunks(&self) -> impl IndexedParallelIterator<Item = Range<usize>> {
        let samples = self.factors.nrows();
        let begins = (0..samples.div_ceil(CHUNK)).into_par_iter();
        begins.map(move |chunk| chunk * CHUNK..samples.min((chunk + 1) * CHUNK))
    }

    /// N_k: the weight of each ensemble's samples.
    fn counts(&self, weights: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut counts = Array1::zeros(self.ensembles());
        for (origin, weight) in self.origins.iter().zip(weights) {
            counts[*origin] += weight;
        }
        counts
    }

    /// Solves for samples with these weights, each ensemble's sum being above 0: fixed point, then Newton.
    ///
    /// # Errors
    /// Some ensembles share no samples with the others, so that their free energies are unknown.
    pub fn solve(&self, weights: ArrayView1<'_, f64>) -> Result<Solution, NoOverlap> {
        let counts = self.counts(weights);
        let mut f_kt = Array1::zeros(self.ensembles());
        for _ in 0..FIXED_POINT_STEPS {
            f_kt = self.fixed_point(&f_kt, &counts, weights);
        }
        let mut state = self.evaluate(&f_kt, &counts, weights);
        for _ in 0..NEWTON_STEPS {
            let curvature = self.curvature(&state, &f_kt, &counts, weights)?;
            let step = solve_with(&curvature, &state.gradient);
            let (next, next_state) = self.backtrack(&f_kt, &step, &state, &counts, weights);
            (f_kt, state) = (next, next_state);
            // A step that is no number is no small one.
            if step.iter().all(|s| s.abs() < TOLERANCE_KT) {
                return Ok(Solution { f_kt, curvature });
            }
        }
        Err(NoOverlap)
    }

    /// Solves for other weights, from a solution that is not far, with its curvature.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn solve_near(
        &self,
        start: &Solution,
        weights: ArrayView1<'_, f64>,
    ) -> Result<Array1<f64>, NoOverlap> {
        let counts = self.counts(weights);
        let mut f_kt = start.f_kt.clone();
        let mut state = self.evaluate(&f_kt, &counts, weights);
        for _ in 0..NEWTON_STEPS {
            let step = solve_with(&start.curvature, &state.gradient);
            (f_kt, state) = self.backtrack(&f_kt, &step, &state, &counts, weights);
            // Far below the error that is asked for with it.
            if step.iter().all(|s| s.abs() < 1e-5) {
                return Ok(f_kt);
            }
        }
        Ok(self.solve(weights)?.f_kt)
    }

    /// One self-consistent iteration.
    fn fixed_point(
        &self,
        f_kt: &Array1<f64>,
        counts: &Array1<f64>,
        weights: ArrayView1<'_, f64>,
    ) -> Array1<f64> {
        let (denominators, shift) = self.denominators(f_kt, counts);
        let over = Zip::from(weights).and(&denominators).map_collect(|w, d| w / d);
        let next = self.sums(&over).mapv(|sum| shift - sum.ln());
        let first = next[0];
        next.mapv(|f| f - first)
    }

    /// `sum_n factor_nk over_n`, row by row as the factors lie in memory.
    fn sums(&self, over: &Array1<f64>) -> Array1<f64> {
        let parts: Vec<Array1<f64>> = self
            .chunks()
            .map(|rows| {
                let mut sums = Array1::zeros(self.ensembles());
                for n in rows {
                    sums.scaled_add(over[n], &self.factors.row(n));
                }
                sums
            })
            .collect();
        parts.into_iter().fold(Array1::<f64>::zeros(self.ensembles()), |sum, part| sum + part)
    }

    /// `sum_j N_j exp(f_j - shift) factor_nj`, and `shift`, the largest f.
    fn denominators(&self, f_kt: &Array1<f64>, counts: &Array1<f64>) -> (Array1<f64>, f64) {
        let shift = f_kt.fold(f64::NEG_INFINITY, |m, f| m.max(*f));
        let scale = Zip::from(f_kt).and(counts).map_collect(|f, n| n * (f - shift).exp());
        (self.factors.dot(&scale), shift)
    }

    fn evaluate(&self, f_kt: &Array1<f64>, counts: &Array1<f64>, weights: ArrayView1<'_, f64>) -> State {
        let (denominators, shift) = self.denominators(f_kt, counts);
        let over = Zip::from(weights).and(&denominators).map_collect(|w, d| w / d);
        let shares = self.sums(&over);
        let gradient = Zip::from(&shares)
            .and(f_kt)
            .and(counts)
            .map_collect(|share, f, n| n * (f - shift).exp() * share - n);
        let logarithms: f64 = weights.iter().zip(&denominators).map(|(w, d)| w * d.ln()).sum();
        let total: f64 = weights.sum();
        let value = logarithms + total * shift - counts.dot(f_kt);
        State { value, gradient, denominators, shift }
    }

    /// The second derivatives of A but for the first ensemble, factorised.
    fn curvature(
        &self,
        state: &State,
        f_kt: &Array1<f64>,
        counts: &Array1<f64>,
        weights: ArrayView1<'_, f64>,
    ) -> Result<Cholesky<f64, Dyn>, NoOverlap> {
        let scale = Zip::from(f_kt).and(counts).map_collect(|f, n| n * (f - state.shift).exp());
        // p_nk = N_k exp(f_k - u_k(n)) / denominator, times sqrt(w_n); chunks are added in order, for the same bits always.
        let parts: Vec<Array2<f64>> = self
            .chunks()
            .map(|rows| {
                let mut root = &self.factors.slice(s![rows.clone(), ..]) * &scale;
                for (mut row, n) in root.rows_mut().into_iter().zip(rows) {
                    row *= weights[n].sqrt() / state.denominators[n];
                }
                root.t().dot(&root)
            })
            .collect();
        let squares =
            parts.into_iter().fold(Array2::<f64>::zeros((scale.len(), scale.len())), |sum, part| sum + part);
        let shares = &state.gradient + counts;
        let n = self.ensembles() - 1;
        let matrix = DMatrix::from_fn(n, n, |i, j| {
            let diagonal = if i == j { shares[i + 1] } else { 0.0 };
            diagonal - squares[[i + 1, j + 1]]
        });
        Cholesky::new(matrix).ok_or(NoOverlap)
    }

    /// The longest of the step's halvings that lowers A.
    fn backtrack(
        &self,
        f_kt: &Array1<f64>,
        step: &Array1<f64>,
        from: &State,
        counts: &Array1<f64>,
        weights: ArrayView1<'_, f64>,
    ) -> (Array1<f64>, State) {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let next = f_kt - &(step * length);
            let state = self.evaluate(&next, counts, weights);
            if state.value <= from.value + 1e-9 * from.value.abs().max(1.0) {
                return (next, state);
            }
            length *= 0.5;
        }
        (f_kt.clone(), self.evaluate(f_kt, counts, weights))
    }
}

/// A and its gradient at some free energies.
struct State {
    value: f64,
    gradient: Array1<f64>,
    denominators: Array1<f64>,
    shift: f64,
}

/// The step of Newton's method; the first ensemble stays where it is.
fn solve_with(curvature: &Cholesky<f64, Dyn>, gradient: &Array1<f64>) -> Array1<f64> {
    let right = DVector::from_iterator(gradient.len() - 1, gradient.iter().skip(1).copied());
    let step = curvature.solve(&right);
    std::iter::once(0.0).chain(step.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// Windows k/2 (x - c)^2 on a harmonic well x^2/2: everything is a Gaussian, and f is a formula.
    struct Harmonic {
        stiffness: f64,
        centres: Vec<f64>,
    }

    impl Harmonic {
        /// `-ln` of the integral of `exp(-x^2/2 - k/2 (x - c)^2)`, less that of the first window.
        fn exact(&self) -> Vec<f64> {
            let f = |c: &f64| 0.5 * c * c * self.stiffness / (1.0 + self.stiffness);
            self.centres.iter().map(|c| f(c) - f(&self.centres[0])).collect()
        }

        fn samples(&self, each: usize, seed: u64) -> (Mbar, Vec<f64>) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let (mut x, mut origins) = (Vec::new(), Vec::new());
            for (window, c) in self.centres.iter().enumerate() {
                let mean = c * self.stiffness / (1.0 + self.stiffness);
                let sd = (1.0 + self.stiffness).powf(-0.5);
                let normal = |rng: &mut ChaCha8Rng| rng.sample::<f64, _>(StandardNormal);
                x.extend((0..each).map(|_| mean + sd * normal(&mut rng)));
                origins.extend(std::iter::repeat_n(window, each));
            }
            let bias = Array2::from_shape_fn((x.len(), self.centres.len()), |(n, k)| {
                0.5 * self.stiffness * (x[n] - self.centres[k]).powi(2)
            });
            (Mbar::new(bias, origins), x)
        }
    }

    fn windows() -> Harmonic {
        Harmonic { stiffness: 8.0, centres: (-4..=4).map(|k| 0.6 * f64::from(k)).collect() }
    }

    #[test]
    fn harmonic_windows_have_their_exact_free_energies() {
        let harmonic = windows();
        let (mbar, x) = harmonic.samples(4_000, 1);
        let weights = Array1::ones(x.len());
        let solution = mbar.solve(weights.view()).unwrap();
        for (found, exact) in solution.f_kt.iter().zip(harmonic.exact()) {
            // Four standard deviations of this many samples, by repeating with other seeds.
            assert!((found - exact).abs() < 0.09, "{found} {exact}");
        }
        // It is the fixed point.
        let again = mbar.fixed_point(&solution.f_kt, &mbar.counts(weights.view()), weights.view());
        assert!(again.iter().zip(&solution.f_kt).all(|(a, b)| (a - b).abs() < 1e-8));
    }

    /// Weights are repetitions, and a solution nearby is found from another one.
    #[test]
    fn a_weight_of_two_is_a_sample_twice() {
        let harmonic = windows();
        let (mbar, x) = harmonic.samples(200, 2);
        let ones = Array1::ones(x.len());
        let start = mbar.solve(ones.view()).unwrap();
        let near = mbar.solve_near(&start, (&ones * 2.0).view()).unwrap();
        assert!(near.iter().zip(&start.f_kt).all(|(a, b)| (a - b).abs() < 1e-6));
        let weights = Array1::from_shape_fn(x.len(), |n| if n % 3 == 0 { 2.0 } else { 1.0 });
        let (direct, near) =
            (mbar.solve(weights.view()).unwrap().f_kt, mbar.solve_near(&start, weights.view()).unwrap());
        assert!(direct.iter().zip(&near).all(|(a, b)| (a - b).abs() < 1e-4), "{direct} {near}");
    }

    #[test]
    fn windows_without_overlap_are_refused() {
        let harmonic = Harmonic { stiffness: 1e5, centres: vec![0.0, 3.0] };
        let (mbar, x) = harmonic.samples(50, 3);
        let error = mbar.solve(Array1::ones(x.len()).view()).unwrap_err();
        assert_eq!(error, NoOverlap);
    }
}
