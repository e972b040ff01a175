//! `freeland.h` and `libfreeland.so` from C.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use freeland_loader::{Library, Manifest};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a command that must succeed, and returns what it prints.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

fn compiler() -> Command {
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"]);
    compiler.arg(root().join("ffi/epp/include"));
    compiler
}

/// A folder with the library, its worker, and plugins; the toys have a manifest.
fn libraries() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = TempDir::with_prefix_in("c-", env!("CARGO_TARGET_TMPDIR")).unwrap();
        let test = std::env::current_exe().unwrap();
        let built = test.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "freeland-c", "-p", "freeland-toys", "-p", "freeland-loader"]);
        cargo.args(built.ends_with("release").then_some("--release"));
        run(cargo.current_dir(root()).arg("--target-dir").arg(built.parent().unwrap()));
        for name in ["libfreeland.so", "libfreeland_toys.so", "freeland-worker"] {
            std::fs::copy(built.join(name), folder.path().join(name)).unwrap();
        }
        let toys = Library::open(&folder.path().join("libfreeland_toys.so")).unwrap();
        toys.manifest().write(&Manifest::path_of(toys.path())).unwrap();
        for (name, macros) in [
            ("pair_periodic", ["-DPERIODIC=7", "-DPAUSE_NS=0"]),
            ("pair_serial", ["-DTHREADS=EPP_THREADS_SERIAL", "-DPAUSE_NS=10000"]),
            ("pair_affine", ["-DTHREADS=EPP_THREADS_AFFINE", "-DPAUSE_NS=10000"]),
            ("pair_crashing", ["-DCRASHES", "-DPAUSE_NS=0"]),
        ] {
            run(compiler()
                .args(["-std=gnu99", "-shared", "-fPIC", "-o"])
                .arg(folder.path().join(format!("lib{name}.so")))
                .args(macros)
                .arg(root().join("ffi/openmm-force/tests/plugins/pair.c"))
                .arg("-lm"));
        }
        folder
    });
    FOLDER.path()
}

/// Compiles a program in strict C and links it with the library.
fn program(source: &Path, standard: &str) -> PathBuf {
    let program = libraries().join(source.file_stem().unwrap());
    run(compiler()
        .args([standard, "-pedantic", "-I"])
        .arg(root().join("ffi/c/include"))
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(libraries())
        .args(["-lfreeland", "-lm"]));
    program
}

fn ran(program: &Path, argument: impl AsRef<std::ffi::OsStr>) -> String {
    run(Command::new(program)
        .arg(argument)
        .env("LD_LIBRARY_PATH", libraries())
        .env_remove("FREELAND_PLUGIN_PATH")
        .env_remove("FREELAND_WORKER"))
}

#[test]
fn all_that_the_header_promises() {
    let api = program(&root().join("ffi/c/tests/programs/api.c"), "-std=c99");
    assert_eq!(ran(&api, libraries()), "0 failures\n");
}

#[test]
fn the_header_is_cpp_too() {
    let source = libraries().join("header.cpp");
    std::fs::write(&source, "#include \"freeland.h\"\n").unwrap();
    run(compiler()
        .args(["-std=c++17", "-pedantic", "-fsyntax-only", "-I"])
        .arg(root().join("ffi/c/include"))
        .arg(source));
}

#[test]
fn the_example_runs() {
    let example = program(&root().join("host/examples/c/freeland.c"), "-std=c99");
    // By its id: the toys lie beside the library.
    let printed = ran(&example, "mueller-brown");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 11, "{printed}");
    assert!(lines[0].contains("-146.69") && lines[10].contains("-108.16"), "{printed}");
    assert!(lines.iter().all(|line| line.ends_with("  ok")), "{printed}");
}

#[test]
fn nothing_but_the_functions_of_the_header_leaves_the_library() {
    let header = std::fs::read_to_string(root().join("ffi/c/include/freeland.h")).unwrap();
    let symbols =
        run(Command::new("nm").args(["-D", "--defined-only"]).arg(libraries().join("libfreeland.so")));
    let mut names: Vec<&str> = symbols.lines().filter_map(|line| line.split_whitespace().last()).collect();
    names.sort_unstable();
    let expected = [
        "freeland_close",
        "freeland_derive",
        "freeland_describe",
        "freeland_evaluate",
        "freeland_info",
        "freeland_last_error",
        "freeland_open",
        "freeland_output_count",
        "freeland_output_describe",
        "freeland_parameter",
        "freeland_parameter_count",
        "freeland_status_name",
        "freeland_version",
    ];
    assert_eq!(names, expected);
    assert!(expected.iter().all(|name| header.contains(&format!("{name}("))));
}
