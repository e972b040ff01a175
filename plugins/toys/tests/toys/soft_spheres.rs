//! Repelling spheres in a periodic box.
use epp::sdk::{Topology, Trial, TrialBatch, TrialRequest};
use freeland_toys::SoftSpheres;

const ROWS: [[f64; 3]; 3] = [[2.5, 0.0, 0.0], [0.5, 3.0, 0.0], [-0.25, 1.0, 4.0]];

fn molecule(atoms: usize) -> Topology {
    Topology { atomic_numbers: vec![18; atoms], ..Topology::default() }
}

#[test]
fn the_virial_is_the_derivative_by_a_strain_of_positions_and_box() {
    const STEP: f64 = 1e-6;
    let trial = Trial::<SoftSpheres>::create(r#"{"atoms": 3}"#, None).unwrap();
    let positions = [0.1, 0.2, 0.1, 2.3, 0.0, 0.2, 0.3, 0.5, 3.9];
    let batch = TrialBatch { unit_cell: Some(ROWS), outputs: &["virial"], ..TrialBatch::default() };
    let found = trial.evaluate_batch(&TrialBatch { positions: &positions, ..batch }).unwrap();
    assert!(found.energies[0] > 1.0, "pairs through the faces: {found:?}");
    for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
        let energy = |step: f64| {
            let (mut strained, mut rows) = (positions, ROWS);
            strained.chunks_exact_mut(3).for_each(|r| r[j] += step * r[i]);
            rows.iter_mut().for_each(|row| row[j] += step * row[i]);
            let batch = TrialBatch { positions: &strained, unit_cell: Some(rows), ..TrialBatch::default() };
            trial.evaluate_batch(&batch).unwrap().energies[0]
        };
        let expected = (energy(STEP) - energy(-STEP)) / (2.0 * STEP);
        let virial = found.outputs["virial"][3 * i + j];
        assert!((virial - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{i}{j}: {virial}, {expected}");
    }
}

#[test]
fn there_are_as_many_spheres_as_the_molecule_has_atoms() {
    let five = Trial::<SoftSpheres>::create(r#"{"height": 2.0}"#, Some(&molecule(5))).unwrap();
    assert_eq!(five.info().atoms, 5);
    let request = TrialRequest { topology: Some(molecule(2)), ..TrialRequest::default() };
    let two = five.derive(&request).unwrap();
    drop(five);
    let batch = TrialBatch { positions: &[0.0; 6], unit_cell: Some(ROWS), ..TrialBatch::default() };
    assert_eq!(two.evaluate_batch(&batch).unwrap().energies, [2.0], "with the height of the first");
    let error = Trial::<SoftSpheres>::create(r#"{"atoms": 3}"#, Some(&molecule(5))).unwrap_err();
    assert_eq!(error.code, epp::sys::E_BAD_TOPOLOGY);
}
