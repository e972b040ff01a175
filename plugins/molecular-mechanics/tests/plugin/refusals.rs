//! What is refused says what it is and what to do instead.
use epp::sdk::Trial;
use freeland_molecular_mechanics::{MolecularMechanics, xml::read_system};

/// A kept System with one text replaced, and what the refusal says.
const SYSTEMS: [(&str, &str, &str, &[&str]); 19] = [
    (
        "alanine-vacuum",
        "type=\"HarmonicAngleForce\"",
        "type=\"AmoebaBondForce\"",
        &["the force AmoebaBondForce", "plugin 'openmm'"],
    ),
    ("alanine-vacuum", "method=\"0\"", "method=\"4\"", &["the nonbonded method PME of 'NonbondedForce'"]),
    ("alanine-vacuum", "method=\"0\"", "method=\"1\"", &["CutoffNonPeriodic", "only NoCutoff"]),
    ("alanine-vacuum", "usesPeriodic=\"0\"", "usesPeriodic=\"1\"", &["usesPeriodic", "HarmonicBondForce"]),
    (
        "alanine-vacuum",
        "<Particle mass=\"12.01078\"/>",
        "<Particle mass=\"0\"><TwoParticleAverageSite/></Particle>",
        &["virtual site", "<Particle> 0", "TwoParticleAverageSite"],
    ),
    (
        "alanine-vacuum",
        "<Exceptions>",
        "<Exceptions>every fifth",
        &["the text \"every fifth\"", "<Exceptions>"],
    ),
    ("alanine-vacuum", "d=\".1229\"", "d=\".1229\" shape=\"cubic\"", &["shape=\"cubic\"", "<Bond>"]),
    ("alanine-vacuum", "<Bond ", "<Bond xmlns=\"urn:ties\" ", &["HarmonicBondForce", "<Bond>"]),
    (
        "alanine-vacuum",
        "version=\"4\"",
        "version=\"5\"",
        &["version 1 or 2 or 3 or 4 of NonbondedForce", "5"],
    ),
    (
        "alanine-vacuum",
        "type=\"System\" version=\"1\"",
        "type=\"System\" version=\"2\"",
        &["version 1 of System", "2"],
    ),
    ("alanine-vacuum", "<Constraints/>", "", &["<Constraints>"]),
    ("alanine-vacuum", "<Constraints/>", "<Constraints/><Constraints/>", &["<Constraints> once"]),
    ("alanine-vacuum", "mass=\"12.01078\"", "mass=\"-12\"", &["<Particle> 0", "mass"]),
    ("alanine-vacuum", "periodicity=\"2\"", "periodicity=\"7\"", &["periodicity 7"]),
    ("alanine-vacuum", "p1=\"4\" p2=\"5\"", "p1=\"4\" p2=\"99\"", &["HarmonicBondForce", "below 22", "99"]),
    ("alanine-vacuum", "d=\".1229\"", "d=\"nan\"", &["HarmonicBondForce", "finite number", "nan"]),
    ("alanine-obc1", "tanh(0.8*psi", "tanh(0.8*psy", &["unknown variable psy", "CustomGBForce"]),
    ("alanine-obc1", "(radius+0.14)^2*", "surface(radius+0.14)*", &["surface(", "a function that is known"]),
    ("alanine-charmm36-2024", "acoef(type1, type2)/r^12", "acoef(type1)/r^12", &["2 arguments of 'acoef'"]),
];

/// Positions, nm, as the PDB file has them.
pub fn pdb_positions(case: &str) -> Vec<f64> {
    let path = format!("{}/tests/reference/data/{case}.pdb", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let atoms = text.lines().filter(|line| line.starts_with("ATOM") || line.starts_with("HETATM"));
    atoms
        .flat_map(|line| [30, 38, 46].map(|at| line[at..at + 8].trim().parse::<f64>().unwrap() / 10.0))
        .collect()
}

pub fn kept(case: &str) -> String {
    let path = format!("{}/tests/reference/data/{case}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn systems() {
    for (case, from, to, expected) in SYSTEMS {
        let text = kept(case);
        assert!(text.contains(from), "{case} has no {from}");
        let error = read_system(&text.replacen(from, to, 1)).unwrap_err().to_string();
        for part in expected {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
    }
}

#[test]
fn not_a_system() {
    assert!(read_system("<System").unwrap_err().to_string().contains("not well-formed"));
    assert!(read_system("<State/>").unwrap_err().to_string().contains("<State>"));
    assert!(read_system("<System/>").unwrap_err().to_string().contains("'type'"));
}

#[test]
fn a_force_without_energy_is_no_term() {
    let text = kept("alanine-vacuum");
    let remover = r#"<Forces><Force forceGroup="0" frequency="1" name="CMMotionRemover" type="CMMotionRemover" version="1"/>"#;
    read_system(&text.replacen("<Forces>", remover, 1)).unwrap();
}

#[test]
fn the_older_improper_of_charmm_is_known() {
    let text = kept("zwitterion-charmm36-2024");
    let start = text.find("k*min(").unwrap();
    let end = start + text[start..].find('"').unwrap();
    let older = format!("{}k*(theta-theta0)^2{}", &text[..start], &text[end..]);
    read_system(&older).unwrap();
}

#[test]
fn configs() {
    let missing = format!("{}/tests/reference/data/alanine-vacuum.xml", env!("CARGO_MANIFEST_DIR"));
    for (config, expected) in [
        (r#"{"sytem": "alanine-dipeptide"}"#.to_owned(), "sytem"),
        (r#"{"implicit": "gb3"}"#.into(), "gb3"),
        (r#"{"precision": "half"}"#.into(), "half"),
        (r#"{"threads": 0}"#.into(), "threads"),
        (r#"{"forcefield": ["amber96.xml"], "pdb": "x.pdb"}"#.into(), "XmlSerializer"),
        (r#"{"pdb": "x.pdb"}"#.into(), "system-xml: missing"),
        (format!(r#"{{"system-xml": "{missing}"}}"#), "pdb: missing"),
        (r#"{"system-xml": "none.xml", "pdb": "none.pdb"}"#.into(), "cannot read none.xml"),
        (r#"{"system-xml": "x.xml", "pdb": "x.pdb", "implicit": "hct"}"#.into(), "implicit"),
        (r#"{"system-xml": "x.xml", "pdb": "x.pdb", "system": "alanine-dipeptide"}"#.into(), "one way"),
    ] {
        let error = Trial::<MolecularMechanics>::create(&config, None).unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error:?} does not say {expected:?}");
    }
}
