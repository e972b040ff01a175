//! The normal distribution.
use std::f64::consts::PI;

use epp::sdk::{CreateRequest, Potential, Trial};
use freeland_toys::{Gaussian, GaussianConfig};

use crate::quadrature::{partition_function, points};

fn gaussian(config: &str) -> Gaussian {
    Gaussian::create(CreateRequest::new(serde_json::from_str::<GaussianConfig>(config).unwrap())).unwrap()
}

#[test]
fn partition_function_is_known() {
    let given = r#"{"covariance": [[0.5, -0.3], [-0.3, 0.4]], "mean": [1.0, -2.0]}"#;
    for (config, determinant) in [("{}", 1.75_f64), (given, 0.11)] {
        let trial = Trial::<Gaussian>::create(config, None).unwrap();
        let expected = 2.0 * PI * determinant.sqrt();
        let z = partition_function(&trial, 1.0, &points(-12.0, 12.0, 481), &points(-14.0, 14.0, 561));
        assert!((z - expected).abs() < 1e-11 * expected, "{z}, expected {expected}");
        let log_z = gaussian(config).log_partition_function();
        assert!((log_z - expected.ln()).abs() < 1e-13, "{log_z}, expected {}", expected.ln());
    }
}

#[test]
fn many_dimensions() {
    let n = 40;
    let row = |i: usize| (0..n).map(|j| if i == j { 2.0 + i as f64 } else { 0.0 }).collect::<Vec<_>>();
    let config = serde_json::json!({ "covariance": (0..n).map(row).collect::<Vec<_>>() });
    let trial = Trial::<Gaussian>::create(&config.to_string(), None).unwrap();
    let position: Vec<f64> = (0..n).map(|i| 0.1 * i as f64 - 1.0).collect();
    let results = trial.evaluate(&position).unwrap();
    let expected: f64 = position.iter().enumerate().map(|(i, x)| 0.5 * x * x / (2.0 + i as f64)).sum();
    assert!((results.energies[0] - expected).abs() < 1e-12);
    for (i, x) in position.iter().enumerate() {
        assert!((results.gradients[i] - x / (2.0 + i as f64)).abs() < 1e-14);
    }
    let single: Vec<f32> = position.iter().map(|&x| x as f32).collect();
    assert!((trial.evaluate_f32(&single).unwrap().energies[0] - expected).abs() < 1e-5);
}

#[test]
fn bad_covariances_are_refused() {
    let cases = [
        (r#"{"covariance": []}"#, "at least one row"),
        (r#"{"covariance": [[1, 0], [0]]}"#, "covariance[1]: expected 2 numbers"),
        (r#"{"covariance": [[1, 0.5], [0.4, 1]]}"#, "not symmetric, [1][0] is 0.4 and [0][1] is 0.5"),
        (r#"{"covariance": [[1, 2], [2, 1]]}"#, "not positive definite"),
        (r#"{"mean": [1]}"#, "mean: expected 2 numbers"),
    ];
    for (config, expected) in cases {
        let error = Trial::<Gaussian>::create(config, None).unwrap_err();
        assert!(error.text.contains(expected), "{config}: {error}");
    }
}
