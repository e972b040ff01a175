//! What every toy must do, over a list of all of them.
use epp::sdk::{Potential, SampleStatus, Trial, TrialBatch};
use freeland_toys::{DoubleWell, Gaussian, HarmonicPair, MuellerBrown, SoftSpheres};

/// Central differences with Richardson's extrapolation: the error is of fourth order in this step.
const STEP: f64 = 1e-3;
/// Relative to 1 + |gradient|: truncation about 1e-12 times fifth derivatives (up to 1e4 here), rounding about 1e-10.
const GRADIENT_TOLERANCE: f64 = 1e-7;

macro_rules! for_every_toy {
    ($($test:ident => $contract:ident;)+) => {
        $(mod $test {
            use super::*;
            #[test]
            fn mueller_brown() { $contract::<MuellerBrown>(&[-0.4, 0.9]) }
            #[test]
            fn double_well() { $contract::<DoubleWell>(&[-1.2, 0.7]) }
            #[test]
            fn harmonic_pair() { $contract::<HarmonicPair>(&[1.7, 2.4]) }
            #[test]
            fn gaussian() { $contract::<Gaussian>(&[0.3, -1.1]) }
        })+
    };
}

for_every_toy! {
    gradient => gradient_is_the_derivative;
    golden => golden_energies_are_met;
    single_precision => f32_agrees_with_f64;
    bad_input => a_bad_sample_is_isolated;
    unknown_key => an_unknown_key_is_named;
}

/// Places around `centre`, fixed once and for all.
fn places(centre: &[f64]) -> impl Iterator<Item = Vec<f64>> {
    (0..20).map(|k| {
        let angle = f64::from(k);
        let radius = 0.05 * f64::from(k);
        vec![centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]
    })
}

fn gradient_is_the_derivative<P: Potential>(centre: &[f64]) {
    let trial = Trial::<P>::create("{}", None).unwrap();
    let energy = |place: &[f64]| trial.evaluate(place).unwrap().energies[0];
    for place in places(centre) {
        let results = trial.evaluate(&place).unwrap();
        assert_eq!(results.statuses, [0], "at {place:?}");
        for (k, &gradient) in results.gradients.iter().enumerate() {
            let difference = |step: f64| {
                let (mut ahead, mut behind) = (place.clone(), place.clone());
                ahead[k] += step;
                behind[k] -= step;
                (energy(&ahead) - energy(&behind)) / (2.0 * step)
            };
            let expected = (4.0 * difference(0.5 * STEP) - difference(STEP)) / 3.0;
            let error = (gradient - expected).abs() / (1.0 + expected.abs());
            assert!(
                error < GRADIENT_TOLERANCE,
                "at {place:?}, coordinate {k}: {gradient}, expected {expected}"
            );
        }
    }
}

fn golden_energies_are_met<P: Potential>(_centre: &[f64]) {
    golden_samples_are_met::<P>();
}

#[test]
fn golden_samples_of_a_periodic_toy_are_met() {
    golden_samples_are_met::<SoftSpheres>();
}

fn golden_samples_are_met<P: Potential>() {
    let config = serde_json::from_str("{}").unwrap();
    let known = P::create(epp::sdk::CreateRequest::new(config)).unwrap().reference();
    let trial = Trial::<P>::create("{}", None).unwrap();
    assert!(known.len() >= 3);
    for golden in known {
        let batch =
            TrialBatch { positions: &golden.positions, unit_cell: golden.unit_cell, ..TrialBatch::default() };
        let results = trial.evaluate_batch(&batch).unwrap();
        let error = (results.energies[0] - golden.energy).abs();
        assert!(error <= golden.tolerance * golden.energy.abs().max(1.0), "{golden:?}: {results:?}");
        let gradient = golden.gradient.as_deref().unwrap_or(&results.gradients);
        let largest = gradient.iter().fold(1.0, |largest: f64, g| largest.max(g.abs()));
        for (found, expected) in results.gradients.iter().zip(gradient) {
            assert!(
                (found - expected).abs() <= golden.gradient_tolerance * largest,
                "{golden:?}: {results:?}"
            );
        }
    }
}

fn f32_agrees_with_f64<P: Potential>(centre: &[f64]) {
    let trial = Trial::<P>::create("{}", None).unwrap();
    for place in places(centre) {
        let single: Vec<f32> = place.iter().map(|&coordinate| coordinate as f32).collect();
        let double: Vec<f64> = single.iter().map(|&coordinate| f64::from(coordinate)).collect();
        let (single, double) = (trial.evaluate_f32(&single).unwrap(), trial.evaluate(&double).unwrap());
        assert_eq!(single.energies, double.energies);
        let rounded: Vec<f64> = double.gradients.iter().map(|&gradient| f64::from(gradient as f32)).collect();
        assert_eq!(single.gradients, rounded);
    }
}

fn a_bad_sample_is_isolated<P: Potential>(centre: &[f64]) {
    let trial = Trial::<P>::create("{}", None).unwrap();
    let alone = trial.evaluate(centre).unwrap();
    let positions = [&[f64::NAN, 0.0], centre, &[0.0, f64::INFINITY], centre].concat();
    let results = trial.evaluate(&positions).unwrap();
    let bad = SampleStatus::NonFiniteInput as i32;
    assert_eq!(results.statuses, [bad, 0, bad, 0]);
    assert!(results.energies[0].is_nan() && results.energies[2].is_nan());
    assert_eq!((results.energies[1], results.energies[3]), (alone.energies[0], alone.energies[0]));
    assert_eq!(
        results.gradients,
        [&[0.0, 0.0], &alone.gradients[..], &[0.0, 0.0], &alone.gradients[..]].concat()
    );
}

fn an_unknown_key_is_named<P: Potential>(_centre: &[f64]) {
    let error = Trial::<P>::create(r#"{"temperatur": 3}"#, None).unwrap_err();
    assert_eq!(error.code, epp::sys::E_BAD_CONFIG);
    assert!(error.text.contains("temperatur"), "{error}");
}
