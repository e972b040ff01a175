//! Names that other libraries of the process have too.

use std::process::Command;

use crate::{build, python};

/// A library that was loaded earlier, and for all to see, with every function of ours.
const EARLIER: &str = r#"
int calls;
#define IMPOSTER(name) long name(void) { calls++; return 0; }
IMPOSTER(registerKernelFactories)
IMPOSTER(epp_force_register)
IMPOSTER(epp_force_data_new)
IMPOSTER(epp_force_data_delete)
IMPOSTER(epp_force_data_set_text)
IMPOSTER(epp_force_data_impl)
IMPOSTER(epp_force_data_is_periodic)
IMPOSTER(freeland_openmm_open)
IMPOSTER(freeland_openmm_close)
IMPOSTER(freeland_openmm_evaluate)
IMPOSTER(freeland_openmm_parameter)
IMPOSTER(freeland_openmm_warn)
"#;

/// OpenMM loads its plugins for all to see, and each has a `registerKernelFactories`.
const SCRIPT: &str = r#"
import ctypes, sys
import openmm
earlier = ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)
from force import context, energy_and_forces, force, particles
system = particles(2)
system.addForce(force("pair"))
assert not system.usesPeriodicBoundaryConditions()
run = context(system)
run.setPositions([[0, 0, 0], [0.3, 0, 0]])
assert abs(energy_and_forces(run)[0] - 20.0) < 1e-12
assert ctypes.c_int.in_dll(earlier, "calls").value == 0
"#;

#[test]
fn the_library_calls_its_own_functions() {
    let mut python = match python::with_openmm("8.6.1") {
        Ok(python) => python,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (folder.path().join("earlier.c"), folder.path().join("libearlier.so"));
    std::fs::write(&source, EARLIER).unwrap();
    build::run(build::compiler("CC", "cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]));
    let scripts = build::root().join("ffi/openmm-force/tests/python");
    build::run(python.args(["-c", SCRIPT]).arg(&library).current_dir(scripts));
}

#[test]
fn only_what_is_promised_leaves_the_library() {
    let library = build::libraries().join("libepp_openmm.so");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output().unwrap();
    let header = build::root().join("ffi/openmm-force/include/epp_openmm.h");
    let header = std::fs::read_to_string(header).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        // The seam between the halves of the library is Rust's to define, and so it is seen.
        let known = name == "registerKernelFactories"
            || name.starts_with("freeland_openmm_")
            || header.contains(&format!("{name}("));
        assert!(known, "{name} is not in epp_openmm.h");
    }
}
