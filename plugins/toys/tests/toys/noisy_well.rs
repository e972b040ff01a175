//! The double well with a noisy energy.
use epp::sdk::{Trial, TrialBatch};
use freeland_toys::{DoubleWell, NoisyWell};

fn energies(seed: u64, first: u64, count: usize) -> Vec<f64> {
    let trial = Trial::<NoisyWell>::create("{}", None).unwrap();
    let positions = [-1.7, 0.3].repeat(count);
    trial
        .evaluate_batch(&TrialBatch { positions: &positions, seed, first, ..TrialBatch::default() })
        .unwrap()
        .energies
}

#[test]
fn a_batch_may_be_cut_anywhere() {
    let whole = energies(5, 10, 7);
    assert_eq!([energies(5, 10, 3), energies(5, 13, 4)].concat(), whole);
    assert_ne!(energies(6, 10, 7), whole);
}

#[test]
fn energies_scatter_as_they_say() {
    let (count, noise) = (40_000, 0.5_f64);
    let exact = Trial::<DoubleWell>::create("{}", None).unwrap().evaluate(&[-1.7, 0.3]).unwrap();
    let errors: Vec<f64> = energies(1, 0, count).iter().map(|energy| energy - exact.energies[0]).collect();
    let mean = errors.iter().sum::<f64>() / count as f64;
    let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / count as f64;
    // Five standard errors each.
    assert!(mean.abs() < 5.0 * noise / (count as f64).sqrt(), "{mean}");
    assert!((variance - 0.25).abs() < 5.0 * 0.25 * (2.0 / count as f64).sqrt(), "{variance}");

    let trial = Trial::<NoisyWell>::create("{}", None).unwrap();
    let batch =
        TrialBatch { positions: &[-1.7, 0.3], outputs: &["energy-variance"], ..TrialBatch::default() };
    let results = trial.evaluate_batch(&batch).unwrap();
    assert_eq!((results.gradients, &results.outputs["energy-variance"][..]), (exact.gradients, &[0.25][..]));
    assert_eq!(trial.info().flags, epp::sys::FLAG_USES_SEED);
}
