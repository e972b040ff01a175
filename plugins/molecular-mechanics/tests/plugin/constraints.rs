//! A System with constraints: refused, left loose, or with bonds in their place.
use crate::refusals::{kept, pdb_positions};
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use std::sync::Arc;

const DEFAULT: f64 = 284512.0;

/// Alanine dipeptide with every bond to a hydrogen made a constraint, as `createSystem(constraints=HBonds)` writes it: the text, and
/// `(distance, atoms)` of the constraints.
fn hydrogens_held() -> (String, Vec<(f64, [usize; 2])>) {
    let text = kept("alanine-obc1");
    let masses: Vec<f64> = text
        .split("<Particle mass=\"")
        .skip(1)
        .map(|rest| rest[..rest.find('"').unwrap()].parse().unwrap())
        .collect();
    let (mut result, mut held) = (String::new(), Vec::new());
    for line in text.lines() {
        let of = |name: &str| -> Option<f64> {
            let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
            line[start..start + line[start..].find('"')?].parse().ok()
        };
        let atoms = [of("p1"), of("p2")].map(|atom| atom.map(|atom| atom as usize));
        match atoms {
            [Some(a), Some(b)] if line.contains("<Bond ") && masses[a].min(masses[b]) < 1.1 => {
                held.push((of("d").unwrap(), [a, b]));
            }
            _ => result += &format!("{line}\n"),
        }
    }
    let constraint = |&(d, [a, b]): &(f64, [usize; 2])| format!(r#"<Constraint d="{d}" p1="{a}" p2="{b}"/>"#);
    let constraints: String = held.iter().map(constraint).collect();
    (result.replace("<Constraints/>", &format!("<Constraints>{constraints}</Constraints>")), held)
}

#[test]
fn hydrogens_held_by_constraints_run_with_bonds_in_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("hbonds.xml");
    let (text, held) = hydrogens_held();
    assert_eq!(held.len(), 12);
    std::fs::write(&xml, &text).unwrap();
    let pdb = format!("{}/tests/reference/data/alanine-obc1.pdb", env!("CARGO_MANIFEST_DIR"));
    let make = |more: &str| {
        let config = format!(r#"{{"system-xml": "{}", "pdb": "{pdb}"{more}}}"#, xml.display());
        Trial::<MolecularMechanics>::create(&config, None)
    };

    let error = make("").unwrap_err().to_string();
    for part in ["12 constraints", "\"bonds\"", "constraints=None", "\"ignore\""] {
        assert!(error.contains(part), "{error}");
    }
    for more in [r#", "constraints": "bonds", "constraint-strength": 0"#, r#", "constraint-strength": 1.0"#] {
        let error = make(more).unwrap_err().to_string();
        assert!(error.contains("constraint-strength"), "{error}");
    }

    let start = pdb_positions("alanine-obc1");
    // OpenMM gives constraints no energy.
    let mut context =
        openmm::Context::new(Arc::new(openmm::System::from_xml(&text).unwrap()), "Reference", &[]).unwrap();
    context.set_positions(&start).unwrap();
    let loose = context.energy_and_forces(&mut vec![0.0; start.len()]).unwrap();
    let found = make(r#", "constraints": "ignore""#).unwrap().evaluate(&start).unwrap().energies[0];
    assert!((found - loose).abs() < 1e-8, "{found} {loose}");
    let distance = |[a, b]: [usize; 2]| {
        (0..3).map(|axis| (start[3 * a + axis] - start[3 * b + axis]).powi(2)).sum::<f64>().sqrt()
    };
    let stretch: f64 = held.iter().map(|&(d, atoms)| (distance(atoms) - d).powi(2)).sum();
    for (more, strength) in [("", DEFAULT), (r#", "constraint-strength": 1e6"#, 1e6)] {
        let potential = make(&format!(r#", "constraints": "bonds"{more}"#)).unwrap();
        let results = potential.evaluate(&start).unwrap();
        let expected = loose + 0.5 * strength * stretch;
        assert!((results.energies[0] - expected).abs() < 1e-8, "{} {expected}", results.energies[0]);
        const STEP: f64 = 1e-6;
        for (coordinate, slope) in results.gradients.iter().enumerate().step_by(7) {
            let at = |step: f64| {
                let mut moved = start.clone();
                moved[coordinate] += step;
                potential.evaluate(&moved).unwrap().energies[0]
            };
            let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((difference - slope).abs() < 1e-5 * slope.abs().max(1000.0), "{difference} {slope}");
        }
    }
}
