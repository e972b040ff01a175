//! What the tests run: the binary, the plugins of this workspace, and plugins in C.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use freeland_loader::{Creation, Library, Manifest, Potential};
use ndarray::Array2;
use tempfile::TempDir;

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Its stdout, where it ended well.
    #[track_caller]
    pub fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Its last line on stdout, where it ran and found something bad.
    #[cfg(feature = "science")]
    #[track_caller]
    pub fn bad(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stdout.lines().last().unwrap_or_default().to_owned()
    }

    /// Its last line on stderr, where it could not run.
    #[track_caller]
    pub fn refusal(self) -> String {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert_eq!(self.stdout, "", "a refusal prints no result");
        let last = self.stderr.lines().last().unwrap_or_default();
        last.strip_prefix("error: ").unwrap_or_else(|| panic!("no error in: {}", self.stderr)).to_owned()
    }
}

/// Runs `freeland` with these arguments, and without anything of the user's.
pub fn freeland<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    freeland_with(arguments, &[])
}

/// As [`freeland`], with these environment variables.
pub fn freeland_with<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    variables: &[(&str, &Path)],
) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(arguments)
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("FREELAND_PLUGIN_PATH")
        .env_remove("FREELAND_LOG")
        .env("XDG_DATA_HOME", scratch().path().join("data"))
        .envs(variables.iter().copied())
        .output()
        .expect("the binary was built for this test");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder for the whole test run.
pub fn scratch() -> &'static TempDir {
    static SCRATCH: LazyLock<TempDir> = LazyLock::new(|| {
        TempDir::with_prefix_in("run-", env!("CARGO_TARGET_TMPDIR")).expect("cargo made this folder")
    });
    &SCRATCH
}

/// A folder with the toys and their manifest.
pub fn toys() -> &'static Path {
    static TOYS: OnceLock<PathBuf> = OnceLock::new();
    TOYS.get_or_init(|| {
        let folder = scratch().path().join("toys");
        std::fs::create_dir_all(&folder).unwrap();
        let library = folder.join("libfreeland_toys.so");
        std::fs::copy(workspace_library("freeland-toys"), &library).unwrap();
        let library = Library::open(&library).unwrap();
        library.manifest().write(&Manifest::path_of(library.path())).unwrap();
        folder
    })
}

/// Builds a plugin of this workspace, in the profile of the binary: `cargo test` itself leaves no cdylib in target/.
pub fn workspace_library(package: &str) -> PathBuf {
    built(package).join(format!("lib{}.so", package.replace('-', "_")))
}

/// The executable of worker processes, beside the binary.
pub fn worker() -> &'static Path {
    static WORKER: LazyLock<PathBuf> = LazyLock::new(|| built("freeland-loader").join("freeland-worker"));
    &WORKER
}

/// Names a folder with all packages, built before: for a binary whose own compiler flags are not theirs.
const BUILT: &str = "FREELAND_TEST_BUILT";

/// Builds a package of this workspace; returns the folder of what is built.
fn built(package: &str) -> PathBuf {
    if let Some(folder) = std::env::var_os(BUILT) {
        return folder.into();
    }
    let folder = Path::new(env!("CARGO_BIN_EXE_freeland")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", package]).current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.arg("--target-dir").arg(folder.parent().unwrap());
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "{package} does not build");
    folder.to_owned()
}

/// Compiles `tests/misbehaving-plugins/NAME.c`, or `.cpp`, once; with `NAME.rs`, if there is one.
pub fn misbehaving(name: &str) -> PathBuf {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<OnceLock<PathBuf>>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let library = Arc::clone(compiled.entry(name.to_owned()).or_default());
    drop(compiled);
    library.get_or_init(|| compile(name)).clone()
}

fn compile(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = scratch().path().join("misbehaving");
    std::fs::create_dir_all(&folder).unwrap();
    let library = folder.join(format!("lib{name}.so"));
    let source = root.join("tests/misbehaving-plugins").join(name);
    // The few that C cannot write.
    let (source, variable, compiler, standard) = match source.with_extension("cpp") {
        cpp if cpp.exists() => (cpp, "CXX", "c++", "-std=gnu++20"),
        _ => (source.with_extension("c"), "CC", "cc", "-std=gnu99"),
    };
    let part = match source.with_extension("rs") {
        rust if rust.exists() => compile_part(&rust, &folder.join(format!("lib{name}.a"))),
        _ => Vec::new(),
    };
    let compiler = std::env::var_os(variable).unwrap_or_else(|| compiler.into());
    let status = Command::new(compiler)
        .args([standard, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-pthread", "-I"])
        .arg(root.join("ffi/epp/include"))
        .arg("-o")
        .arg(&library)
        .arg(source)
        .args(part)
        // A worker process has no mathematical library of its own to lend.
        .arg("-lm")
        .status()
        .expect("a C compiler is installed");
    assert!(status.success(), "{name} does not compile");
    library
}

/// The part of a plugin that is in Rust, as a static library; gives what links it, and exports nothing of it.
fn compile_part(source: &Path, library: &Path) -> Vec<OsString> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.args(["--edition", "2021", "--crate-type", "staticlib", "-O", "-o"]).arg(library).arg(source);
    assert!(command.status().expect("rustc is installed").success(), "{} does not compile", source.display());
    vec![library.into(), "-Wl,--exclude-libs,ALL".into()]
}

/// The one potential of `tests/misbehaving-plugins/NAME.c`.
pub fn misbehaving_potential(name: &str) -> Potential {
    let library = Library::open(&misbehaving(name)).unwrap();
    library.create("misbehaving", &serde_json::json!({}), &Creation::default()).unwrap()
}

/// Writes an `.npy` with this many configurations of a two-dimensional potential, the same ones every time, in
/// `[-1.5, 1.5)`.
pub fn positions_file(name: &str, count: usize) -> PathBuf {
    let path = scratch().path().join(name);
    ndarray_npy::write_npy(&path, &positions(count)).unwrap();
    path
}

/// What is in [`positions_file`].
pub fn positions(count: usize) -> Array2<f64> {
    // The golden ratio and its like fill the square evenly.
    let coordinate = |step: f64, index: usize| 3.0 * (step * (index as f64 + 0.5)).fract() - 1.5;
    Array2::from_shape_fn((count, 2), |(index, axis)| {
        coordinate([0.618_033_988_749_895, 0.754_877_666_246_693][axis], index)
    })
}
