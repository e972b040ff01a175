//! Files of libraries and manifests that are not what they seem, and libraries that are newer than their host.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use freeland_loader::{
    CreateError, Creation, FindError, Isolation, Level, Library, LoadError, Log, Manifest, Mismatch,
    OpenError, Options, Potential, ProcessOptions, Registry, SearchPath, Symmetry, open, open_with,
};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{freeland, freeland_with, misbehaving, positions_file, worker};

/// A copy of `tests/misbehaving-plugins/NAME.c`, in a folder of its own.
fn copy(name: &str, to: &str) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let library = folder.path().join(to);
    std::fs::copy(misbehaving(name), &library).unwrap();
    (folder, library)
}

fn at(library: &Path) -> Result<Potential, OpenError> {
    open(library.to_str().unwrap(), &Value::Null, &SearchPath::of([]))
}

#[test]
fn a_library_that_was_built_again_is_refused_in_the_same_process() {
    let (_folder, library) = copy("well-behaved", "libagain.so");
    let first = Library::open(&library).unwrap();
    // As a linker does it: another file, another inode, the same name.
    std::fs::remove_file(&library).unwrap();
    std::fs::copy(misbehaving("talkative"), &library).unwrap();
    let error = Library::open(&library).unwrap_err();
    assert!(matches!(error, LoadError::Changed { .. }), "{error}");
    assert!(error.to_string().ends_with("start the program again"), "{error}");
    // Under another name it is another library, with its own code and hash.
    let other = library.with_file_name("libother.so");
    std::fs::rename(&library, &other).unwrap();
    let second = Library::open(&other).unwrap();
    assert_ne!(first.sha256(), second.sha256());
    let outputs = |library: &Arc<Library>| {
        library.create("misbehaving", &json!({}), &Creation::default()).unwrap().outputs().len()
    };
    assert_eq!((outputs(&first), outputs(&second)), (0, 3));
}

#[test]
fn a_library_that_is_replaced_while_it_is_loaded_is_refused() {
    let (_folder, library) = copy("replaces-itself", "libreplaced.so");
    std::fs::copy(misbehaving("well-behaved"), library.with_file_name("libreplaced.so.other")).unwrap();
    let error = Library::open(&library).unwrap_err();
    assert!(matches!(error, LoadError::Changed { .. }), "{error}");
}

#[test]
fn a_library_under_the_manifest_of_another_name_must_agree_with_that() {
    let (folder, library) = copy("well-behaved", "libhonest.so");
    let listing = folder.path().join("somebody-else.epp.json");
    let mut manifest = Library::open(&library).unwrap().manifest();
    manifest.write(&listing).unwrap();
    let search = SearchPath::of([folder.path().to_owned()]);
    open("misbehaving", &Value::Null, &search).unwrap();
    manifest.sha256 = "0".repeat(64);
    manifest.write(&listing).unwrap();
    let error = open("misbehaving", &Value::Null, &search).unwrap_err();
    let differs = |what: &Mismatch| *what == Mismatch::Sha256;
    assert!(
        matches!(&error, OpenError::Load(LoadError::ManifestMismatch { what, .. }) if differs(what)),
        "{error}"
    );
    // By its path, nobody listed it.
    at(&library).unwrap();
}

#[test]
fn what_is_no_file_is_passed_over_with_a_word() {
    let (folder, library) = copy("well-behaved", "libgood.so");
    let path = |name: &str| folder.path().join(name);
    Library::open(&library).unwrap().manifest().write(&Manifest::path_of(&library)).unwrap();
    for name in ["pipe.epp.json", "libpipe.so"] {
        assert!(Command::new("mkfifo").arg(path(name)).status().unwrap().success());
    }
    for name in ["endless.epp.json", "libendless.so"] {
        symlink("/dev/zero", path(name)).unwrap();
    }
    std::fs::create_dir(path("folder.epp.json")).unwrap();
    let ran = freeland(["plugin", "list", "--plugin-path", folder.path().to_str().unwrap()]);
    for (name, kind) in [
        ("pipe.epp.json", "a pipe"),
        ("libpipe.so", "a pipe"),
        ("endless.epp.json", "a device"),
        ("libendless.so", "a device"),
        ("folder.epp.json", "a folder"),
    ] {
        let told = ran.stderr.lines().any(|line| line.contains(name) && line.contains(kind));
        assert!(told, "{name}: {}", ran.stderr);
    }
    assert!(ran.stdout.contains("misbehaving"), "{ran:?}");
    let error = Library::open(&path("libpipe.so")).unwrap_err().to_string();
    assert!(error.ends_with("cannot be read: it is a pipe, expected a file"), "{error}");
}

#[test]
fn names_may_hold_the_sign_that_separates_an_id() {
    let (folder, library) = copy("well-behaved", "lib#1.so");
    let deeper = folder.path().join("run #2");
    std::fs::create_dir(&deeper).unwrap();
    let moved = deeper.join("libplain.so");
    std::fs::copy(&library, &moved).unwrap();
    for library in [&library, &moved] {
        for spec in [library.display().to_string(), format!("{}#misbehaving", library.display())] {
            let found = open(&spec, &Value::Null, &SearchPath::of([]));
            assert!(found.is_ok(), "{spec}: {}", found.unwrap_err());
        }
    }
    let missing = deeper.join("libnone.so");
    let error = Registry::scan(&SearchPath::of([])).find(missing.to_str().unwrap()).unwrap_err();
    assert!(matches!(&error, FindError::Missing { path } if *path == missing), "{error}");
}

