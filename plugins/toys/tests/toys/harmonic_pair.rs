//! Two particles on a spring in a box.
use std::f64::consts::PI;

use epp::sdk::{SampleStatus, Trial, TrialBatch};
use freeland_toys::HarmonicPair;

use crate::quadrature::{partition_function, points};

#[test]
fn density_and_partition_function() {
    let (k, length) = (2.0, 4.0);
    let trial = Trial::<HarmonicPair>::create("{}", None).unwrap();
    // Constant in x1, once x2 is integrated out: two points would do.
    let z = partition_function(&trial, 1.0, &points(0.0, length, 9), &points(-6.0, 10.0, 641));
    let expected = length * (PI / k).sqrt();
    assert!((z - expected).abs() < 1e-12 * expected, "{z}, expected {expected}");
    for (x1, x2) in [(0.0, 0.3), (2.2, 1.9), (4.0, 4.0), (1.0, -0.5)] {
        let p = (-trial.evaluate(&[x1, x2]).unwrap().energies[0]).exp() / z;
        let exact = (k / (PI * length * length)).sqrt() * (-k * (x2 - x1) * (x2 - x1)).exp();
        assert!((p - exact).abs() < 1e-13 * exact, "{p}, expected {exact}");
    }
}

#[test]
fn the_walls_hold_the_first_particle_only() {
    let trial = Trial::<HarmonicPair>::create(r#"{"length": 1.5}"#, None).unwrap();
    let results = trial.evaluate(&[-1e-9, 0.0, 0.0, -1.0, 1.5, 2.0, 1.6, 1.0]).unwrap();
    let outside = SampleStatus::OutsideDomain as i32;
    assert_eq!(results.statuses, [outside, 0, 0, outside]);
    assert!(results.energies[0].is_nan() && results.energies[3].is_nan());
    assert_eq!(results.gradients[..2], [0.0, 0.0]);
}

#[test]
fn the_virial_is_the_derivative_by_a_strain() {
    let trial = Trial::<HarmonicPair>::create("{}", None).unwrap();
    let batch =
        TrialBatch { positions: &[1.0, 1.5, -1.0, 2.0], outputs: &["virial"], ..TrialBatch::default() };
    let results = trial.evaluate_batch(&batch).unwrap();
    // k (x2 - x1)² (1 + e)² has the derivative 2 U at e = 0.
    let virial = &results.outputs["virial"];
    assert_eq!((virial[0], &virial[1..9]), (2.0 * results.energies[0], &[0.0; 8][..]));
    assert!(virial[9..].iter().all(|value| value.is_nan()), "outside the box");
}
