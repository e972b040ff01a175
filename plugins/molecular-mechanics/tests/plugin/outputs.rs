//! What comes beside energy and gradient.
use epp::sdk::{Trial, TrialBatch, TrialRequest, TrialResults};
use freeland_molecular_mechanics::MolecularMechanics;

fn open(config: &str) -> Trial<MolecularMechanics> {
    Trial::create(config, None).unwrap()
}

/// The built-in molecule, moved far away, and shaken in seven ways.
fn positions() -> Vec<f64> {
    let pdb = freeland_molecule::pdb::Pdb::parse(freeland_molecule::alanine::PDB.as_bytes()).unwrap();
    let start = pdb.positions().to_vec();
    let shake = |index: usize| 0.01 * ((index * 7919 % 10007) as f64 / 10007.0 - 0.5);
    (0..7 * start.len()).map(|index| 50.0 + start[index % start.len()] + shake(index)).collect()
}

fn all(trial: &Trial<MolecularMechanics>, positions: &[f64]) -> TrialResults {
    let names: Vec<&str> = trial.outputs().iter().map(|output| output.name.as_str()).collect();
    trial.evaluate_batch(&TrialBatch { positions, outputs: &names, ..TrialBatch::default() }).unwrap()
}

#[test]
fn terms_add_up_to_the_energy_of_the_same_call() {
    for (precision, tolerance) in [("double", 1e-12), ("single", 1e-5)] {
        let trial = open(&format!(r#"{{"precision": "{precision}"}}"#));
        let (alone, found) = (trial.evaluate(&positions()).unwrap(), all(&trial, &positions()));
        let names: Vec<&String> = found.outputs.keys().filter(|name| name.starts_with("energy:")).collect();
        assert_eq!(names.len(), 5, "{names:?}");
        let close = |a: f64, b: f64, scale: f64| (a - b).abs() <= tolerance * scale;
        for (index, &energy) in found.energies.iter().enumerate() {
            let sum: f64 = names.iter().map(|&name| found.outputs[name][index]).sum();
            let scale = names.iter().fold(1.0, |most: f64, &name| most.max(found.outputs[name][index].abs()));
            assert!(close(sum, energy, scale), "{precision}: {sum}, {energy}");
            assert!(close(alone.energies[index], energy, scale), "{precision}");
        }
        let scale = alone.gradients.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        let pairs = alone.gradients.iter().zip(&found.gradients);
        assert!(pairs.clone().all(|(&a, &b)| close(a, b, 10.0 * scale)), "{precision}");
    }
}

#[test]
fn the_virial_is_the_derivative_by_a_strain() {
    const STEP: f64 = 1e-6;
    let trial = open("{}");
    // As in a batch, so alone.
    let (positions, width) = (positions(), 66);
    let found = all(&trial, &positions);
    let only = ["virial"];
    let batch = TrialBatch { positions: &positions, outputs: &only, ..TrialBatch::default() };
    let in_lanes = trial.evaluate_batch(&batch).unwrap();
    for configuration in [0, 5] {
        let virial = &found.outputs["virial"][9 * configuration..][..9];
        let scale = virial.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        let lanes = &in_lanes.outputs["virial"][9 * configuration..][..9];
        assert!(
            virial.iter().zip(lanes).all(|(a, b)| (a - b).abs() < 1e-10 * scale),
            "{virial:?}, {lanes:?}"
        );
        // No energy depends on where the molecule is: the strain may be about its first atom.
        let start = &positions[width * configuration..][..width];
        for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
            let energy = |step: f64| {
                let mut strained = start.to_vec();
                strained.chunks_exact_mut(3).for_each(|r| r[j] += step * (r[i] - start[i]));
                trial.evaluate(&strained).unwrap().energies[0]
            };
            let expected = (energy(STEP) - energy(-STEP)) / (2.0 * STEP);
            assert!((virial[3 * i + j] - expected).abs() < 1e-5 * scale, "{i}{j}: {virial:?}, {expected}");
        }
    }
}

#[test]
fn charges_and_dipole_are_those_of_the_molecule() {
    let found = all(&open("{}"), &positions());
    let (charges, dipole) = (&found.outputs["charges"], &found.outputs["dipole"]);
    assert!(charges.len() == 7 * 22 && charges.iter().sum::<f64>().abs() < 1e-6);
    for k in 0..3 {
        let products =
            charges[..22].iter().zip(positions().chunks_exact(3)).map(|(q, r)| q * r[k]).sum::<f64>();
        assert!((dipole[k] - products).abs() < 1e-12, "{dipole:?}");
    }
}

#[test]
fn an_instance_says_what_decides_its_numbers() {
    let (default, single) = (open("{}"), open(r#"{"precision": "single"}"#));
    assert_eq!(open(r#"{"threads": 3, "precision": "double"}"#).fingerprint(), default.fingerprint());
    assert_ne!(single.fingerprint(), default.fingerprint());
    assert_ne!(open(r#"{"implicit": "obc2"}"#).fingerprint(), default.fingerprint());
    assert_eq!(open(r#"{"threads": 3}"#).info().threads_inside, 3);
    let few = TrialRequest { threads: 2, ..TrialRequest::default() };
    let limited = Trial::<MolecularMechanics>::create_with(r#"{"threads": 3}"#, &few).unwrap();
    assert_eq!(limited.info().threads_inside, 2);
}

#[test]
fn paths_start_from_the_folder_of_the_request() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data");
    let config = r#"{"system-xml": "butane-rb.xml", "pdb": "butane-rb.pdb"}"#;
    let request = TrialRequest { folder: Some(folder), ..TrialRequest::default() };
    assert!(Trial::<MolecularMechanics>::create_with(config, &request).is_ok());
    let error = Trial::<MolecularMechanics>::create(config, None).unwrap_err();
    assert!(error.text.contains("system-xml") && error.text.contains("current directory"), "{error}");
}
