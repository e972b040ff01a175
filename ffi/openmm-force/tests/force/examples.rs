//! The examples in C and C++, as their heads say they are compiled and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;

/// Compiles `host/examples/PATH` and runs it on alanine dipeptide; what it prints.
#[track_caller]
fn ran(mut compiler: Command, path: &str) -> String {
    let openmm = PathBuf::from(std::env::var_os("OPENMM_DIR").expect(".cargo/config.toml sets OPENMM_DIR"));
    let (libraries, root) = (build::libraries(), build::root());
    let program = libraries.join(path.replace(['/', '.'], "-"));
    build::run(
        compiler
            .args(["-Wall", "-Wextra", "-Werror", "-isystem"])
            .arg(openmm.join("include"))
            .arg("-I")
            .arg(root.join("ffi/openmm-force/include"))
            .arg(root.join("host/examples").join(path))
            .arg("-L")
            .arg(libraries)
            .args(["-lepp_openmm", "-L"])
            .arg(openmm.join("lib"))
            .args(["-lOpenMM", "-o"])
            .arg(&program),
    );
    let data = root.join("plugins/molecule/data");
    let run = |plugin: &Path| {
        Command::new(&program)
            .arg(plugin)
            .args([data.join("alanine-dipeptide.obc1.xml"), data.join("alanine-dipeptide.pdb")])
            .env("LD_LIBRARY_PATH", std::env::join_paths([libraries, &openmm.join("lib")]).unwrap())
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
    let mut compiler = build::compiler("CXX", "c++");
    compiler.arg("-std=c++17");
    let printed = ran(compiler, "cpp/openmm.cpp");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 5, "{printed}");
    let values: Vec<f64> = lines.iter().filter_map(|line| numbers(line).last().copied()).collect();
    assert!((values[0] - values[1]).abs() < 1e-5, "{printed}");
    assert!(values[2] < 1e-6, "{printed}");
    assert!(lines[3].contains("libfreeland_molecular_mechanics.so' in force group 1"), "{printed}");
    // The bias is positive.
    assert!(values[4] > values[1], "{printed}");
}
