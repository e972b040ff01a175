//! Integrals of Boltzmann factors by the trapezoidal rule, which for a smooth integrand that vanishes at both ends
//! converges faster than any power of the spacing.
use epp::sdk::{Potential, Trial};

/// `count` equally spaced points from `from` to `to`, ends included.
pub fn points(from: f64, to: f64, count: usize) -> Vec<f64> {
    let spacing = (to - from) / (count - 1) as f64;
    (0..count).map(|i| from + spacing * i as f64).collect()
}

/// The integral of `values` at equally spaced points.
pub fn integral(values: &[f64], spacing: f64) -> f64 {
    spacing * (values.iter().sum::<f64>() - 0.5 * (values[0] + values[values.len() - 1]))
}

/// `exp(-beta U)` at `positions`, every one of which must be in the domain.
pub fn boltzmann<P: Potential>(trial: &Trial<P>, beta: f64, positions: &[f64]) -> Vec<f64> {
    let results = trial.evaluate(positions).unwrap();
    assert!(results.statuses.iter().all(|&status| status == 0));
    results.energies.iter().map(|energy| (-beta * energy).exp()).collect()
}

/// The integral of `exp(-beta U)` over `second`, for one value of the first coordinate.
pub fn marginal<P: Potential>(trial: &Trial<P>, beta: f64, first: f64, second: &[f64]) -> f64 {
    let positions: Vec<f64> = second.iter().flat_map(|&second| [first, second]).collect();
    integral(&boltzmann(trial, beta, &positions), second[1] - second[0])
}

/// The integral of `exp(-beta U)` over both coordinates.
pub fn partition_function<P: Potential>(trial: &Trial<P>, beta: f64, first: &[f64], second: &[f64]) -> f64 {
    let marginals: Vec<f64> = first.iter().map(|&first| marginal(trial, beta, first, second)).collect();
    integral(&marginals, first[1] - first[0])
}
