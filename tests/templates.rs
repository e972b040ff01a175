//! What the author of a plugin does, for every language: `plugin new`, the two commands it names, and an evaluation.

use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Array2;
use serde_json::Value;

use crate::support::{freeland, scratch};

/// Atoms of the plugins made here: not the number in the templates.
const ATOMS: usize = 5;
/// Of central differences with step 1e-5 nm: truncation and rounding both stay below a millionth of the largest slope.
const TOLERANCE: f64 = 1e-6;
const STEP: f64 = 1e-5;

#[test]
fn rust() {
    let folder = new("rust");
    // The versions that were tested, and no network: what cargo would otherwise ask the registry for.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    std::fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline"]).env_remove("CARGO_TARGET_DIR");
    build(&folder, &mut cargo);
    try_out(&folder.join("target/release"), "rust");
}

#[test]
fn c() {
    let Some(folder) = new_if_there_is("c", "cc") else { return };
    build(&folder, Command::new("make").arg("CFLAGS=-O2 -Wall -Wextra -pedantic -Werror"));
    try_out(&folder, "c");
}

#[test]
fn cpp() {
    let Some(folder) = new_if_there_is("c++", "c++") else { return };
    build(&folder, Command::new("make").arg("CXXFLAGS=-O2 -Wall -Wextra -pedantic -Werror"));
    try_out(&folder, "c++");
}

#[test]
fn fortran() {
    let Some(folder) = new_if_there_is("fortran", "gfortran") else { return };
    build(&folder, Command::new("make").arg("FFLAGS=-O2 -Wall -Wextra -pedantic -Werror"));
    try_out(&folder, "fortran");
}

#[test]
fn a_folder_that_is_there_is_left_alone() {
    let folder = scratch().path().join("occupied-by-a-plugin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.to_str().unwrap();
    let refusal = freeland(["plugin", "new", "argon", "--language", "c", "--output", path]).refusal();
    assert!(refusal.contains("is there already, and nothing is overwritten"), "{refusal}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_name_that_is_no_id_is_refused_before_anything_is_written() {
    let folder = scratch().path().join("no-id");
    let path = folder.to_str().unwrap();
    let ran = freeland(["plugin", "new", "../Argon", "--language", "c", "--output", path]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("lower-case letters, digits and single hyphens"), "{}", ran.stderr);
    assert!(!folder.exists());
}

/// The id of the plugin in a language.
fn id(language: &str) -> String {
    format!("my-{}", language.replace("++", "pp"))
}

/// Its library's file name.
fn library(language: &str) -> String {
    format!("libepp_{}.so", id(language).replace('-', "_"))
}

/// Writes the plugin, and looks at what is said of it.
fn new(language: &str) -> PathBuf {
    let folder = scratch().path().join("templates").join(id(language));
    let (path, atoms) = (folder.to_str().unwrap(), ATOMS.to_string());
    let said = freeland([
        "plugin",
        "new",
        &id(language),
        "--language",
        language,
        "--atoms",
        &atoms,
        "--output",
        path,
    ])
    .good();
    let library = library(language);
    assert!(said.contains("freeland plugin check ") && said.contains(&library), "{said}");
    folder
}

fn new_if_there_is(language: &str, compiler: &str) -> Option<PathBuf> {
    if let Err(error) = Command::new(compiler).arg("--version").output() {
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{compiler}: {error}");
        eprintln!("skipped: {compiler} is not installed");
        return None;
    }
    Some(new(language))
}

fn build(folder: &Path, command: &mut Command) {
    let output = command.current_dir(folder).output().expect("make or cargo is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Describes, finds, checks and evaluates the plugin in `folder`.
fn try_out(folder: &Path, language: &str) {
    let library = folder.join(library(language));
    let library = library.to_str().unwrap();
    freeland(["plugin", "manifest", library]).good();
    let path = folder.to_str().unwrap();
    assert!(freeland(["plugin", "list", "--plugin-path", path]).good().contains(&id(language)));
    let checked = freeland(["plugin", "check", library]).good();
    assert!(checked.contains("no rule is broken") && !checked.contains("warning"), "{checked}");

    // Atoms in a row, not quite: neighbours closer than at the minimum.
    let width = 3 * ATOMS;
    let here: Vec<f64> = (0..width)
        .map(|k| if k % 3 == 0 { 0.36 * (k / 3) as f64 } else { 0.05 * (2.3 * k as f64).sin() })
        .collect();
    let mut rows = here.clone();
    for k in 0..width {
        for shift in [STEP, -STEP] {
            rows.extend(&here);
            let moved = rows.len() - width + k;
            rows[moved] += shift;
        }
    }
    // The last one has two atoms in one place.
    rows.extend(&here);
    let last = rows.len() - width;
    rows.copy_within(last..last + 3, last + 3);
    let count = rows.len() / width;
    let file = scratch().path().join(format!("{}.npy", id(language)));
    ndarray_npy::write_npy(&file, &Array2::from_shape_vec((count, width), rows).unwrap()).unwrap();
    let ran = freeland([
        "evaluate",
        "--plugin",
        &id(language),
        "--plugin-path",
        path,
        "--positions",
        file.to_str().unwrap(),
        "--gradient",
        "--json",
    ]);
    // One configuration was bad, and only that one.
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(result["failed"], 1);
    let energy = |index: usize| result["energies"][index].as_f64().unwrap();
    let gradient: Vec<f64> = numbers(&result["gradients"][0]);
    assert_eq!(gradient.len(), width);
    let largest = gradient.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    assert!(energy(0) < 0.0 && largest > 1.0, "{} {largest}", energy(0));
    for (k, found) in gradient.iter().enumerate() {
        let expected = (energy(1 + 2 * k) - energy(2 + 2 * k)) / (2.0 * STEP);
        assert!((found - expected).abs() < TOLERANCE * largest, "{k}: {found}, expected {expected}");
    }
}

/// All numbers in nested arrays.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}
