//! The Python scripts, each on every version of OpenMM.

use std::path::Path;

use crate::{build, python};

/// Runs `tests/python/NAME.py` on all versions; one that is not installed is skipped, aloud.
#[track_caller]
fn on_every_version(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut ran = 0;
    for version in python::VERSIONS {
        match python::with_openmm(version) {
            Err(reason) => println!("skipped: {name} on OpenMM {version}: {reason}"),
            Ok(mut python) => {
                let script = folder.join(format!("tests/python/{name}.py"));
                build::run(python.arg(script).arg(build::root().join("plugins/molecule/data")));
                ran += 1;
            }
        }
    }
    println!("{name}: ran on {ran} of {} versions of OpenMM", python::VERSIONS.len());
}

#[test]
fn xml_there_and_back_and_copies() {
    on_every_version("serialization");
}

#[test]
fn alanine_dipeptide_equals_openmm() {
    on_every_version("alanine");
}

#[test]
fn parameters_particles_groups_and_boxes() {
    on_every_version("use");
}

#[test]
fn errors_name_plugin_and_sample() {
    on_every_version("errors");
}

#[test]
fn a_configuration_that_fails_answers_as_asked() {
    on_every_version("failures");
}

#[test]
fn contexts_and_threads() {
    on_every_version("contexts");
}

#[test]
fn a_crash_in_a_worker_is_an_exception() {
    on_every_version("isolation");
}

#[test]
fn the_plugin_openmm_takes_the_openmm_that_is_loaded() {
    on_every_version("plugin_openmm");
}
