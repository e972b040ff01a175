//! Plugins of other minor versions of the contract: one that was built from version 1.0 and is kept, and one built from a header
//! that does not exist yet.
use std::path::{Path, PathBuf};
use std::process::Command;

use freeland_loader::{Creation, Library, Potential, Request};
use serde_json::json;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/older-minor")
}

/// Everything that the plugin `older-minor` offers is there, and is right.
fn serves(library: &Path) {
    let library = Library::open_ignoring_manifest(library).unwrap();
    let potential = library.create("older-minor", &json!({}), &Creation::default()).unwrap();
    let info = potential.info();
    assert_eq!((info.atoms, info.dimensions, info.threads_inside), (2, 3, Some(1)));
    assert_eq!((info.has_gradient, info.discrete, info.uses_seed), (true, false, false));
    assert_eq!(info.fingerprint.as_deref(), Some("0123456789abcdef"));
    assert_eq!((info.dtypes.len(), info.symmetries.len()), (1, 2));
    assert_eq!(potential.topology().unwrap().atomic_numbers, [6, 6]);
    assert_eq!(potential.parameters()[0].name, "scale");
    assert_eq!(potential.outputs()[0].name, "energy-variance");
    evaluates(&potential);
}

fn evaluates(potential: &Potential) {
    let positions = [0.1, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0, 0.0];
    let (mut energies, mut gradients, mut statuses) = ([9.0; 2], [9.0; 12], [9; 2]);
    let (mut variance, scale) = ([9.0; 2], [2.0]);
    let request = Request::new(&positions, &mut statuses).energies(&mut energies).gradients(&mut gradients);
    let request = request.output("energy-variance", &mut variance).parameters(&scale, 0).seed(1, 2);
    potential.evaluate_into(request).unwrap();
    assert_eq!(statuses, [0, 1]);
    assert!((energies[0] - 0.05).abs() < 1e-15 && energies[1].is_nan(), "{energies:?}");
    assert_eq!(gradients, [0.2, 0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(variance[0] == 0.25 && variance[1].is_nan(), "{variance:?}");
}

/// Builds `source` with `header`.
fn build(header: &str, source: &str, arguments: &[&str], folder: &Path) -> PathBuf {
    std::fs::write(folder.join("epp.h"), header).unwrap();
    std::fs::write(folder.join("plugin.c"), source).unwrap();
    let library = folder.join("libepp_minor.so");
    let outcome = Command::new("cc")
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-Werror",
            "-fPIC",
            "-fvisibility=hidden",
            "-shared",
        ])
        .args(arguments)
        .arg("-o")
        .args([&library, &folder.join("plugin.c")])
        .output()
        .expect("this test needs a C compiler");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    library
}

fn source() -> String {
    std::fs::read_to_string(kept().join("plugin.c")).unwrap()
}

#[test]
fn a_plugin_of_version_1_0_still_loads() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("skipped: the plugin that is kept is one for Linux on x86-64");
        return;
    }
    // In a folder that nobody else can write to, wherever the sources lie.
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libepp_older_minor.so");
    std::fs::copy(kept().join("libepp_older_minor.so"), &library).unwrap();
    serves(&library);
}

#[test]
fn a_plugin_of_a_later_minor_loads() {
    let header = std::fs::read_to_string(kept().join("../../ffi/epp/include/epp.h")).unwrap();
    // Every struct has grown, and bits stand in every set that may be ignored.
    let minor = "#define EPP_ABI_MINOR 0u";
    assert!(header.contains(minor), "the version that the later one is made from");
    let header = header
        .replace(minor, "#define EPP_ABI_MINOR 1u")
        .replace("\n} epp_", "\n  uint64_t invented[5];\n} epp_");
    assert!(header.matches("invented").count() >= 17);
    let all = "~(uint64_t)0";
    let invented = format!("-DINVENTED=, .invented = {{{all}, {all}, {all}, {all}, {all}}}");
    let folder = tempfile::tempdir().unwrap();
    serves(&build(&header, &source(), &[&invented, "-DUNKNOWN=(1u << 20)"], folder.path()));
}

#[test]
fn a_potential_that_requires_what_nobody_knows_is_refused() {
    let header = std::fs::read_to_string(kept().join("epp.h")).unwrap();
    let (description, rest) = (".flags = UNKNOWN INVENTED};", "\n\nstatic int32_t info");
    for requirement in
        [".required = 1u << 20", ".required_extensions = (const char *const[]){\"epp.new/1\", NULL}"]
    {
        let source = source();
        let changed = source.replace(&[description, rest].concat(), &format!("{requirement}}};{rest}"));
        assert_ne!(source, changed);
        let folder = tempfile::tempdir().unwrap();
        let library = build(&header, &changed, &[], folder.path());
        let made = Library::open_ignoring_manifest(&library).map_err(|error| error.to_string());
        let made = made.and_then(|library| {
            let made = library.create("older-minor", &json!({}), &Creation::default());
            made.map_err(|error| error.to_string())
        });
        let Err(text) = made else { panic!("made in spite of {requirement}") };
        println!("{text}");
    }
}