#[test]
fn a_library_that_is_cut_off_is_refused_before_it_is_mapped() {
    let (_folder, library) = copy("well-behaved", "libshort.so");
    let bytes = std::fs::read(&library).unwrap();
    for length in [bytes.len() / 2, 4096, 100] {
        std::fs::write(&library, &bytes[..length]).unwrap();
        for process in [false, true] {
            let isolation = if process {
                Isolation::Process(ProcessOptions {
                    executable: Some(worker().to_owned()),
                    ..ProcessOptions::default()
                })
            } else {
                Isolation::None
            };
            let options = Options { isolation, ..Options::default() };
            let spec = library.to_str().unwrap();
            let error = open_with(spec, &Value::Null, &SearchPath::of([]), &options).unwrap_err();
            let OpenError::Load(LoadError::CutOff { size, needed, .. }) = error else { panic!("{error}") };
            assert!(size == length as u64 && needed > size, "{length}: {needed}");
        }
    }
}

#[test]
fn the_functions_of_a_plugin_are_its_own() {
    let positions = positions_file("own-symbol.npy", 3);
    let (plugin, somebody) = (misbehaving("own-symbol"), misbehaving("somebody"));
    let arguments = [
        "evaluate",
        "--json",
        "--plugin",
        plugin.to_str().unwrap(),
        "--positions",
        positions.to_str().unwrap(),
    ];
    let alone = freeland(arguments).good();
    // A library of the host with a function of the same name, found before the plugin's by its own rules.
    assert_eq!(freeland_with(arguments, &[("LD_PRELOAD", &somebody)]).good(), alone);
}

#[test]
fn of_a_newer_library_what_is_known_can_be_used() {
    let library = Library::open(&misbehaving("of-tomorrow")).unwrap();
    assert_eq!(library.ids(), ["misbehaving"]);
    let potential = library.create("misbehaving", &json!({}), &Creation::default()).unwrap();
    assert_eq!(potential.info().symmetries, [Symmetry::Inversion]);
    let names: Vec<&str> = potential.outputs().iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["unity"]);
    let (mut statuses, mut unity) = ([9], [0.0]);
    let request = freeland_loader::Request::new(&[0.0, 0.0], &mut statuses).output("unity", &mut unity);
    potential.evaluate_into(request).unwrap();
    assert_eq!((statuses, unity), ([0], [1.0]));
    let error = library.create("entangled", &json!({}), &Creation::default()).unwrap_err();
    assert!(matches!(error, CreateError::UnknownId { .. }), "{error}");
}

#[test]
fn of_a_newer_manifest_what_is_known_can_be_read() {
    let (folder, library) = copy("well-behaved", "libgood.so");
    let path = Manifest::path_of(&library);
    Library::open(&library).unwrap().manifest().write(&path).unwrap();
    let mut text: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(text["manifest-version"], 1);
    text["colour"] = json!("green");
    text["potentials"][0]["smell"] = json!(["of", "roses"]);
    let mut other = text["potentials"][0].clone();
    (other["id"], other["threads"]) = (json!("entangled"), json!("on-other-planets"));
    text["potentials"].as_array_mut().unwrap().push(other);
    std::fs::write(&path, text.to_string()).unwrap();
    let found = Registry::scan(&SearchPath::of([folder.path().to_owned()]));
    assert!(found.broken.is_empty(), "{:?}", found.broken);
    assert_eq!(found.listed[0].manifest.potentials.len(), 1);
    at(&library).unwrap();
    text["manifest-version"] = json!(2);
    std::fs::write(&path, text.to_string()).unwrap();
    let error = Manifest::read(&path).unwrap_err().to_string();
    assert!(error.ends_with("has version 2, this host reads up to 1; use a newer freeland"), "{error}");
}

#[test]
fn what_a_plugin_logs_reaches_the_one_who_asked() {
    for process in [false, true] {
        let messages: Arc<Mutex<Vec<(Level, String, String)>>> = Arc::default();
        let into = Arc::clone(&messages);
        let log = Log::to(move |level, library, text| {
            into.lock().unwrap().push((level, library.to_owned(), text.to_owned()));
        });
        let isolation = if process {
            Isolation::Process(ProcessOptions {
                executable: Some(worker().to_owned()),
                // So that this system cannot confine it as it would.
                landlock_at_most: Some(0),
                ..ProcessOptions::default()
            })
        } else {
            Isolation::None
        };
        let creation = Creation { log, ..Creation::default() };
        let options = Options { isolation, creation, ..Options::default() };
        let spec = misbehaving("talkative");
        let potential =
            open_with(spec.to_str().unwrap(), &Value::Null, &SearchPath::of([]), &options).unwrap();
        potential.evaluate(&[0.5, 0.5], false).unwrap();
        let heard = |wanted: &str| {
            messages.lock().unwrap().iter().any(|(level, library, text)| {
                *level == Level::Warning && library == "libtalkative.so" && text.contains(wanted)
            })
        };
        // From a worker it comes when it comes.
        for _ in 0..200 {
            if heard("this is a toy") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(heard("this is a toy"), "{:?}", messages.lock().unwrap());
        assert!(heard(""), "nothing was said at all");
        for gap in if process { potential.unconfined() } else { Vec::new() } {
            assert!(heard(&gap), "{gap}: {:?}", messages.lock().unwrap());
        }
    }
}
