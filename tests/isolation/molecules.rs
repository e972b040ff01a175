//! The plugins of molecules in worker processes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use freeland_loader::{Potential, ProcessOptions, SearchPath, open};
use serde_json::{Value, json};

use super::{bits, isolated, process};
use crate::support::{freeland_with, scratch, worker, workspace_library};

/// Frames of alanine dipeptide that are tried: more than one for every worker.
const FRAMES: usize = 24;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first frames at 300 K, nm.
fn frames() -> Vec<f64> {
    let file = root().join("tests/data/alanine-dipeptide-frames.npy");
    let all = freeland_frames::read(&file, 22, 3).unwrap().positions;
    all.as_slice().unwrap()[..66 * FRAMES].to_vec()
}

/// Without OpenMM, its plugin cannot be built.
fn has_openmm() -> bool {
    let found = std::env::var_os("OPENMM_DIR").is_some_and(|folder| Path::new(&folder).join("lib").is_dir());
    if !found {
        println!("skipped: OPENMM_DIR leads to no OpenMM");
    }
    found
}

fn both(package: &str, config: &Value) -> (Potential, Potential) {
    let library = workspace_library(package);
    let here = open(library.to_str().unwrap(), config, &SearchPath::of([])).unwrap();
    let process = ProcessOptions { time_limit: std::time::Duration::from_secs(60), ..process() };
    (here, isolated(&library, config, ProcessOptions { workers: Some(2), ..process }).unwrap())
}

#[test]
fn molecules_have_the_same_bits_in_two_workers() {
    let positions = frames();
    let mut plugins = vec![("freeland-molecular-mechanics", json!({ "threads": 1 }))];
    if has_openmm() {
        plugins.push(("freeland-openmm", json!({ "contexts": 1 })));
    }
    for (package, config) in plugins {
        let (here, there) = both(package, &config);
        assert_eq!((there.info(), there.topology()), (here.info(), here.topology()));
        let expected = here.evaluate(&positions, true).unwrap();
        assert_eq!(expected.statuses, [0; FRAMES]);
        assert!(bits(&there.evaluate(&positions, true).unwrap()) == bits(&expected), "{package}");
        let faults = there.faults().unwrap();
        assert!(faults.is_clean(), "{package}: {faults:?}");
    }
}

/// A Python that refuses to be asked twice in one folder for temporary files.
const ONCE: &str = r#"#!/bin/sh
if [ -e "$TMPDIR/asked" ]; then exit 9; fi
: > "$TMPDIR/asked" || exit 8
exec "$REAL_PYTHON" "$@"
"#;

#[test]
fn a_force_field_is_converted_once_for_all_workers() {
    let python = root().join(".deps/python/bin/python");
    if !has_openmm() || !python.exists() {
        println!("skipped: {} is not there", python.display());
        return;
    }
    let folder = scratch().path().join("once");
    let home = folder.join("home");
    std::fs::create_dir_all(&home).unwrap();
    let once = folder.join("python");
    std::fs::write(&once, ONCE).unwrap();
    std::fs::set_permissions(&once, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.join("frames.npy");
    ndarray_npy::write_npy(&file, &ndarray::arr1(&frames()).to_shape((FRAMES, 22, 3)).unwrap()).unwrap();
    let library = workspace_library("freeland-openmm");
    let config = json!({
        "forcefield": ["amber96.xml", "implicit/obc1.xml"],
        "pdb": root().join("plugins/molecule/data/alanine-dipeptide.pdb"),
        "contexts": 1,
    });
    worker();
    let evaluate = |more: &[&str]| -> Value {
        let config = config.to_string();
        let fixed = ["evaluate", "--json", "--plugin", library.to_str().unwrap(), "--config", &config];
        let positions = ["--positions", file.to_str().unwrap()];
        // No cache of a user's, and none that this test leaves behind.
        let variables = [
            ("HOME", home.as_path()),
            ("XDG_CACHE_HOME", &home),
            ("FREELAND_PYTHON", &once),
            ("REAL_PYTHON", &python),
            ("TMPDIR", &folder),
        ];
        let ran = freeland_with(fixed.iter().chain(&positions).chain(more), &variables);
        serde_json::from_str(&ran.good()).unwrap()
    };
    let isolated = evaluate(&["--workers", "2"]);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 0, "a worker wrote into the user's cache");
    let here = evaluate(&[]);
    assert_eq!(isolated, here);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 1, "the user's cache is used where it can be");
}
