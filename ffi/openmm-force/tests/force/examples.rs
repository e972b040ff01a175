//! Programs in C and C++: the examples, as their heads say they are compiled and run, and what the header promises.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;

/// Compiles a program, which lies at `path` in the workspace, and links it with the library.
#[track_caller]
fn compiled(mut compiler: Command, path: &str) -> PathBuf {
    let (libraries, root, openmm) = (build::libraries(), build::root(), openmm());
    let program = libraries.join(path.replace(['/', '.'], "-"));
    build::run(
        compiler
            .args(["-Wall", "-Wextra", "-Werror", "-isystem"])
            .arg(openmm.join("include"))
            .arg("-I")
            .arg(root.join("ffi/openmm-force/include"))
            .arg(root.join(path))
            .arg("-L")
            .arg(libraries)
            .args(["-lepp_openmm", "-L"])
            .arg(openmm.join("lib"))
            .args(["-lOpenMM", "-o"])
            .arg(&program),
    );
    program
}

fn openmm() -> PathBuf {
    PathBuf::from(std::env::var_os("OPENMM_DIR").expect(".cargo/config.toml sets OPENMM_DIR"))
}

/// What finds the libraries that a program was linked with.
fn library_path() -> OsString {
    std::env::join_paths([build::libraries(), &openmm().join("lib")]).unwrap()
}

fn cpp() -> Command {
    let mut compiler = build::compiler("CXX", "c++");
    compiler.arg("-std=c++17");
    compiler
}

/// Compiles `host/examples/PATH` and runs it on alanine dipeptide; what it prints.
#[track_caller]
fn ran(compiler: Command, path: &str) -> String {
    let program = compiled(compiler, &format!("host/examples/{path}"));
    let (libraries, root) = (build::libraries(), build::root());
    let data = root.join("plugins/molecule/data");
    let run = |plugin: &Path| {
        Command::new(&program)
            .arg(plugin)
            .args([data.join("alanine-dipeptide.obc1.xml"), data.join("alanine-dipeptide.pdb")])
            .env("LD_LIBRARY_PATH", library_path())
            .output()
            .unwrap()
    };
    let refused = run(Path::new("/nowhere/libx.so"));
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(words.contains("plugin '/nowhere/libx.so' does not exist"), "{words}");
    let good = run(&libraries.join("libfreeland_molecular_mechanics.so"));
    assert!(good.status.success(), "{good:?}");
    String::from_utf8(good.stdout).unwrap()
}

/// The numbers of a line, from its words.
fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn dynamics_in_c() {
    let mut compiler = build::compiler("CC", "cc");
    compiler.arg("-std=c99");
    let printed = ran(compiler, "c/openmm.c");
    let rows: Vec<Vec<f64>> = printed.lines().map(numbers).collect();
    assert_eq!(rows.len(), 6, "{printed}");
    for (report, row) in rows.iter().enumerate() {
        // Time, potential, kinetic energy; 66 degrees of freedom at 300 K have 82 kJ/mol on average, 14 of spread.
        assert!((row[0] - 0.2 * report as f64).abs() < 1e-3, "{printed}");
        assert!(row[1] > -175.0 && row[1] < 0.0 && row[2] > 20.0 && row[2] < 160.0, "{printed}");
    }
}

#[test]
fn forces_in_cpp() {
    let printed = ran(cpp(), "cpp/openmm.cpp");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 5, "{printed}");
    let values: Vec<f64> = lines.iter().filter_map(|line| numbers(line).last().copied()).collect();
    assert!((values[0] - values[1]).abs() < 1e-5, "{printed}");
    assert!(values[2] < 1e-6, "{printed}");
    assert!(lines[3].contains("libfreeland_molecular_mechanics.so' in force group 1"), "{printed}");
    // The bias is positive.
    assert!(values[4] > values[1], "{printed}");
}

#[test]
fn all_of_a_force_lies_behind_one_pointer() {
    let program = compiled(cpp(), "ffi/openmm-force/tests/programs/opaque.cpp");
    let plugin = build::libraries().join("libpair.so");
    build::run(Command::new(program).arg(plugin).env("LD_LIBRARY_PATH", library_path()));
}
