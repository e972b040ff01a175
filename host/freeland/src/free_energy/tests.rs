//! The estimator against free energies that are known.
use std::f64::consts::PI;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::{Draws, Ensemble};
use crate::config::free_energy::FreeEnergyConfig;
use crate::landscape::Landscape;
use crate::space::Axis;
use crate::space::Domain;
use crate::units::Unit;

fn circle(name: &str, bins: usize) -> Axis {
    Axis { name: name.to_owned(), domain: Domain::Circle, unit: Unit::Radian, range: (-PI, PI), bins }
}

fn line(name: &str, range: (f64, f64), bins: usize) -> Axis {
    Axis { name: name.to_owned(), domain: Domain::Line, unit: Unit::Reduced, range, bins }
}

/// One draw per site: `ln w = -F(s) - offset + noise`, with noise such that `E[exp(noise)] = 1`.
fn draws(
    n: usize,
    noise_kt: f64,
    rng: &mut ChaCha8Rng,
    mut site: impl FnMut(&mut ChaCha8Rng) -> Vec<f64>,
    f: impl Fn(&[f64]) -> f64,
) -> Draws {
    let s = site(rng);
    let mut draws = Draws::new(s.len());
    for i in 0..n {
        if i % 2000 == 0 {
            draws.start_generation();
        }
        let s = site(rng);
        let noise = noise_kt * rng.sample::<f64, _>(StandardNormal) - 0.5 * noise_kt * noise_kt;
        draws.push(&s, -f(&s) - 321.0 + noise);
    }
    draws
}

/// Differences to the truth in units of the ensemble's spread, and in kT, over bins that draws reach.
fn errors(pmf: &Landscape, f: impl Fn(&[f64]) -> f64, inside: impl Fn(&[f64]) -> bool) -> (f64, f64) {
    let mut rows = Vec::new();
    for (index, found) in pmf.f_kt.indexed_iter() {
        let s: Vec<f64> = pmf.axes.iter().enumerate().map(|(k, axis)| axis[index[k]]).collect();
        if inside(&s) {
            rows.push((found - f(&s), pmf.f_std_kt[&index]));
        }
    }
    let n = rows.len() as f64;
    let mean = rows.iter().map(|(d, _)| d).sum::<f64>() / n;
    let rms = (rows.iter().map(|(d, _)| (d - mean).powi(2)).sum::<f64>() / n).sqrt();
    let relative = (rows.iter().map(|(d, std)| ((d - mean) / std).powi(2)).sum::<f64>() / n).sqrt();
    (relative, rms)
}

fn torsions() -> Vec<Axis> {
    vec![circle("phi", 60), circle("psi", 60)]
}

fn two_dimensional(s: &[f64]) -> f64 {
    4.0 * (s[0].cos() + (2.0 * s[1] - s[0]).sin()) + 2.0 * (3.0 * s[0]).sin() * s[1].cos()
}

#[test]
fn a_surface_on_the_torus_comes_out_within_its_error() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let site = |rng: &mut ChaCha8Rng| vec![rng.random_range(-PI..PI), rng.random_range(-PI..PI)];
    let draws = draws(20_000, 0.8, &mut rng, site, two_dimensional);
    let ensemble = Ensemble::fit(&torsions(), &draws, &FreeEnergyConfig::default(), &mut rng).unwrap();
    let pmf = ensemble.landscape(&torsions());
    let (relative, rms) = errors(&pmf, two_dimensional, |_| true);
    // 20,000 draws of relative variance exp(0.64) - 1 = 0.9 over at most 512 functions: sqrt(512 * 0.9 / 20000) = 0.15.
    assert!(rms < 0.15, "root mean square error {rms} kT");
    assert!((0.5..1.6).contains(&relative), "error over spread {relative}");
    let expected = (-0.64_f64).exp();
    for count in [2_000, 20_000, 100_000] {
        let found = ensemble.ess_fraction(&draws, count);
        assert!((found - expected).abs() < 0.1, "{count}: {found}");
    }
}

/// Members agree where draws are and disagree by many kT where none are: that is what exploration goes by.
#[test]
fn members_disagree_where_there_are_no_draws() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let site = |rng: &mut ChaCha8Rng| vec![rng.random_range(-PI..0.0), rng.random_range(-PI..PI)];
    let draws = draws(10_000, 0.5, &mut rng, site, two_dimensional);
    let ensemble = Ensemble::fit(&torsions(), &draws, &FreeEnergyConfig::default(), &mut rng).unwrap();
    let mut scratch = ensemble.scratch();
    let inside = ensemble.predict(&[-1.5, 1.0], &mut scratch);
    let outside = ensemble.predict(&[1.5, 1.0], &mut scratch);
    assert!(inside.std_kt < 0.3, "{inside:?}");
    assert!(outside.std_kt > 2.0, "{outside:?}");
}

