//! The potential does what it says.
use epp::sdk::{Trial, TrialBatch};
use epp_template_rust::LennardJones;

/// Rows of atoms, all but the first two out of reach of each other.
fn pair(trial: &Trial<LennardJones>, distance: f64) -> Vec<f64> {
    let mut r = vec![0.0; 3 * trial.info().atoms as usize];
    r.chunks_exact_mut(3).enumerate().for_each(|(i, atom)| atom[0] = 1e6 * i as f64);
    if let Some(second) = r.get_mut(3) {
        *second = distance;
    }
    r
}

#[test]
fn the_minimum_of_a_pair_is_minus_epsilon() {
    let trial = Trial::<LennardJones>::create(r#"{"epsilon": 2.0, "sigma": 0.3}"#, None).unwrap();
    let minimum = pair(&trial, 0.3 * 2.0_f64.powf(1.0 / 6.0));
    let results = trial.evaluate(&minimum).unwrap();
    let expected = if trial.info().atoms > 1 { -2.0 } else { 0.0 };
    assert!((results.energies[0] - expected).abs() < 1e-12, "{}", results.energies[0]);
    assert!(results.gradients.iter().all(|g| g.abs() < 1e-10), "{:?}", results.gradients);
}

#[test]
fn the_gradient_is_the_slope_of_the_energy() {
    let trial = Trial::<LennardJones>::create("{}", None).unwrap();
    let (step, r) = (1e-6, pair(&trial, 0.36));
    let mut moved = r.clone();
    let mut energy = |shift: f64| {
        moved[0] = r[0] + shift;
        trial.evaluate(&moved).unwrap().energies[0]
    };
    let slope = (energy(step) - energy(-step)) / (2.0 * step);
    let gradient = trial.evaluate(&r).unwrap().gradients[0];
    assert!((gradient - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{gradient}, expected {slope}");
}

#[test]
fn the_virial_is_the_slope_of_the_energy_with_a_strain() {
    let trial = Trial::<LennardJones>::create("{}", None).unwrap();
    let (step, r) = (1e-6, pair(&trial, 0.36));
    let energy = |strain: f64| {
        let strained: Vec<f64> = r.iter().map(|r| r * (1.0 + strain)).collect();
        trial.evaluate(&strained).unwrap().energies[0]
    };
    let slope = (energy(step) - energy(-step)) / (2.0 * step);
    let batch = TrialBatch { positions: &r, outputs: &["virial"], ..TrialBatch::default() };
    let virial = trial.evaluate_batch(&batch).unwrap().outputs.remove("virial").unwrap();
    let trace = virial[0] + virial[4] + virial[8];
    assert!((trace - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{trace}, expected {slope}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let error = Trial::<LennardJones>::create(r#"{"sigma": -1}"#, None).unwrap_err();
    assert!(error.text.contains("sigma: must be positive"), "{error}");
}
