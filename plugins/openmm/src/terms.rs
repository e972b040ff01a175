//! The energy terms: one for each force.

use freeland_molecule::molecule::term_names;
use openmm::{Error, System};

/// OpenMM has this many force groups.
const GROUPS: u32 = 32;
/// What shares the last group when there are more forces than groups.
const REST: &str = "other forces";

/// The terms; the force group of each is its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Terms {
    /// As hosts know them: `harmonic-bond-force`. They are unique.
    pub(crate) names: Vec<String>,
    /// As the System names the forces.
    pub(crate) forces: Vec<String>,
}

impl Terms {
    /// Puts every force of the System into a group of its own, and those beyond the groups there are into the last. Every force
    /// is thought to have an energy.
    pub(crate) fn separate(system: &mut System) -> Result<Terms, Error> {
        let forces = system.forces();
        for index in 0..forces.len() {
            system.set_force_group(index, (index as u32).min(GROUPS - 1))?;
        }
        let more = forces.len() > GROUPS as usize;
        let single = if more { GROUPS as usize - 1 } else { forces.len() };
        let mut forces: Vec<String> = forces.into_iter().take(single).map(|force| force.name).collect();
        if more {
            forces.push(REST.to_owned());
        }
        Ok(Terms { names: term_names(forces.iter().map(String::as_str)), forces })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;

    #[derive(serde::Deserialize)]
    struct Golden {
        positions_nm: Vec<Vec<[f64; 3]>>,
        variants: BTreeMap<String, Variant>,
    }

    #[derive(serde::Deserialize)]
    struct Variant {
        energies: Vec<f64>,
        names: Vec<String>,
        terms: Vec<Vec<f64>>,
    }

    #[test]
    fn terms_are_those_of_python_and_their_sum_is_the_energy() {
        let golden: Golden = serde_json::from_str(freeland_molecule::alanine::GOLDEN).unwrap();
        for (name, expected) in &golden.variants {
            let path =
                format!("{}/../molecule/data/alanine-dipeptide.{name}.xml", env!("CARGO_MANIFEST_DIR"));
            let mut system = System::from_xml(&std::fs::read_to_string(path).unwrap()).unwrap();
            let terms = Terms::separate(&mut system).unwrap();
            assert_eq!(terms.forces, expected.names);
            let mut context = openmm::Context::new(Arc::new(system), "Reference", &[]).unwrap();
            for (index, positions) in golden.positions_nm.iter().enumerate() {
                context.set_positions(positions.as_flattened()).unwrap();
                let found: Vec<f64> = (0..terms.names.len())
                    .map(|group| context.energy_of_groups(1 << group).unwrap())
                    .collect();
                for (found, expected) in found.iter().zip(&expected.terms[index]) {
                    assert!(
                        (found - expected).abs() < 1e-8 * (1.0 + expected.abs()),
                        "{name}: {found}, {expected}"
                    );
                }
                let (sum, energy) = (found.iter().sum::<f64>(), expected.energies[index]);
                assert!((sum - energy).abs() < 1e-8 * energy.abs(), "{name}: {sum}, {energy}");
            }
        }
    }

    #[test]
    fn a_force_has_all_its_parts_in_its_term() {
        let path = format!("{}/../molecule/data/alanine-dipeptide.vacuum.xml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        // Ewald sums whose reciprocal part has a group of its own, which some other force then is in.
        let text = text.replacen("method=\"0\"", "method=\"4\"", 1);
        let text = text.replacen("recipForceGroup=\"-1\"", "recipForceGroup=\"2\"", 1);
        assert!(text.contains("method=\"4\"") && text.contains("recipForceGroup=\"2\""));
        let barostat = r#"<Forces><Force forceGroup="0" frequency="25" name="MonteCarloBarostat" pressure="1" randomSeed="0"
            temperature="300" type="MonteCarloBarostat" version="1"/>"#;
        let mut system = System::from_xml(&text.replacen("<Forces>", barostat, 1)).unwrap();
        system.remove_forces_without_energy();
        let terms = Terms::separate(&mut system).unwrap();
        assert_eq!(terms.names.len(), 4);
        assert_eq!(system.interaction_range(), None);
        assert_eq!(system.direct_cutoff(), Some(1.0));
        let mut context = openmm::Context::new(Arc::new(system), "Reference", &[]).unwrap();
        assert!(context.parameters().unwrap().is_empty());
        let golden: Golden = serde_json::from_str(freeland_molecule::alanine::GOLDEN).unwrap();
        context.set_positions(golden.positions_nm[0].as_flattened()).unwrap();
        let sum: f64 = (0..4).map(|group| context.energy_of_groups(1 << group).unwrap()).sum();
        let energy = context.energy().unwrap();
        assert!((sum - energy).abs() < 1e-8 * energy.abs(), "{sum}, {energy}");
    }

    /// Energy, forces and terms are the same whether the mesh is done beside the rest or after it.
    #[test]
    fn a_mesh_that_waits_changes_nothing() {
        let path = format!("{}/../molecule/data/alanine-dipeptide.vacuum.xml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap().replacen("method=\"0\"", "method=\"4\"", 1);
        let golden: Golden = serde_json::from_str(freeland_molecule::alanine::GOLDEN).unwrap();
        let answers = |separate: bool| {
            let mut system = System::from_xml(&text).unwrap();
            let terms = Terms::separate(&mut system).unwrap();
            assert!(!separate || system.separate_mesh().unwrap());
            let threads = [("Threads".to_owned(), "1".to_owned())];
            let mut context = openmm::Context::new(Arc::new(system), "CPU", &threads).unwrap();
            context.set_positions(golden.positions_nm[0].as_flattened()).unwrap();
            let mut answers = vec![0.0; 66];
            let energy = context.energy_and_forces(&mut answers).unwrap();
            answers.extend([energy, context.energy().unwrap()]);
            answers.extend((0..terms.names.len()).map(|group| context.energy_of_groups(1 << group).unwrap()));
            answers
        };
        for (beside, after) in answers(false).into_iter().zip(answers(true)) {
            assert!((beside - after).abs() < 1e-4 * (1.0 + beside.abs()), "{beside} {after}");
        }
    }

    #[test]
    fn interactions_end_at_a_cutoff() {
        let path = format!("{}/../molecule/data/alanine-dipeptide.vacuum.xml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for (method, range) in [("0", None), ("1", Some(1.0)), ("2", Some(1.0)), ("3", None), ("5", None)] {
            let text = text.replacen("method=\"0\"", &format!("method=\"{method}\""), 1);
            assert_eq!(System::from_xml(&text).unwrap().interaction_range(), range, "{method}");
        }
        let solvent = freeland_molecule::alanine::Implicit::Obc1.system_xml().replacen(
            "method=\"0\"",
            "method=\"1\"",
            1,
        );
        assert_eq!(System::from_xml(&solvent).unwrap().interaction_range(), None);
    }

    #[test]
    fn more_forces_than_groups_share_the_last() {
        let force = r#"<Force forceGroup="0" name="HarmonicBondForce" type="HarmonicBondForce" usesPeriodic="0" version="2">
            <Bonds><Bond d="0" k="2" p1="0" p2="1"/></Bonds></Force>"#;
        let xml = format!(
            r#"<System openmmVersion="8.1" type="System" version="1"><PeriodicBoxVectors><A x="2" y="0" z="0"/>
            <B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors><Particles><Particle mass="1"/>
            <Particle mass="1"/></Particles><Constraints/><Forces>{}</Forces></System>"#,
            force.repeat(40)
        );
        let mut system = System::from_xml(&xml).unwrap();
        let terms = Terms::separate(&mut system).unwrap();
        assert_eq!(terms.names.len(), 32);
        assert_eq!(terms.names[31], "other-forces");
        let mut context = openmm::Context::new(Arc::new(system), "Reference", &[]).unwrap();
        context.set_positions(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]).unwrap();
        assert!((context.energy_of_groups(1 << 30).unwrap() - 1.0).abs() < 1e-12);
        assert!((context.energy_of_groups(1 << 31).unwrap() - 9.0).abs() < 1e-12);
    }
}
