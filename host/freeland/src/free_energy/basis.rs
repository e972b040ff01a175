//! A Fourier basis over coarse space, with a prior on its coefficients.
use std::f64::consts::PI;

use crate::config::free_energy::FreeEnergyConfig;
use crate::space::Axis;
use crate::space::Domain;

/// The smoothness exponent of the Matérn prior: a draw of it is twice differentiable.
const MATERN_NU: f64 = 2.5;
/// Functions whose prior variance is below this fraction of the largest are left out.
const VARIANCE_FLOOR: f64 = 1e-9;
/// A linear axis is extended by this fraction of its range on either side, so that the zero slope that cosines have at
/// the ends of their interval lies outside of what is used.
const MARGIN: f64 = 0.25;

/// Products of one-dimensional Fourier functions, `f(s) = sum_k c_k phi_k(s)`.
///
/// A circle contributes `1, cos(ks), sin(ks)`, a line `cos(k pi t)` with `t` in [0, 1] on its range and a margin. The
/// coefficients have independent normal priors whose variances follow the spectrum of a Matérn covariance with the
/// configured length (as a fraction of each axis' range); the constant has none. They are scaled so that the variance of F at
/// a point, averaged over the ranges of the axes, is the square of the configured amplitude (kT), the constant left out. The
/// functions with the largest spectrum are kept, up to the configured number, so that one basis serves any number of
/// dimensions.
#[derive(Debug, Clone)]
pub struct Basis {
    axes: Vec<Harmonics>,
    /// Index of the one-dimensional function along each axis, `[functions][axes]`.
    functions: Vec<u16>,
    prior_sd_kt: Vec<f64>,
}

/// The one-dimensional functions along an axis.
#[derive(Debug, Clone, Copy)]
struct Harmonics {
    domain: Domain,
    origin: f64,
    /// Radians of the first harmonic per unit of the variable.
    wave_number: f64,
    /// One more than the largest function index used.
    orders: usize,
}

impl Harmonics {
    fn new(variable: &Axis) -> Self {
        let (low, high) = variable.range;
        match variable.domain {
            Domain::Circle => Self { domain: Domain::Circle, origin: 0.0, wave_number: 1.0, orders: 1 },
            Domain::Line => {
                let margin = MARGIN * (high - low);
                let wave_number = PI / (high - low + 2.0 * margin);
                Self { domain: Domain::Line, origin: low - margin, wave_number, orders: 1 }
            }
        }
    }

    /// Harmonic number of function `index`.
    fn harmonic(&self, index: usize) -> usize {
        match self.domain {
            Domain::Circle => index.div_ceil(2),
            Domain::Line => index,
        }
    }

    /// `1 / E[phi^2]` over the whole interval of the functions: that of a cosine is one half.
    fn normalisation(&self, index: usize) -> f64 {
        if index == 0 { 1.0 } else { 2.0 }
    }

    /// `E[phi^2]` of function `index` over the range of the variable.
    fn mean_square(&self, index: usize) -> f64 {
        match (index, self.domain) {
            (0, _) => 1.0,
            (_, Domain::Circle) => 0.5,
            (k, Domain::Line) => {
                // Of cos^2(k pi t) between `begin` and `1 - begin`, where the margins are.
                let begin = MARGIN / (1.0 + 2.0 * MARGIN);
                let angle = 2.0 * PI * k as f64;
                let sines = (angle * (1.0 - begin)).sin() - (angle * begin).sin();
                0.5 + 0.5 * sines / (angle * (1.0 - 2.0 * begin))
            }
        }
    }

    /// Values of the functions `0..orders` at `s`.
    fn evaluate(&self, s: f64, out: &mut [f64]) {
        let (sin, cos) = ((s - self.origin) * self.wave_number).sin_cos();
        let (mut c, mut d) = (1.0, 0.0);
        out[0] = 1.0;
        for harmonic in 1..=self.harmonic(self.orders - 1) {
            (c, d) = (c * cos - d * sin, c * sin + d * cos);
            match self.domain {
                Domain::Line => out[harmonic] = c,
                Domain::Circle => {
                    out[2 * harmonic - 1] = c;
                    if 2 * harmonic < self.orders {
                        out[2 * harmonic] = d;
                    }
                }
            }
        }
    }
}

