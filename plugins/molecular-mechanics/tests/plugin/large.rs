//! Molecules of many atoms.
use crate::copies;
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use freeland_molecule::pdb::Pdb;

/// Of this process, kB.
fn memory(what: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    line.trim_start_matches(':').trim().strip_suffix(" kB")?.trim().parse().ok()
}

fn make(config: &serde_json::Value) -> (Trial<MolecularMechanics>, Vec<f64>) {
    let potential = Trial::create(&config.to_string(), None).unwrap();
    let pdb = std::fs::read(config["pdb"].as_str().unwrap()).unwrap();
    (potential, Pdb::parse(&pdb).unwrap().positions().to_vec())
}

/// In a process of its own: what other tests take does not count.
#[test]
fn five_thousand_atoms_take_less_than_200_mb() {
    const CHILD: &str = "MOLECULAR_MECHANICS_TEST_OF_MEMORY";
    if std::env::var_os(CHILD).is_none() {
        let this = std::env::current_exe().unwrap();
        let arguments = ["--exact", "large::five_thousand_atoms_take_less_than_200_mb", "--nocapture"];
        let output = std::process::Command::new(this).args(arguments).env(CHILD, "1").output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = copies::write(folder.path(), 228);
    config["threads"] = 2.into();
    for precision in ["single", "double"] {
        config["precision"] = precision.into();
        let (potential, positions) = make(&config);
        assert_eq!(positions.len(), 3 * 5016);
        // Two configurations, one on each thread.
        let results = potential.evaluate(&positions.repeat(2)).unwrap();
        assert_eq!(results.statuses, [0, 0]);
        // Copies of a molecule of -172 kJ/mol, which attract each other.
        assert!((-45_000.0..-39_000.0).contains(&results.energies[0]), "{:?}", results.energies);
    }
    if let Some(peak) = memory("VmHWM") {
        println!("{peak} kB");
        assert!(peak < 200_000, "{peak} kB");
    }
}

/// Molecules far apart, in as many blocks as one likes; the most of them are too many for anything to be kept of pairs.
#[test]
fn energies_of_many_molecules_are_those_of_the_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let energy = |copies| {
        let (potential, mut positions) = make(&copies::write(folder.path(), copies));
        // A hundred nanometres from one to the next.
        for (copy, positions) in positions.chunks_exact_mut(66).enumerate() {
            positions.iter_mut().step_by(3).for_each(|x| *x += 100.0 * copy as f64);
        }
        let results = potential.evaluate(&positions).unwrap();
        (results.energies[0], results.gradients)
    };
    let (one, gradient) = energy(1);
    for copies in [3, 14, 100] {
        let (all, gradients) = energy(copies);
        // Dipoles at that distance have less than 1e-7 kJ/mol of each other.
        assert!(
            (all - copies as f64 * one).abs() < 1e-6 * copies as f64,
            "{copies}: {all} is not {copies} times {one}"
        );
        for (found, expected) in gradients.iter().zip(gradient.iter().cycle()) {
            assert!((found - expected).abs() < 1e-5, "{copies}: {found} is not {expected}");
        }
    }
}

#[test]
fn a_list_of_pairs_that_no_machine_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = copies::write(folder.path(), 1);
    const ATOMS: usize = 100_000;
    let particles =
        |of: &str| format!("<Particles>{}</Particles>", format!("<Particle {of}/>").repeat(ATOMS));
    let system = format!(
        r#"<System type="System" version="1"><PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/>
        </PeriodicBoxVectors>{}<Constraints/><Forces><Force cutoff="1" energy="q1*q2/r" forceGroup="0" method="0"
        name="CustomNonbondedForce" switchingDistance="-1" type="CustomNonbondedForce" useLongRangeCorrection="0"
        useSwitchingFunction="0" version="3"><PerParticleParameters><Parameter name="q"/></PerParticleParameters>
        <GlobalParameters/><EnergyParameterDerivatives/><ComputedValues/>{}<Exclusions/><Functions/><InteractionGroups/></Force></Forces></System>"#,
        particles(r#"mass="1""#),
        particles(r#"param1="1""#)
    );
    std::fs::write(config["system-xml"].as_str().unwrap(), system).unwrap();
    let error = Trial::<MolecularMechanics>::create(&config.to_string(), None).unwrap_err().to_string();
    println!("{error}");
    for word in ["4999950000 pairs", "CustomNonbondedForce", "GB, where this machine has"] {
        assert!(error.contains(word), "{error}");
    }
}
