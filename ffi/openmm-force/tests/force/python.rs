//! A Python, and the versions of OpenMM it can import.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;

/// The versions that one build of the library must serve.
pub const VERSIONS: [&str; 3] = ["8.4.0", "8.5.2", "8.6.1"];

/// Names another Python than that of `scripts/setup`.
const PYTHON: &str = "FREELAND_PYTHON";
/// Names another folder with wheels than that of `scripts/setup --openmm-versions`.
const WHEELS: &str = "FREELAND_OPENMM_WHEELS";

/// A Python that imports OpenMM of `version`, or why there is none.
pub fn with_openmm(version: &str) -> Result<Command, String> {
    let deps = build::root().join(".deps");
    let python = std::env::var_os(PYTHON).map_or_else(|| deps.join("python/bin/python"), PathBuf::from);
    let wheels = std::env::var_os(WHEELS).map_or_else(|| deps.join("openmm-wheels"), PathBuf::from);
    let wheel = wheels.join(version);
    // The wheel by its folder, and else what the Python itself has.
    for folder in [wheel.is_dir().then_some(wheel.as_path()), None] {
        let found = command(&python, folder)
            .args(["-c", "import numpy, openmm.version; print(openmm.version.short_version)"])
            .output();
        match found {
            Err(error) => return Err(format!("{}: {error}; run scripts/setup", python.display())),
            Ok(output) if same(String::from_utf8_lossy(&output.stdout).trim(), version) => {
                return Ok(command(&python, folder));
            }
            Ok(_) => {}
        }
    }
    Err(format!("OpenMM {version} is not installed; run scripts/setup --openmm-versions"))
}

/// Whether two texts name one version: OpenMM calls 8.4.0 "8.4".
fn same(found: &str, version: &str) -> bool {
    found == version || format!("{found}.0") == version
}

fn command(python: &Path, packages: Option<&Path>) -> Command {
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("FREELAND_TEST_LIBRARIES", build::libraries());
    // Nothing of the user's.
    for variable in ["PYTHONPATH", "LD_LIBRARY_PATH", "FREELAND_PLUGIN_PATH", "FREELAND_WORKER"] {
        command.env_remove(variable);
    }
    if let Some(packages) = packages {
        command.env("PYTHONPATH", packages);
    }
    command
}
