//! What the OpenMM plugin says of an instance: its box, its range, its bonds, and what does not hold on every platform.
//!
//! Without OpenMM (`OPENMM_DIR`, which scripts/setup provides) its plugin cannot be built, and these tests say so and pass.

use std::path::{Path, PathBuf};

use freeland_loader::{Creation, Determinism, Library, Potential, Request};
use serde_json::{Value, json};

use crate::support::{freeland, scratch, workspace_library};

fn plugin() -> Option<PathBuf> {
    let openmm = std::env::var_os("OPENMM_DIR").map(PathBuf::from);
    if openmm.is_some_and(|openmm| openmm.join("include").is_dir()) {
        return Some(workspace_library("freeland-openmm"));
    }
    eprintln!("not run: OPENMM_DIR leads to no OpenMM");
    None
}

fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins")
}

fn pdb() -> PathBuf {
    plugins().join("molecule/data/alanine-dipeptide.pdb")
}

fn create(plugin: &Path, id: &str, config: &Value) -> Potential {
    Library::open(plugin).unwrap().create(id, config, &Creation::default()).unwrap()
}

/// The configuration of alanine dipeptide in a box of 2 nm, cut off or summed as the method of OpenMM's NonbondedForce says.
fn config(method: u32) -> Value {
    let file = scratch().path().join(format!("alanine-method-{method}.xml"));
    let text = std::fs::read_to_string(plugins().join("molecule/data/alanine-dipeptide.vacuum.xml")).unwrap();
    let barostat = r#"<Forces><Force forceGroup="0" frequency="25" name="MonteCarloBarostat" pressure="1" randomSeed="0"
        temperature="300" type="MonteCarloBarostat" version="1"/>"#;
    let text = text.replacen("method=\"0\"", &format!("method=\"{method}\""), 1);
    std::fs::write(&file, text.replacen("<Forces>", if method == 4 { barostat } else { "<Forces>" }, 1))
        .unwrap();
    json!({ "system-xml": file, "pdb": pdb() })
}

#[test]
fn a_system_that_is_not_periodic_has_no_use_for_a_box() {
    let Some(plugin) = plugin() else { return };
    let potential = create(&plugin, "openmm", &config(1));
    assert!(!potential.info().is_periodic());
    assert_eq!(potential.info().cutoff_nm, Some(1.0));
    let positions = &potential.topology().unwrap().positions;
    let expected = potential.evaluate(positions, false).unwrap().energies[0];
    // Narrower than two cutoffs.
    let rows = [1.5, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 1.5];
    let (mut energies, mut statuses) = ([0.0], [0]);
    let request = Request::new(positions, &mut statuses).energies(&mut energies).box_rows(&rows, 0);
    potential.evaluate_into(request).unwrap();
    assert_eq!((statuses, energies), ([0], [expected]));
}

#[test]
fn sums_without_end_have_no_range_and_barostats_no_parameters() {
    let Some(plugin) = plugin() else { return };
    let potential = create(&plugin, "openmm", &config(4));
    let info = potential.info();
    assert!(info.is_periodic() && info.determinism != Determinism::None, "{info:?}");
    assert_eq!(info.cutoff_nm, None);
    assert_eq!(potential.parameters(), []);
    assert_eq!(
        potential.topology().unwrap().unit_cell,
        Some([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    );
}

#[test]
fn the_cpu_platform_with_two_threads_keeps_the_rules() {
    let Some(plugin) = plugin() else { return };
    let config = json!({ "platform": "CPU", "properties": { "Threads": "2" } });
    let potential = create(&plugin, "openmm", &config);
    assert_eq!(potential.info().determinism, Determinism::None);
    assert!(!potential.info().symmetries.is_empty());
    let plugin = plugin.to_str().unwrap();
    let config = config.to_string();
    let positions = pdb();
    let arguments =
        ["evaluate", "--plugin", plugin, "--config", &config, "--positions", positions.to_str().unwrap()];
    let warned = freeland(arguments).stderr;
    assert!(warned.contains("platform CPU does not give the same bits again"), "{warned}");
    let table = freeland(["plugin", "check", plugin, "--config", &config]).good();
    assert!(table.contains("no rule is broken"), "{table}");
}

#[test]
fn a_periodic_system_keeps_the_rules() {
    let Some(plugin) = plugin() else { return };
    let text = std::fs::read_to_string(plugins().join("molecule/data/alanine-dipeptide.vacuum.xml")).unwrap();
    // Without a switching function the energy jumps at the cutoff, which no dynamics conserves.
    let mut text = text.replacen("method=\"0\"", "method=\"4\"", 1);
    for (from, to) in [
        ("useSwitchingFunction=\"0\"", "useSwitchingFunction=\"1\""),
        ("switchingDistance=\"-1\"", "switchingDistance=\"0.8\""),
        ("usesPeriodic=\"0\"", "usesPeriodic=\"1\""),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let file = scratch().path().join("alanine-switched.xml");
    std::fs::write(&file, text).unwrap();
    let check = |config: serde_json::Value, only: &str| {
        let config = config.to_string();
        freeland(["plugin", "check", plugin.to_str().unwrap(), "--config", &config, "--only", only]).good()
    };
    let table = check(json!({ "system-xml": file, "pdb": pdb() }), "evaluation/");
    assert!(table.contains("passed     evaluation/periodic-images"), "{table}");
    // The CPU platform has a thread for the mesh, which it does without where it is allowed one alone.
    let on_cpu = json!({ "system-xml": file, "pdb": pdb(), "platform": "CPU", "contexts": 1 });
    let table = check(on_cpu, "process/threads-inside");
    assert!(table.contains("passed     process/threads-inside"), "{table}");
}

#[test]
fn both_plugins_tell_the_same_bonds() {
    let Some(plugin) = plugin() else { return };
    let simd = workspace_library("freeland-molecular-mechanics");
    let data = plugins().join("molecular-mechanics/tests/reference/data");
    // CHARMM joins the ends of angles by harmonic bonds as well.
    for (name, count) in [
        ("alanine-charmm36-2024", 21),
        ("zwitterion-charmm36-2024", 186),
        ("butane-rb", 13),
        ("peptide-ff19sb", 195),
    ] {
        let text = std::fs::read_to_string(data.join(format!("{name}.pdb"))).unwrap();
        let atoms = text.lines().filter(|line| line.starts_with("ATOM") || line.starts_with("HETATM"));
        // No residue that a table knows, and no CONECT record.
        let bare: String = atoms.map(|line| format!("{}XXX{}\n", &line[..17], &line[20..])).collect();
        let file = scratch().path().join(format!("{name}-bare.pdb"));
        std::fs::write(&file, bare).unwrap();
        for pdb in [&data.join(format!("{name}.pdb")), &file] {
            let config = json!({ "system-xml": data.join(format!("{name}.xml")), "pdb": pdb });
            let bonds =
                |plugin: &Path, id: &str| create(plugin, id, &config).topology().unwrap().bonds.clone();
            let found = bonds(&plugin, "openmm");
            assert_eq!(found.len(), count, "{name}");
            assert_eq!(found, bonds(&simd, "molecular-mechanics"), "{name}");
        }
    }
}
