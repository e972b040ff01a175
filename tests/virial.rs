//! The output `virial` through the loader: soft spheres in a triclinic box, strained.

use freeland_loader::{Creation, EvaluateError, Library, Potential, Request};
use serde_json::json;

use crate::support::toys;

const ATOMS: usize = 6;
/// Central differences with this strain: their error is of second order, some 1e-8 of a virial of order 10.
const STRAIN: f64 = 1e-5;
const TOLERANCE: f64 = 1e-7;

type Matrix = [[f64; 3]; 3];

const BOX: Matrix = [[2.3, 0.0, 0.0], [0.4, 2.2, 0.0], [-0.3, 0.5, 2.4]];

fn spheres() -> Potential {
    let library = Library::open(&toys().join("libfreeland_toys.so")).unwrap();
    library.create("soft-spheres", &json!({ "atoms": ATOMS }), &Creation::default()).unwrap()
}

/// Spheres all over the box and a little beyond it, so that pairs meet through its faces.
fn positions() -> Vec<f64> {
    let fraction = |k: usize| 1.4 * (0.618_033_988_749_895 * (k as f64 + 0.5)).fract() - 0.2;
    (0..ATOMS).flat_map(|i| times([3 * i, 3 * i + 1, 3 * i + 2].map(fraction), BOX)).collect()
}

/// The row vector `v m`.
fn times(v: [f64; 3], m: Matrix) -> [f64; 3] {
    [0, 1, 2].map(|k| v[0] * m[0][k] + v[1] * m[1][k] + v[2] * m[2][k])
}

fn strained(rows: &[f64], strain: Matrix) -> Vec<f64> {
    let deform = |row: &[f64]| {
        let change = times([row[0], row[1], row[2]], strain);
        [0, 1, 2].map(|k| row[k] + change[k])
    };
    rows.chunks_exact(3).flat_map(deform).collect()
}

fn energy(potential: &Potential, positions: &[f64], rows: &[f64]) -> f64 {
    let (mut energies, mut statuses) = ([0.0], [0]);
    let request = Request::new(positions, &mut statuses).energies(&mut energies).box_rows(rows, 0);
    potential.evaluate_into(request).unwrap();
    assert_eq!(statuses, [0]);
    energies[0]
}

#[test]
fn virials_are_the_slopes_along_strains() {
    let potential = spheres();
    let (r, rows) = (positions(), BOX.as_flattened());
    let (mut energies, mut gradients, mut statuses) = ([0.0], vec![0.0; r.len()], [0]);
    let mut virials = [[[0.0; 3]; 3]];
    let request = Request::new(&r, &mut statuses).energies(&mut energies).gradients(&mut gradients);
    let values = virials.as_flattened_mut().as_flattened_mut();
    potential.evaluate_into(request.box_rows(rows, 0).output("virial", values)).unwrap();
    assert_eq!((statuses, energies[0]), ([0], energy(&potential, &r, rows)));
    assert!(virials[0].as_flattened().iter().any(|value| value.abs() > 1.0), "{virials:?}");
    for i in 0..3 {
        for j in 0..3 {
            let along = |size: f64| {
                let mut strain = [[0.0; 3]; 3];
                strain[i][j] = size;
                energy(&potential, &strained(&r, strain), &strained(rows, strain))
            };
            let expected = (along(STRAIN) - along(-STRAIN)) / (2.0 * STRAIN);
            let found = virials[0][i][j];
            assert!((found - expected).abs() < TOLERANCE, "[{i}][{j}]: {found}, expected {expected}");
        }
    }
    // And the gradient, of which the same pairs are the sum.
    for k in 0..r.len() {
        let along = |size: f64| {
            let mut moved = r.clone();
            moved[k] += size;
            energy(&potential, &moved, rows)
        };
        let expected = (along(STRAIN) - along(-STRAIN)) / (2.0 * STRAIN);
        assert!((gradients[k] - expected).abs() < TOLERANCE, "{k}: {}, expected {expected}", gradients[k]);
    }
}

#[test]
fn a_configuration_that_fails_has_no_virial_and_the_others_keep_theirs() {
    let potential = spheres();
    let r = [positions(), vec![f64::NAN; 3 * ATOMS], positions(), positions()].concat();
    // The third box is too narrow for the cutoff.
    let mut boxes = BOX.as_flattened().repeat(4);
    boxes[18..27].copy_from_slice(&[1.9, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 5.0]);
    let (mut energies, mut statuses, mut virials) = ([0.0; 4], [9; 4], [[[7.0; 3]; 3]; 4]);
    let request = Request::new(&r, &mut statuses).energies(&mut energies).box_rows(&boxes, 9);
    let values = virials.as_flattened_mut().as_flattened_mut();
    potential.evaluate_into(request.output("virial", values)).unwrap();
    assert_eq!(statuses, [0, 1, 2, 0]);
    assert_eq!(virials[0], virials[3]);
    for index in [1, 2] {
        assert!(energies[index].is_nan());
        assert!(virials[index].as_flattened().iter().all(|value| value.is_nan()));
    }
}

#[test]
fn a_potential_without_virials_says_so() {
    let library = Library::open(&toys().join("libfreeland_toys.so")).unwrap();
    let potential = library.create("gaussian", &json!({}), &Creation::default()).unwrap();
    assert!(potential.output("virial").is_err());
    let (mut energies, mut statuses, mut virial) = ([0.0], [0], [0.0; 9]);
    let request = Request::new(&[0.0, 0.0], &mut statuses).energies(&mut energies);
    let error = potential.evaluate_into(request.output("virial", &mut virial)).unwrap_err();
    assert!(matches!(error, EvaluateError::NoOutput { .. }), "{error}");
}
