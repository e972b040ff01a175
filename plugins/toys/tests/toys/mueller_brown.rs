//! Müller-Brown at temperature 10.
use epp::sdk::{SampleStatus, Trial};
use freeland_toys::MuellerBrown;

use crate::quadrature::{integral, partition_function, points};

const BETA: f64 = 0.1;

fn trial() -> Trial<MuellerBrown> {
    Trial::create("{}", None).unwrap()
}

/// `-ln ∫ exp(-beta V) dt`, with `s = x - y` and `t = x + y`; the 1/2 of `dx dy = ds dt / 2` is left out.
fn free_energy(trial: &Trial<MuellerBrown>, s: f64) -> f64 {
    let t = points(-4.5, 4.8, 1861);
    let positions: Vec<f64> = t.iter().flat_map(|t| [0.5 * (t + s), 0.5 * (t - s)]).collect();
    let results = trial.evaluate(&positions).unwrap();
    // So far out that V overflows, the Boltzmann factor is zero.
    let weight = |(&energy, &status): (&f64, &i32)| if status == 0 { (-BETA * energy).exp() } else { 0.0 };
    let weights: Vec<f64> = results.energies.iter().zip(&results.statuses).map(weight).collect();
    -integral(&weights, t[1] - t[0]).ln()
}

#[test]
fn partition_function_over_the_box() {
    let z = partition_function(&trial(), BETA, &points(-3.3, 1.6, 491), &points(-1.2, 3.2, 441));
    // The value, to the digits that are known.
    assert!((z - 124_192.810_3).abs() < 1e-3, "{z}");
}

#[test]
fn free_energy_along_x_minus_y() {
    let trial = trial();
    // The zero of these values is where the published table has its minimum, at the centre of a bin of its grid.
    let zero = free_energy(&trial, -2.014);
    let known = [(-1.402, 10.585), (-0.502, 6.988), (-0.106, 7.494), (0.578, 4.600), (1.010, 9.758)];
    for (s, expected) in known {
        let f = free_energy(&trial, s) - zero;
        assert!((f - expected).abs() < 1e-3, "F({s}) = {f}, expected {expected}");
    }
    // The minimum itself lies at s = -2.000, 0.020 lower.
    let at = |s: &f64| free_energy(&trial, *s);
    let s = points(-4.0, 2.0, 601).into_iter().min_by(|a, b| at(a).total_cmp(&at(b))).unwrap();
    assert!((s + 2.0).abs() < 1e-9 && (at(&s) - zero + 0.020).abs() < 1e-3, "{s}: {}", at(&s) - zero);
}

#[test]
fn population_of_the_deepest_well() {
    let trial = trial();
    let weights = |from, to, count| {
        let s = points(from, to, count);
        integral(&s.iter().map(|&s| (-free_energy(&trial, s)).exp()).collect::<Vec<_>>(), s[1] - s[0])
    };
    let (left, right) = (weights(-4.7, -0.7, 401), weights(-0.7, 2.3, 301));
    let probability = left / (left + right);
    assert!((probability - 0.97514).abs() < 1e-5, "{probability}");
}

#[test]
fn other_terms_can_be_given() {
    let one = r#"{"terms": [{"amplitude": -3.0, "xx": -1.0, "xy": 0.0, "yy": -2.0, "centre": [0.5, -0.5]}]}"#;
    let trial = Trial::<MuellerBrown>::create(one, None).unwrap();
    let results = trial.evaluate(&[0.5, -0.5, 1.5, -0.5]).unwrap();
    assert_eq!(results.energies, [-3.0, -3.0 * (-1.0_f64).exp()]);
}

#[test]
fn bad_terms_are_named() {
    let message = |config| Trial::<MuellerBrown>::create(config, None).unwrap_err().text;
    assert!(message(r#"{"terms": []}"#).contains("terms"));
    let text = message(r#"{"terms": [{"amplitude": "deep", "xx": 0, "xy": 0, "yy": 0, "centre": [0, 0]}]}"#);
    assert!(text.contains("terms[0].amplitude") && text.contains("deep"), "{text}");
}

#[test]
fn an_energy_that_overflows_is_no_number() {
    let results = trial().evaluate(&[1e3, 1e3, 0.0, 0.0]).unwrap();
    assert_eq!(results.statuses, [SampleStatus::EnergyNotFinite as i32, 0]);
    assert!(results.energies[0].is_nan());
    assert_eq!(results.gradients[..2], [0.0, 0.0]);
}
