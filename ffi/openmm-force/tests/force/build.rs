//! The libraries that the tests load, in one folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `cc`, or what `CC` names; likewise for C++.
pub fn compiler(variable: &str, default: &str) -> Command {
    Command::new(std::env::var_os(variable).unwrap_or_else(|| default.into()))
}

/// Runs a command that must succeed.
#[track_caller]
pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{stdout}\n{stderr}");
}

/// The variants of `plugins/pair.c`, and the macros they are compiled with.
const PAIRS: &[(&str, &[&str])] = &[
    ("pair", &[]),
    ("pair_periodic", &["-DPERIODIC=7"]),
    ("pair_serial", &["-DTHREADS=EPP_THREADS_SERIAL", "-DPAUSE_NS=20000"]),
    ("pair_crashing", &["-DCRASHES"]),
    ("pair_affine", &["-DTHREADS=EPP_THREADS_AFFINE", "-DPAUSE_NS=20000"]),
];

/// A folder with libepp_openmm.so, its worker, the project's plugins and the variants of the pair.
pub fn libraries() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder =
            TempDir::with_prefix_in("force-", env!("CARGO_TARGET_TMPDIR")).expect("cargo made this folder");
        let built = built(&[
            "openmm-force",
            "freeland-toys",
            "freeland-molecular-mechanics",
            "freeland-openmm",
            "freeland-loader",
        ]);
        for name in [
            "libepp_openmm.so",
            "libfreeland_toys.so",
            "libfreeland_molecular_mechanics.so",
            "libfreeland_openmm.so",
            "freeland-worker",
        ] {
            std::fs::copy(built.join(name), folder.path().join(name)).expect("cargo built it");
        }
        for (name, macros) in PAIRS {
            run(compiler("CC", "cc")
                .args(["-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread"])
                .args(*macros)
                .arg("-I")
                .arg(root().join("ffi/epp/include"))
                .arg("-o")
                .arg(folder.path().join(format!("lib{name}.so")))
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/pair.c"))
                .arg("-lm"));
        }
        folder
    });
    FOLDER.path()
}

/// Builds packages in the profile of this test, and returns the folder that holds what they make: `cargo test` itself leaves
/// no cdylib there.
fn built(packages: &[&str]) -> PathBuf {
    let test = std::env::current_exe().expect("the system tells the path of the test");
    let folder = test.parent().and_then(Path::parent).expect("cargo puts it into PROFILE/deps").to_path_buf();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet"]).current_dir(root());
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    cargo.arg("--target-dir").arg(folder.parent().expect("a profile lies in a target folder"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    run(&mut cargo);
    folder
}
