//! Masses that dynamics cannot work with are refused, before the first energy call.

use std::path::{Path, PathBuf};

use crate::support::{freeland, scratch, workspace_library};

/// Alanine dipeptide's example on molecular-mechanics, `hydrogen_mass` made so, and with `change` of the System's XML.
fn alanine(name: &str, hydrogen_mass: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = scratch().path().join(name);
    std::fs::create_dir(&folder).unwrap();
    let data = format!("{root}/plugins/molecule/data/alanine-dipeptide");
    let xml = std::fs::read_to_string(format!("{data}.vacuum.xml")).unwrap();
    std::fs::write(folder.join("system.xml"), change(&xml)).unwrap();
    let example = std::fs::read_to_string(format!("{root}/host/examples/alanine-dipeptide.toml")).unwrap();
    let text = example
        .replace(
            "plugin = \"molecular-mechanics\"",
            &format!("plugin = '{}'", workspace_library("freeland-molecular-mechanics").display()),
        )
        .replace(
            "config = { system = \"alanine-dipeptide\", implicit = \"obc1\" }",
            &format!("config = {{ system-xml = './system.xml', pdb = '{data}.pdb' }}"),
        )
        .replace("hydrogen-mass = \"3 Da\"", &format!("hydrogen-mass = \"{hydrogen_mass}\""));
    assert!(text.contains(&format!("hydrogen-mass = \"{hydrogen_mass}\"")), "{text}");
    let file = folder.join("alanine.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// What both verbs that move atoms say, each beginning with its section.
fn refusals(file: &Path) -> Vec<(&'static str, String)> {
    let out = file.with_extension("out");
    let out = out.to_str().unwrap();
    let file = file.to_str().unwrap();
    let refusal = |verb: &[&str]| freeland([verb, &[file, "--out", out]].concat()).refusal();
    vec![("starting-data", refusal(&["run"])), ("sampling", refusal(&["sample", "--method", "metadynamics"]))]
}

#[test]
fn hydrogens_leave_something_to_their_carbon() {
    for (section, refusal) in refusals(&alanine("heavy-hydrogens", "6 Da", str::to_owned)) {
        let expected = format!(
            "{section}.hydrogen-mass: 6 Da is taken from what hydrogens are bonded to, and atom 1:CH3 with 3 \
             of them would be left with less than 1 Da; at most 4.67 Da is possible for this molecule"
        );
        assert_eq!(refusal, expected);
    }
}

#[test]
fn a_particle_without_mass_is_named() {
    let massless = |xml: &str| xml.replacen("mass=\"12.01078\"", "mass=\"0\"", 1);
    for (section, refusal) in refusals(&alanine("massless", "3 Da", massless)) {
        let expected = format!("{section}: atom 1:CH3 has a mass of 0 Da");
        assert!(refusal.starts_with(&expected), "{refusal}");
        assert!(refusal.ends_with("give it a mass in the System, or take it out"), "{refusal}");
    }
}
