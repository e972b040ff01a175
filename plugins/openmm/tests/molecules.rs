//! The ways to give a molecule, and what is refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use epp::sdk::{CreateError, CreateRequest, Potential, Topology, Trial};
use freeland_openmm::OpenMm;

fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../molecule/data").join(name).to_string_lossy().into_owned()
}

fn create(config: &serde_json::Value) -> Result<OpenMm, CreateError> {
    OpenMm::create(CreateRequest::new(serde_json::from_value(config.clone()).unwrap()))
}

fn topology(config: &serde_json::Value) -> Topology {
    create(config).unwrap().topology().unwrap().clone()
}

/// The dihedral of four atoms in degrees, IUPAC sign.
fn dihedral(positions: &[f64], atoms: [usize; 4]) -> f64 {
    let p = |i: usize| [0, 1, 2].map(|k| positions[3 * atoms[i] + k]);
    let minus = |a: [f64; 3], b: [f64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let cross = |a: [f64; 3], b: [f64; 3]| {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    };
    let (b1, b2, b3) = (minus(p(1), p(0)), minus(p(2), p(1)), minus(p(3), p(2)));
    let (n1, n2) = (cross(b1, b2), cross(b2, b3));
    (dot(cross(n1, n2), b2) / dot(b2, b2).sqrt()).atan2(dot(n1, n2)).to_degrees()
}

#[test]
fn the_built_in_molecule_tells_what_it_is() {
    let found = topology(&serde_json::json!({}));
    assert_eq!(found.check(22), Ok(()));
    assert_eq!(found.atomic_numbers, [1, 6, 1, 1, 6, 8, 7, 1, 6, 1, 6, 1, 1, 1, 6, 8, 7, 1, 6, 1, 1, 1]);
    assert_eq!(found.atom_names[4..9], ["C", "O", "N", "H", "CA"]);
    assert_eq!(found.residues, [[0_u32; 6].as_slice(), &[1; 10], &[2; 6]].concat());
    assert_eq!(found.residue_names[0..7].last().unwrap(), "ALA");
    let mass: f64 = found.masses.iter().sum();
    assert!((mass - 144.17).abs() < 0.02, "{mass} dalton");
    let charge: f64 = found.charges.iter().sum();
    assert!(charge.abs() < 1e-6, "{charge} e");
    assert_eq!(found.periodic, 0);
    let bonds = [
        [0, 1],
        [1, 2],
        [1, 3],
        [1, 4],
        [4, 5],
        [4, 6],
        [6, 7],
        [6, 8],
        [8, 9],
        [8, 10],
        [8, 14],
        [10, 11],
        [10, 12],
        [10, 13],
        [14, 15],
        [14, 16],
        [16, 17],
        [16, 18],
        [18, 19],
        [18, 20],
        [18, 21],
    ];
    assert_eq!(found.bonds, bonds);
    let (phi, psi) = (dihedral(&found.positions, [4, 6, 8, 14]), dihedral(&found.positions, [6, 8, 14, 16]));
    assert!((phi + 65.1).abs() < 0.2 && (psi - 147.3).abs() < 0.2, "phi {phi}, psi {psi}");
    // L: HA and CB are offset from phi by about +120 and -120 degrees.
    let offset = |atom| (dihedral(&found.positions, [4, 6, 8, atom]) - phi + 540.0).rem_euclid(360.0) - 180.0;
    assert!((offset(9) - 120.0).abs() < 10.0 && (offset(10) + 120.0).abs() < 10.0);
}

#[test]
fn a_system_from_xml_equals_the_built_in_one() {
    let config = serde_json::json!({
        "system-xml": data("alanine-dipeptide.obc1.xml"), "pdb": data("alanine-dipeptide.pdb")
    });
    let built_in = topology(&serde_json::json!({}));
    assert_eq!(topology(&config), built_in);
    let energy =
        |config: &str| Trial::<OpenMm>::create(config, None).unwrap().evaluate(&built_in.positions).unwrap();
    assert_eq!(energy(&config.to_string()), energy("{}"));
}

#[test]
fn bonds_come_from_the_system_where_the_pdb_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(data("alanine-dipeptide.pdb")).unwrap();
    let bare: Vec<&str> = text.lines().filter(|line| !line.starts_with("CONECT")).collect();
    let pdb = folder.path().join("bare.pdb");
    std::fs::write(&pdb, bare.join("\n")).unwrap();
    let found =
        topology(&serde_json::json!({ "system-xml": data("alanine-dipeptide.obc1.xml"), "pdb": pdb }));
    assert_eq!(found.bonds, topology(&serde_json::json!({})).bonds);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (xml, pdb) = (data("alanine-dipeptide.obc1.xml"), data("alanine-dipeptide.pdb"));
    let text = std::fs::read_to_string(&pdb).unwrap();
    let short: String = text.split_inclusive('\n').filter(|line| !line.starts_with("ATOM     22")).collect();
    let short = write("short.pdb", &short);
    // Columns 31 to 38 of the first atom.
    let x = text.lines().nth(1).unwrap()[30..38].trim().to_owned();
    let broken = write("broken.pdb", &text.replacen(&x, "-1.9x8", 1));
    let constrained = std::fs::read_to_string(&xml)
        .unwrap()
        .replace("<Constraints/>", r#"<Constraints><Constraint d=".1" p1="0" p2="1"/></Constraints>"#);
    let constrained = write("constrained.xml", &constrained);
    let start = topology(&serde_json::json!({})).positions;
    for (config, words) in [
        (serde_json::json!({ "system-xml": xml }), vec!["pdb", "system-xml"]),
        (serde_json::json!({ "pdb": pdb }), vec!["pdb", "system-xml or forcefield"]),
        (
            serde_json::json!({ "system": "alanine-dipeptide", "forcefield": ["amber96.xml"] }),
            vec!["system and forcefield"],
        ),
        (serde_json::json!({ "system-xml": xml, "pdb": pdb, "implicit": "obc1" }), vec!["implicit"]),
        (serde_json::json!({ "forcefield": [], "pdb": pdb }), vec!["forcefield", "empty"]),
        (
            serde_json::json!({ "system-xml": "no/such.xml", "pdb": pdb }),
            vec!["no/such.xml", "current directory"],
        ),
        (serde_json::json!({ "system-xml": pdb, "pdb": pdb }), vec!["system-xml", "cannot read the System"]),
        (serde_json::json!({ "system-xml": xml, "pdb": short }), vec!["22 particles", "21 atoms"]),
        (serde_json::json!({ "system-xml": xml, "pdb": broken }), vec!["line 2", "columns 31-38", "-1.9x8"]),
        (serde_json::json!({ "system-xml": xml, "pdb": xml }), vec!["no ATOM"]),
        (
            serde_json::json!({ "system-xml": constrained, "pdb": pdb }),
            vec!["1 constraints", "\"bonds\"", "\"ignore\""],
        ),
        (serde_json::json!({ "constraint-strength": 1000.0 }), vec!["constraint-strength", "\"bonds\""]),
        (serde_json::json!({ "platform": "Abacus" }), vec!["platform", "Abacus", "Reference"]),
        (serde_json::json!({ "properties": { "Colour": "red" } }), vec!["Colour"]),
    ] {
        let Err(error) = create(&config) else { panic!("accepted: {config}") };
        for word in words {
            assert!(error.to_string().contains(word), "{config}: {error}");
        }
    }
    let energy = |more: &str| {
        let config = format!(
            r#"{{"system-xml": "{}", "pdb": "{}", "contexts": 1, {more}}}"#,
            constrained.display(),
            pdb
        );
        Trial::<OpenMm>::create(&config, None).unwrap().evaluate(&start).unwrap().energies[0]
    };
    let loose = energy(r#""constraints": "ignore""#);
    let distance = (0..3).map(|axis| (start[axis] - start[3 + axis]).powi(2)).sum::<f64>().sqrt();
    for (more, strength) in [("", 284512.0), (r#", "constraint-strength": 1000.0"#, 1000.0)] {
        let held = energy(&format!(r#""constraints": "bonds"{more}"#));
        let expected = loose + 0.5 * strength * (distance - 0.1f64).powi(2);
        assert!((held - expected).abs() < 1e-8, "{held}, {expected}");
    }
    for unknown in [r#"{"platfrom": "CPU"}"#, r#"{"contexts": 0}"#, r#"{"implicit": "obc3"}"#, "[]"] {
        assert!(Trial::<OpenMm>::create(unknown, None).is_err(), "accepted: {unknown}");
    }
}

#[test]
fn the_cpu_platform_is_found_and_agrees_with_reference() {
    // Single precision inside.
    const RELATIVE: f64 = 1e-4;
    let positions = topology(&serde_json::json!({})).positions;
    let batch: Vec<f64> =
        (0..8).flat_map(|i| positions.iter().map(move |x| x * (1.0 + 0.002 * f64::from(i)))).collect();
    let reference = Trial::<OpenMm>::create("{}", None).unwrap().evaluate(&batch).unwrap();
    let cpu = Trial::<OpenMm>::create(r#"{"platform": "CPU", "contexts": 2}"#, None).unwrap();
    let found = cpu.evaluate(&batch).unwrap();
    for (found, expected) in found.energies.iter().zip(&reference.energies) {
        assert!((found - expected).abs() < RELATIVE * (1.0 + expected.abs()), "{found}, {expected}");
    }
}

#[test]
fn a_virtual_site_has_no_gradient_of_its_own() {
    let xml = r#"<System openmmVersion="8.6.1" type="System" version="1">
        <PeriodicBoxVectors><A x="2" y="0" z="0"/><B x="0" y="2" z="0"/><C x="0" y="0" z="2"/></PeriodicBoxVectors>
        <Particles><Particle mass="12"/><Particle mass="1"/>
        <Particle mass="0"><TwoParticleAverageSite p1="0" p2="1" w1=".25" w2=".75"/></Particle></Particles><Constraints/>
        <Forces><Force forceGroup="0" name="bond" type="HarmonicBondForce" usesPeriodic="0" version="2">
        <Bonds><Bond d=".1" k="1000" p1="0" p2="1"/></Bonds></Force>
        <Force energy="100*(x^2+y^4)" forceGroup="0" name="field" type="CustomExternalForce" version="1">
        <PerParticleParameters/><GlobalParameters/><Particles><Particle index="2"/></Particles></Force></Forces></System>"#;
    let folder = tempfile::tempdir().unwrap();
    let (file, pdb) = (folder.path().join("site.xml"), folder.path().join("site.pdb"));
    std::fs::write(&file, xml).unwrap();
    let atom = |i: usize, name: &str| format!("HETATM{i:5} {name} UNK A   1       0.000   1.000   0.000\n");
    std::fs::write(&pdb, atom(1, " C1 ") + &atom(2, " H1 ") + &atom(3, " M1 ")).unwrap();
    let config = serde_json::json!({ "system-xml": file, "pdb": pdb });
    assert_eq!(topology(&config).atomic_numbers, [6, 1, 0]);
    let potential = Trial::<OpenMm>::create(&config.to_string(), None).unwrap();
    // The third position is that of the site, whatever stands there.
    let start = [0.3, 0.1, 0.0, 0.5, -0.4, 0.2, 7.0, 7.0, 7.0];
    let gradient = potential.evaluate(&start).unwrap().gradients;
    assert_eq!(gradient[6..], [0.0; 3]);
    for coordinate in 0..9 {
        let energy = |step: f64| {
            let mut positions = start;
            positions[coordinate] += step;
            potential.evaluate(&positions).unwrap().energies[0]
        };
        let expected = (energy(1e-5) - energy(-1e-5)) / 2e-5;
        assert!(
            (gradient[coordinate] - expected).abs() < 1e-5 * (1.0 + expected.abs()),
            "{coordinate}: {gradient:?}"
        );
    }
}

/// Set in the process that the test starts, whose cache folder is a temporary one.
const CHILD: &str = "FREELAND_TEST_FORCEFIELD_CHILD";

#[test]
fn force_field_files_make_a_system_once() {
    let folder = tempfile::tempdir().unwrap();
    let child = |stage: &str| {
        let name = if stage == "include" { "include_child" } else { "force_field_child" };
        let output = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture", "--ignored"])
            .env(CHILD, stage)
            .env("XDG_CACHE_HOME", folder.path())
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let first = child("make");
    if let Some(line) = first.lines().find(|line| line.starts_with("skipped:")) {
        println!("{line}");
        return;
    }
    let cached: Vec<PathBuf> = std::fs::read_dir(folder.path().join("freeland/openmm"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(cached.len(), 1);
    // The second time nothing but the cache is asked: what is changed there shows.
    let text = std::fs::read_to_string(&cached[0]).unwrap();
    std::fs::write(&cached[0], text.replacen("12.01078", "13.5", 1)).unwrap();
    child("cached");
    // A damaged file is made again.
    std::fs::write(&cached[0], "{").unwrap();
    child("make");
    child("include");
}

#[test]
#[ignore = "run by force_field_files_make_a_system_once, with a cache folder of its own"]
fn include_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "main.xml",
        r#"<ForceField><Include file="bonds.xml"/><AtomTypes><Type name="h" class="h" element="H" mass="1"/></AtomTypes>
        <Residues><Residue name="HHH"><Atom name="H1" type="h"/><Atom name="H2" type="h"/>
        <Bond atomName1="H1" atomName2="H2"/></Residue></Residues></ForceField>"#,
    );
    let atom = |i: usize| {
        format!("HETATM{i:5}  H{i}  HHH A   1       {i}.000   0.000   0.000  1.00  0.00           H\n")
    };
    write("two.pdb", &(atom(1) + &atom(2) + "CONECT    1    2\n"));
    let path = |name: &str| folder.path().join(name);
    let config = serde_json::json!({ "forcefield": [path("main.xml")], "pdb": path("two.pdb") }).to_string();
    // 0.1 nm, where the bond has 0.2.
    for strength in [1000, 3000, 1000] {
        let bond = format!(r#"<Bond class1="h" class2="h" length="0.2" k="{strength}"/>"#);
        write(
            "bonds.xml",
            &format!("<ForceField><HarmonicBondForce>{bond}</HarmonicBondForce></ForceField>"),
        );
        let positions = [0.1, 0.0, 0.0, 0.2, 0.0, 0.0];
        let energy =
            Trial::<OpenMm>::create(&config, None).unwrap().evaluate(&positions).unwrap().energies[0];
        assert!((energy - 0.005 * f64::from(strength)).abs() < 1e-9, "{strength}: {energy}");
    }
}

#[test]
#[ignore = "run by force_field_files_make_a_system_once, with a cache folder of its own"]
fn force_field_child() {
    let Some(stage) = std::env::var_os(CHILD) else { return };
    let config = serde_json::json!({
        "forcefield": ["amber96.xml", "implicit/obc1.xml"], "pdb": data("alanine-dipeptide.pdb")
    });
    let potential = match create(&config) {
        Err(error) if error.to_string().contains("no Python with the openmm package") => {
            println!("skipped: {error}");
            return;
        }
        other => other.unwrap(),
    };
    let mut found = potential.topology().unwrap().clone();
    let built_in = topology(&serde_json::json!({}));
    // Atom 1 is the first carbon.
    assert_eq!(found.masses[1], if stage == "cached" { 13.5 } else { built_in.masses[1] });
    found.masses[1] = built_in.masses[1];
    assert_eq!(found, built_in);
    let energy =
        |config: &str| Trial::<OpenMm>::create(config, None).unwrap().evaluate(&built_in.positions).unwrap();
    let (a, b) = (energy(&config.to_string()).energies[0], energy("{}").energies[0]);
    assert!((a - b).abs() < 1e-6, "{a}, {b}");
    let unknown =
        serde_json::json!({ "forcefield": ["no-such-file.xml"], "pdb": data("alanine-dipeptide.pdb") });
    let error = create(&unknown).err().unwrap().to_string();
    assert!(error.contains("no-such-file.xml"), "{error}");
}
