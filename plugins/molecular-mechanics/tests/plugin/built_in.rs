//! The built-in molecule through the ABI, against the golden values of plugin 'openmm' (OpenMM's Reference platform).
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use std::collections::BTreeMap;

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
    serde_json::from_str(include_str!("../../../molecule/data/golden.json")).unwrap()
}

/// Largest deviation of a gradient, relative to its largest component (at a minimum: to 1000 kJ/mol/nm, which bonds and angles reach there).
fn deviation(found: &[f64], expected: &[f64]) -> f64 {
    let scale = expected.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    found.iter().zip(expected).fold(0.0, |worst: f64, (f, e)| worst.max((f - e).abs())) / scale.max(1000.0)
}

#[test]
fn every_implicit_model_agrees_with_openmm() {
    let golden = golden();
    let positions: Vec<f64> = golden.positions_nm.iter().flatten().flatten().copied().collect();
    for (precision, energy_tolerance, gradient_tolerance) in [("double", 1e-9, 1e-9), ("single", 1e-5, 1e-4)]
    {
        for (variant, expected) in &golden.variants {
            let config = format!(r#"{{"implicit": "{variant}", "precision": "{precision}"}}"#);
            let potential = Trial::<MolecularMechanics>::create(&config, None).unwrap();
            let results = potential.evaluate(&positions).unwrap();
            for (index, energy) in expected.energies.iter().enumerate() {
                assert_eq!(results.statuses[index], 0);
                let relative = (results.energies[index] - energy).abs() / energy.abs().max(100.0);
                let gradient: Vec<f64> = expected.gradients[index].iter().flatten().copied().collect();
                let of_gradient = deviation(&results.gradients[66 * index..66 * (index + 1)], &gradient);
                println!("{precision} {variant} {index}: {relative:.1e} {of_gradient:.1e}");
                assert!(
                    relative < energy_tolerance,
                    "{variant}: {} against {energy}",
                    results.energies[index]
                );
                assert!(of_gradient < gradient_tolerance, "{variant}: gradient off by {of_gradient:e}");
            }
        }
    }
}