/// A line with a steep wall, as Mueller-Brown has it.
#[test]
fn a_profile_on_a_line_comes_out_within_its_error() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let f = |s: &[f64]| 6.0 * (3.0 * s[0]).cos() + 3.0 * s[0] * s[0];
    let line = [line("s", (-2.5, 1.1), 100)];
    let draws = draws(5_000, 0.6, &mut rng, |rng| vec![rng.random_range(-2.5..1.1)], f);
    let ensemble = Ensemble::fit(&line, &draws, &FreeEnergyConfig::default(), &mut rng).unwrap();
    let pmf = ensemble.landscape(&line);
    let (relative, rms) = errors(&pmf, f, |_| true);
    assert!(rms < 0.08, "root mean square error {rms} kT");
    assert!((0.4..2.0).contains(&relative), "error over spread {relative}");
}

/// Failed draws weigh zero and count: half of all draws failing everywhere shifts F by ln 2 and changes nothing else, and
/// half failing on one side only raises F there by ln 2.
#[test]
fn failed_draws_count_as_zero() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let circles = [circle("phi", 60)];
    let mut draws = Draws::new(1);
    for _ in 0..20_000 {
        let s = rng.random_range(-PI..PI);
        let failed = s > 0.0 && rng.random::<bool>();
        draws.push(&[s], if failed { f64::NAN } else { 0.0 });
    }
    let ensemble = Ensemble::fit(&circles, &draws, &FreeEnergyConfig::default(), &mut rng).unwrap();
    let mut scratch = ensemble.scratch();
    let rise = ensemble.f_kt(&[1.5], &mut scratch) - ensemble.f_kt(&[-1.5], &mut scratch);
    assert!((rise - 2.0_f64.ln()).abs() < 0.1, "{rise}");
    let found = ensemble.ess_fraction(&draws, 20_000);
    assert!((found - 1.0 / 1.5).abs() < 0.05, "{found}");
}

#[test]
fn no_finite_weight_is_an_error() {
    let mut draws = Draws::new(1);
    (0..10).for_each(|_| draws.push(&[0.0], f64::NAN));
    let circles = [circle("phi", 60)];
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let error = Ensemble::fit(&circles, &draws, &FreeEnergyConfig::default(), &mut rng).unwrap_err();
    assert!(error.to_string().starts_with("none of 10 draws has a finite importance weight"), "{error}");
}

/// Frames of another unit: weights spread over millions of kT. There is a number and an error everywhere, and the effective
/// sample size says what they are worth.
#[test]
fn weights_beyond_all_numbers_leave_none_that_is_not() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut draws = Draws::new(1);
    for _ in 0..2_000 {
        draws.push(&[rng.random_range(-PI..PI)], -1e6 * rng.random::<f64>());
    }
    let circles = [circle("phi", 60)];
    let ensemble = Ensemble::fit(&circles, &draws, &FreeEnergyConfig::default(), &mut rng).unwrap();
    let pmf = ensemble.landscape(&circles);
    assert!(pmf.f_kt.iter().all(|f| f.is_finite()), "{pmf:?}");
    assert!(pmf.f_std_kt.iter().all(|std| *std > 0.0), "{pmf:?}");
    assert!(ensemble.ess_fraction(&draws, 2_000) < 0.01);
}

/// Where F is no number its error is none, and neither the spread nor the change of F leaves it out.
#[test]
fn what_is_no_number_has_no_error() {
    let circles = [circle("phi", 4)];
    let config = FreeEnergyConfig::default();
    let functions = super::Basis::new(&circles, &config).len();
    let coefficients = |value: f64| super::Coefficients {
        centre: vec![value; functions],
        members: vec![vec![value; functions]; 3],
    };
    let pmf =
        |value: f64| Ensemble::from_coefficients(&circles, &config, coefficients(value)).landscape(&circles);
    let (bad, good) = (pmf(f64::NAN), pmf(0.0));
    assert!(bad.f_kt.iter().chain(&bad.f_std_kt).all(|value| value.is_nan()), "{bad:?}");
    let spread = bad.spread_below(10.0);
    assert!(spread.rms_kt.is_nan() && spread.largest_kt.is_nan(), "{spread:?}");
    assert!(bad.change_below(&good, 10.0).is_nan() && good.change_below(&bad, 10.0).is_nan());
    assert_eq!(good.change_below(&good, 10.0), 0.0);
    let ensemble = Ensemble::from_coefficients(&circles, &config, coefficients(f64::NAN));
    assert!(ensemble.predict(&[0.0], &mut ensemble.scratch()).std_kt.is_nan());
}