impl Basis {
    /// The basis for the given coarse variables.
    pub fn new(variables: &[Axis], config: &FreeEnergyConfig) -> Self {
        let mut axes: Vec<Harmonics> = variables.iter().map(Harmonics::new).collect();
        // Lengths relative to the range make axes of different units comparable.
        let lengths: Vec<f64> =
            variables.iter().map(|v| config.relative_length * (v.range.1 - v.range.0)).collect();
        let exponent = MATERN_NU + 0.5 * variables.len() as f64;
        let spectrum = |function: &[u16]| -> f64 {
            let squared: f64 = (axes.iter().zip(&lengths).zip(function))
                .map(|((axis, length), &k)| {
                    (axis.harmonic(k.into()) as f64 * axis.wave_number * length).powi(2)
                })
                .sum();
            (1.0 + squared).powf(-exponent)
        };
        // Candidates: every product whose spectrum is above the floor, found axis by axis.
        let mut candidates: Vec<(f64, Vec<u16>)> = vec![(1.0, vec![0; axes.len()])];
        for dimension in 0..axes.len() {
            let mut grown = Vec::new();
            for (_, function) in &candidates {
                for k in 0..u16::MAX {
                    let mut longer = function.clone();
                    longer[dimension] = k;
                    let variance = spectrum(&longer);
                    if variance < VARIANCE_FLOOR {
                        break;
                    }
                    grown.push((variance, longer));
                }
            }
            grown.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            grown.truncate(config.max_functions);
            candidates = grown;
        }
        // Sorted by spectrum, so the constant is first.
        let product = |function: &[u16], factor: fn(&Harmonics, usize) -> f64| -> f64 {
            axes.iter().zip(function).map(|(axis, &k)| factor(axis, k.into())).product()
        };
        let variances: Vec<f64> =
            candidates.iter().map(|(spectrum, k)| spectrum * product(k, Harmonics::normalisation)).collect();
        let at_random_s: f64 = (candidates.iter().zip(&variances).skip(1))
            .map(|((_, k), variance)| variance * product(k, Harmonics::mean_square))
            .sum();
        let amplitude = config.prior_amplitude.0;
        let prior_sd_kt = (variances.iter().enumerate())
            .map(|(i, v)| if i == 0 { f64::INFINITY } else { amplitude * (v / at_random_s).sqrt() })
            .collect();
        let functions: Vec<u16> = candidates.into_iter().flat_map(|c| c.1).collect();
        for (dimension, axis) in axes.iter_mut().enumerate() {
            axis.orders = 1 + functions
                .iter()
                .skip(dimension)
                .step_by(variables.len())
                .max()
                .map_or(0, |&k| k as usize);
        }
        Self { axes, functions, prior_sd_kt }
    }

    /// Number of functions; function 0 is the constant.
    pub fn len(&self) -> usize {
        self.prior_sd_kt.len()
    }

    /// Never: the constant is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Prior standard deviation of each coefficient, kT; infinite for the constant.
    pub fn prior_sd_kt(&self) -> &[f64] {
        &self.prior_sd_kt
    }

    /// A buffer for [`Basis::evaluate`].
    pub fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.axes.iter().map(|axis| axis.orders).sum()]
    }

    /// Writes all functions at the point `s` (`[axes]`) into `out` (`[functions]`).
    pub fn evaluate(&self, s: &[f64], scratch: &mut [f64], out: &mut [f64]) {
        let mut start = 0;
        for (axis, &value) in self.axes.iter().zip(s) {
            axis.evaluate(value, &mut scratch[start..start + axis.orders]);
            start += axis.orders;
        }
        if let [first, _] = self.axes[..] {
            let (a, b) = scratch.split_at(first.orders);
            for (value, k) in out.iter_mut().zip(self.functions.chunks_exact(2)) {
                *value = a[k[0] as usize] * b[k[1] as usize];
            }
            return;
        }
        for (value, function) in out.iter_mut().zip(self.functions.chunks_exact(self.axes.len())) {
            let mut start = 0;
            *value = 1.0;
            for (axis, &k) in self.axes.iter().zip(function) {
                *value *= scratch[start + k as usize];
                start += axis.orders;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;
    use crate::units::{Kt, Unit};

    fn variables(domains: &[Domain]) -> Vec<Axis> {
        let variable = |domain: &Domain| Axis {
            name: "s".to_owned(),
            domain: *domain,
            unit: Unit::Reduced,
            range: if *domain == Domain::Circle { (-PI, PI) } else { (-2.5, 1.1) },
            bins: 10,
        };
        domains.iter().map(variable).collect()
    }

    /// Draws of the prior at random places have the standard deviation that was asked for, in any number of dimensions.
    #[test]
    fn a_prior_of_ten_kt_is_one_of_ten_kt() {
        use Domain::{Circle, Line};
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for domains in [
            &[Circle][..],
            &[Line],
            &[Circle, Circle],
            &[Line, Circle],
            &[Circle, Line, Line],
            &[Circle; 6],
            &[Line; 6],
        ] {
            for relative_length in [0.1, 0.5] {
                let variables = variables(domains);
                let config = FreeEnergyConfig {
                    relative_length,
                    prior_amplitude: Kt(10.0),
                    ..FreeEnergyConfig::default()
                };
                let basis = Basis::new(&variables, &config);
                let (mut scratch, mut values) = (basis.scratch(), vec![0.0; basis.len()]);
                let n = 20_000;
                let mut squares = 0.0;
                for _ in 0..n {
                    let s: Vec<f64> =
                        variables.iter().map(|v| rng.random_range(v.range.0..v.range.1)).collect();
                    basis.evaluate(&s, &mut scratch, &mut values);
                    let f_kt: f64 = (basis.prior_sd_kt().iter().zip(&values).skip(1))
                        .map(|(sd, value)| sd * value * rng.sample::<f64, _>(StandardNormal))
                        .sum();
                    squares += f_kt * f_kt;
                }
                let found = f64::sqrt(squares / f64::from(n));
                // Of n normal numbers the standard deviation is known to 1 / sqrt(2 n), 0.5 %.
                assert!((found - 10.0).abs() < 0.3, "{domains:?} {relative_length}: {found}");
            }
        }
    }
}
