//! The built-in molecule, through the boundary, against OpenMM called from Python (`data/make.py`).

use std::collections::BTreeMap;

use epp::sdk::{SampleStatus, Trial, TrialBatch, TrialRequest, TrialResults};
use freeland_openmm::OpenMm;

/// Two builds of the same library on different processors differ by rounding.
const RELATIVE: f64 = 1e-9;

#[derive(serde::Deserialize)]
struct Golden {
    positions_nm: Vec<Vec<[f64; 3]>>,
    variants: BTreeMap<String, Variant>,
}

#[derive(serde::Deserialize)]
struct Variant {
    energies: Vec<f64>,
    gradients: Vec<Vec<[f64; 3]>>,
}

fn golden() -> Golden {
    serde_json::from_str(freeland_molecule::alanine::GOLDEN).unwrap()
}

fn flat(configurations: &[Vec<[f64; 3]>]) -> Vec<f64> {
    configurations.iter().flatten().flatten().copied().collect()
}

fn open(config: &str) -> Trial<OpenMm> {
    Trial::create(config, None).unwrap()
}

#[test]
fn every_solvent_equals_openmm_in_python() {
    let golden = golden();
    let positions = flat(&golden.positions_nm);
    assert_eq!(golden.variants.len(), 6);
    for (name, expected) in &golden.variants {
        let results = open(&format!(r#"{{"implicit": "{name}"}}"#)).evaluate(&positions).unwrap();
        assert!(results.statuses.iter().all(|&status| status == 0), "{name}");
        for (found, expected) in results.energies.iter().zip(&expected.energies) {
            assert!(
                (found - expected).abs() < RELATIVE * expected.abs(),
                "{name}: {found}, expected {expected}"
            );
        }
        let gradients = flat(&expected.gradients);
        let scale = gradients.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        for (found, expected) in results.gradients.iter().zip(&gradients) {
            assert!((found - expected).abs() < RELATIVE * scale, "{name}: {found}, expected {expected}");
        }
    }
}

#[test]
fn an_empty_configuration_means_obc1() {
    let golden = golden();
    let energies = open("{}").evaluate(&flat(&golden.positions_nm)).unwrap().energies;
    let same = open(r#"{"system": "alanine-dipeptide", "implicit": "obc1"}"#);
    assert_eq!(same.evaluate(&flat(&golden.positions_nm)).unwrap().energies, energies);
    assert!((energies[0] - golden.variants["obc1"].energies[0]).abs() < 1e-6);
}

#[test]
fn the_gradient_is_the_derivative() {
    // Central differences: the error is of order step² x third derivative; bonds have about 1e7 kJ/mol/nm³.
    const STEP: f64 = 1e-5;
    const TOLERANCE: f64 = 2e-3;
    let golden = golden();
    let start: Vec<f64> = golden.positions_nm[3].iter().flatten().copied().collect();
    for name in golden.variants.keys() {
        let potential = open(&format!(r#"{{"implicit": "{name}"}}"#));
        let gradient = potential.evaluate(&start).unwrap().gradients;
        let mut shifted = Vec::new();
        for coordinate in 0..start.len() {
            for sign in [1.0, -1.0] {
                let mut positions = start.clone();
                positions[coordinate] += sign * STEP;
                shifted.extend(positions);
            }
        }
        let energies = potential.evaluate(&shifted).unwrap().energies;
        for (coordinate, pair) in energies.chunks_exact(2).enumerate() {
            let expected = (pair[0] - pair[1]) / (2.0 * STEP);
            let found = gradient[coordinate];
            assert!(
                (found - expected).abs() < TOLERANCE * (1.0 + expected.abs()),
                "{name}, coordinate {coordinate}: {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn one_bad_configuration_leaves_the_others_alone() {
    let golden = golden();
    let mut positions = flat(&golden.positions_nm);
    let good = open("{}").evaluate(&positions).unwrap();
    let potential = open(r#"{"contexts": 1}"#);
    let width = 66;
    positions[width + 5] = f64::NAN;
    // Two atoms in one place.
    positions.copy_within(3 * width..3 * width + 3, 3 * width + 12);
    positions[4 * width] = f64::INFINITY;
    positions[5 * width..6 * width].fill(0.25);
    for _ in 0..2 {
        let results = potential.evaluate(&positions).unwrap();
        let input = SampleStatus::NonFiniteInput as i32;
        assert_eq!(results.statuses[..3], [0, input, 0]);
        assert_eq!(results.statuses[4], input);
        for index in [3, 5] {
            let status = results.statuses[index];
            let expected = [SampleStatus::EnergyNotFinite as i32, SampleStatus::GradientNotFinite as i32];
            assert!(expected.contains(&status), "configuration {index} has status {status}");
        }
        for index in [0, 2] {
            let row = index * width..(index + 1) * width;
            assert_eq!(results.energies[index].to_bits(), good.energies[index].to_bits());
            assert_eq!(results.gradients[row.clone()], good.gradients[row]);
        }
        for index in [1, 3, 4, 5] {
            assert!(results.energies[index].is_nan());
            assert!(results.gradients[index * width..(index + 1) * width].iter().all(|&value| value == 0.0));
        }
    }
}

#[test]
fn the_pool_does_not_change_a_bit() {
    let positions = flat(&golden().positions_nm).repeat(4);
    for implicit in ["obc1", "obc2", "gbn2"] {
        let config = |contexts| format!(r#"{{"implicit": "{implicit}", "contexts": {contexts}}}"#);
        let one = open(&config(1)).evaluate(&positions).unwrap();
        let two = open(&config(2));
        assert_eq!(two.evaluate(&positions).unwrap(), one);
        // Alone, and in another order: the history of a Context does not matter.
        for (index, configuration) in positions.chunks_exact(66).enumerate().rev() {
            let alone = two.evaluate(configuration).unwrap();
            assert_eq!(alone.energies[0].to_bits(), one.energies[index].to_bits());
            assert_eq!(alone.gradients, one.gradients[66 * index..66 * (index + 1)]);
        }
        // Many threads at once on one instance.
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(two.evaluate(&positions).unwrap(), one));
            }
        });
    }
}

/// Everything that the instance names, of some configurations.
fn all_outputs(trial: &Trial<OpenMm>, positions: &[f64]) -> TrialResults {
    let names: Vec<String> = trial.outputs().iter().map(|output| output.name.clone()).collect();
    let outputs: Vec<&str> = names.iter().map(String::as_str).collect();
    trial.evaluate_batch(&TrialBatch { positions, outputs: &outputs, ..TrialBatch::default() }).unwrap()
}

#[test]
fn terms_add_up_and_leave_energy_and_gradient_as_they_are() {
    let positions = flat(&golden().positions_nm);
    let trial = open("{}");
    let (alone, all) = (trial.evaluate(&positions).unwrap(), all_outputs(&trial, &positions));
    assert_eq!((&all.energies, &all.gradients), (&alone.energies, &alone.gradients));
    let terms: Vec<&str> =
        all.outputs.keys().map(String::as_str).filter(|name| name.starts_with("energy:")).collect();
    assert!(terms.contains(&"energy:harmonic-bond-force") && terms.len() == 5, "{terms:?}");
    for (index, energy) in all.energies.iter().enumerate() {
        let sum: f64 = terms.iter().map(|&name| all.outputs[name][index]).sum();
        assert!((sum - energy).abs() < 1e-9 * energy.abs(), "{sum}, {energy}");
    }
}

#[test]
fn the_virial_is_the_derivative_by_a_strain() {
    const STEP: f64 = 1e-6;
    let positions: Vec<f64> = golden().positions_nm[1].iter().flatten().copied().collect();
    let trial = open("{}");
    let virial = &all_outputs(&trial, &positions).outputs["virial"];
    let scale = virial.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
    for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
        let energy = |step: f64| {
            let mut strained = positions.clone();
            strained.chunks_exact_mut(3).for_each(|r| r[j] += step * r[i]);
            trial.evaluate(&strained).unwrap().energies[0]
        };
        let expected = (energy(STEP) - energy(-STEP)) / (2.0 * STEP);
        assert!((virial[3 * i + j] - expected).abs() < 1e-5 * scale, "{i}{j}: {virial:?}, {expected}");
    }
}

#[test]
fn charges_and_dipole_are_those_of_the_molecule() {
    let positions: Vec<f64> = golden().positions_nm[0].iter().flatten().copied().collect();
    let all = all_outputs(&open("{}"), &positions);
    let (charges, dipole) = (&all.outputs["charges"], &all.outputs["dipole"]);
    assert!(charges.len() == 22 && charges.iter().sum::<f64>().abs() < 1e-6);
    for (k, &found) in dipole.iter().enumerate() {
        let expected: f64 = charges.iter().zip(positions.chunks_exact(3)).map(|(q, r)| q * r[k]).sum();
        assert!((found - expected).abs() < 1e-12, "{dipole:?}");
    }
}

#[test]
fn an_instance_says_what_holds_for_its_platform() {
    let reference = open(r#"{"contexts": 3}"#);
    assert_eq!(reference.info().determinism, epp::sys::DETERMINISM_BITWISE);
    assert_eq!(reference.info().threads_inside, 3);
    let threads = |config: &str, threads: u32| {
        let request = TrialRequest { threads, ..TrialRequest::default() };
        Trial::<OpenMm>::create_with(config, &request).unwrap().info().threads_inside
    };
    assert_eq!(threads(r#"{"contexts": 3}"#, 2), 2);
    let cpu = open(r#"{"platform": "CPU", "contexts": 2}"#);
    assert_eq!(cpu.info().determinism, epp::sys::DETERMINISM_NONE);
    let four = r#"{"platform": "CPU", "contexts": 2, "properties": {"Threads": "4"}}"#;
    assert_eq!([0, 1, 3, 9].map(|allowed| threads(four, allowed)), [8, 1, 3, 8]);
    // The numbers depend on the platform and the solvent, not on how many compute.
    assert_eq!(open("{}").fingerprint(), reference.fingerprint());
    assert_ne!(cpu.fingerprint(), reference.fingerprint());
    assert_ne!(open(r#"{"implicit": "obc2"}"#).fingerprint(), reference.fingerprint());
}
