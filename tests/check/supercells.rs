//! Supercells are tried where they can be, and where they cannot, the reason is said.

use std::path::Path;

use serde_json::Value;

use crate::support::{freeland, misbehaving, toys};

/// Verdict and reason of the rule.
fn supercells(library: &Path, id: &str, config: &str) -> (String, String) {
    let library = library.to_str().unwrap();
    let only = ["--only", "evaluation/supercells", "--json", "-"];
    let ran =
        freeland(["plugin", "check", library, "--id", id, "--config", config].iter().chain(&only).copied());
    let report: Value = serde_json::from_str(&ran.good()).unwrap();
    let result = report["results"].as_array().unwrap().last().unwrap();
    let text = |key: &str| result[key].as_str().unwrap().to_owned();
    (text("verdict"), text("reason"))
}

#[test]
fn supercells_where_a_key_says_the_number_of_atoms() {
    let toys = toys().join("libfreeland_toys.so");
    for config in ["{}", r#"{"atoms": 1}"#, r#"{"atoms": 7, "cutoff": 2.5}"#] {
        let (verdict, reason) = supercells(&toys, "soft-spheres", config);
        assert_eq!(verdict, "passed", "{config}: {reason}");
        // Six configurations in each of two boxes, doubled in five ways.
        assert!(reason.starts_with("60 supercells by the key 'atoms', "), "{config}: {reason}");
    }
}

#[test]
fn no_supercells_elsewhere() {
    let toys = toys().join("libfreeland_toys.so");
    let skipped = |reason: &str| ("skipped".to_owned(), reason.to_owned());
    assert_eq!(supercells(&toys, "gaussian", "{}"), skipped("it is not periodic"));
    let (verdict, reason) = supercells(&misbehaving("periodic"), "misbehaving", "{}");
    assert_eq!(verdict, "skipped");
    assert!(reason.starts_with("it does not declare translation and permutation of all atoms"), "{reason}");
}
