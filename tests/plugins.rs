//! `freeland plugin`: search path, manifests, and which library is taken.

use std::path::Path;

use freeland_loader::{
    FindError, Library, LoadError, Manifest, Options, Registry, SearchPath, open, open_with,
};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{freeland, freeland_with, misbehaving, toys};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn list_names_every_toy_and_its_library() {
    let listed = freeland(["plugin", "list", "--plugin-path", text(toys())]).good();
    for id in ["mueller-brown", "double-well", "harmonic-pair", "gaussian"] {
        let line =
            listed.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}: {listed}"));
        assert!(line.ends_with("toys/libfreeland_toys.so"), "{line}");
    }
}

#[test]
fn list_as_json_holds_the_manifests() {
    let listed = freeland(["plugin", "list", "--json", "--plugin-path", text(toys())]).good();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let first = &listed["libraries"][0];
    assert_eq!(first["present"], true);
    assert_eq!(first["manifest"]["library"], "libfreeland_toys.so");
    assert_eq!(first["manifest"]["abi"], json!({ "major": 1, "minor": 0 }));
    assert_eq!(first["manifest"]["potentials"][0]["id"], "mueller-brown");
    assert_eq!(first["manifest"]["potentials"][0]["units"], "reduced");
}

#[test]
fn list_says_how_to_make_a_missing_manifest_and_does_not_execute_the_library() {
    let folder = tempdir().unwrap();
    // Its constructor would crash, were it run.
    let library = folder.path().join("libcrash-at-load.so");
    std::fs::copy(misbehaving("crash-at-load"), &library).unwrap();
    // A library that is no plugin is of no interest.
    std::fs::copy(misbehaving("no-entry"), folder.path().join("libno-entry.so")).unwrap();
    let listed = freeland(["plugin", "list", "--plugin-path", text(folder.path())]).good();
    let library = library.display();
    assert!(
        listed.contains(&format!(
            "{library} has no manifest; make it by: freeland plugin manifest {library}\n"
        ))
    );
    assert!(!listed.contains("no-entry"), "{listed}");
}

#[test]
fn a_malformed_manifest_is_reported_and_hides_nothing_else() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("broken.epp.json"), "{").unwrap();
    let ran =
        freeland(["plugin", "list", "--plugin-path", text(folder.path()), "--plugin-path", text(toys())]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("mueller-brown"), "{ran:?}");
    assert!(ran.stderr.contains("broken.epp.json' is malformed"), "{ran:?}");
}

#[test]
fn a_manifest_that_names_a_library_elsewhere_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sly.epp.json");
    let mut manifest = Manifest::read(&toys().join("freeland_toys.epp.json")).unwrap();
    manifest.library = "../../lib/libc.so.6".to_owned();
    manifest.write(&path).unwrap();
    let error = Manifest::read(&path).unwrap_err().to_string();
    assert!(error.ends_with("expected a plain file name in the same folder"), "{error}");
}

#[test]
fn describe_tells_the_configuration() {
    let described = freeland(["plugin", "describe", "gaussian", "--plugin-path", text(toys())]).good();
    for expected in ["gaussian 0.1.0: ", "  threads       concurrent", "  sha256        ", "\"covariance\""] {
        assert!(described.contains(expected), "{expected}: {described}");
    }
}

#[test]
fn describe_takes_the_path_of_a_library_without_manifest() {
    let library = misbehaving("well-behaved");
    let described = freeland(["plugin", "describe", "--json", text(&library)]).good();
    let described: Value = serde_json::from_str(&described).unwrap();
    assert_eq!(described["potentials"][0]["version"], "1.2.3");
}

#[test]
fn manifest_is_what_the_library_describes() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    let printed = freeland(["plugin", "manifest", text(&library)]).good();
    let path = folder.path().join("mine.epp.json");
    assert_eq!(printed, format!("{}: misbehaving\n", path.display()));
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!(manifest.sha256, freeland_loader::sha256(&library).unwrap());
    let search = SearchPath::of([folder.path().to_owned()]);
    assert_eq!(open("misbehaving", &Value::Null, &search).unwrap().info().dimensions, 2);
}

#[test]
fn another_build_than_the_manifest_describes_is_refused() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    freeland(["plugin", "manifest", text(&library)]).good();
    std::fs::remove_file(&library).unwrap();
    std::fs::copy(misbehaving("small-batches"), &library).unwrap();
    let expected = format!(
        "plugin 'libmine.so' is not the library its manifest describes: the sha256 differs; if you trust this build, run 'freeland plugin manifest {}'",
        library.display()
    );
    assert_eq!(Library::open(&library).unwrap_err().to_string(), expected);
    // What is advised helps.
    freeland(["plugin", "manifest", text(&library)]).good();
    Library::open(&library).unwrap();
}

#[test]
fn a_manifest_that_describes_its_library_wrongly_is_refused() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    let truth = Library::open(&library).unwrap().manifest();
    let path = Manifest::path_of(&library);

    let mut lie = truth.clone();
    lie.potentials[0].threads = freeland_loader::Threads::Serial;
    lie.write(&path).unwrap();
    let error = Library::open(&library).unwrap_err().to_string();
    assert!(error.contains("the description of 'misbehaving' differs; if you trust"), "{error}");

    let mut lie = truth.clone();
    lie.potentials[0].id = "something-else".to_owned();
    lie.write(&path).unwrap();
    let error = Library::open(&library).unwrap_err().to_string();
    assert!(error.contains("the list of potentials differs"), "{error}");

    truth.write(&path).unwrap();
    Library::open(&library).unwrap();
}

#[test]
fn a_pinned_library_must_have_its_sha256() {
    let library = toys().join("libfreeland_toys.so");
    let search = SearchPath::of([toys().to_owned()]);
    let right = freeland_loader::sha256(&library).unwrap();
    let options = |pin: &str| Options { sha256: Some(pin.to_owned()), ..Options::default() };
    let open = |pin: &str| open_with("gaussian", &Value::Null, &search, &options(pin));
    open(&right).unwrap();
    open(&right.to_uppercase()).unwrap();
    let wrong = "0".repeat(64);
    let error = open(&wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "plugin 'libfreeland_toys.so' has sha256 {right}, the configuration pins {wrong}; restore that build or change the pin"
        )
    );
}

#[test]
fn an_unknown_id_suggests_the_nearest() {
    let search = SearchPath::of([toys().to_owned()]);
    let error = open("mueler-brown", &Value::Null, &search).unwrap_err().to_string();
    assert_eq!(error, "there is no plugin 'mueler-brown'; did you mean 'mueller-brown'?");
    let error = open("quantum-gravity", &Value::Null, &search).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no plugin 'quantum-gravity'; there are 'mueller-brown', "),
        "{error}"
    );
}

#[test]
fn without_any_plugin_the_folders_are_named() {
    let folder = tempdir().unwrap();
    let registry = Registry::scan(&SearchPath::of([folder.path().to_owned()]));
    let error = registry.find("gaussian").unwrap_err().to_string();
    let folder = folder.path().display();
    assert_eq!(error, format!("there is no plugin 'gaussian', nor any other with a manifest, in '{folder}'"));
}

#[test]
fn an_id_may_be_a_path_and_an_id() {
    let search = SearchPath::of([]);
    let library = toys().join("libfreeland_toys.so");
    let spec = format!("{}#gaussian", library.display());
    assert_eq!(open(&spec, &Value::Null, &search).unwrap().descriptor().id, "gaussian");
    let error = open(text(&library), &Value::Null, &search).unwrap_err().to_string();
    assert!(error.contains("; say which by '"), "{error}");
    let missing = Registry::scan(&search).find("/nowhere/libx.so").unwrap_err();
    assert!(matches!(missing, FindError::Missing { .. }), "{missing}");
    assert_eq!(missing.to_string(), "plugin '/nowhere/libx.so' does not exist");
}

#[test]
fn the_first_folder_of_the_search_path_wins() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(toys().join("libfreeland_toys.so"), &library).unwrap();
    Library::open(&library).unwrap().manifest().write(&Manifest::path_of(&library)).unwrap();
    let found = |first: &Path, second: &Path| {
        let search = SearchPath::of([first.to_owned(), second.to_owned()]);
        Registry::scan(&search).find("gaussian").unwrap().library
    };
    assert_eq!(found(folder.path(), toys()), library);
    assert_eq!(found(toys(), folder.path()), toys().join("libfreeland_toys.so"));
}

#[test]
fn plugins_are_found_by_the_variable_and_in_the_user_folder() {
    let home = tempdir().unwrap();
    let folder = home.path().join("freeland/plugins");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["libfreeland_toys.so", "freeland_toys.epp.json"] {
        std::fs::copy(toys().join(name), folder.join(name)).unwrap();
    }
    for (variable, value) in [("XDG_DATA_HOME", home.path()), ("FREELAND_PLUGIN_PATH", toys())] {
        let listed = freeland_with(["plugin", "list"], &[(variable, value)]).good();
        let library = format!("{}/", value.display());
        assert!(
            listed.lines().any(|line| line.starts_with("gaussian") && line.contains(&library)),
            "{listed}"
        );
    }
}

#[test]
fn describe_refuses_a_manifest_of_another_build() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    freeland(["plugin", "manifest", text(&library)]).good();
    std::fs::copy(misbehaving("small-batches"), &library).unwrap();
    let arguments = ["plugin", "describe", "misbehaving", "--plugin-path", text(folder.path())];
    let error = freeland(arguments).refusal();
    assert!(error.contains("the sha256 differs; if you trust this build, run "), "{error}");
}

#[test]
fn a_manifest_without_its_library_is_said_to_be_so() {
    let folder = tempdir().unwrap();
    std::fs::copy(toys().join("freeland_toys.epp.json"), folder.path().join("freeland_toys.epp.json"))
        .unwrap();
    let error = Registry::scan(&SearchPath::of([folder.path().to_owned()])).find("gaussian").unwrap_err();
    assert!(matches!(error, FindError::LibraryGone { .. }), "{error}");
    assert!(error.to_string().ends_with("does not exist; build or install it"), "{error}");
}

#[test]
fn the_same_file_is_one_library_whatever_its_path() {
    let folder = tempdir().unwrap();
    let library = misbehaving("well-behaved");
    let link = folder.path().join("liblink.so");
    std::os::unix::fs::symlink(&library, &link).unwrap();
    let (a, b) = (Library::open(&library).unwrap(), Library::open(&link).unwrap());
    assert!(std::sync::Arc::ptr_eq(&a, &b));
}

#[test]
fn a_library_that_was_overwritten_in_place_is_refused() {
    let folder = tempdir().unwrap();
    let library = folder.path().join("libmine.so");
    std::fs::copy(misbehaving("newer-minor"), &library).unwrap();
    Library::open(&library).unwrap();
    // Only the time: to write into a mapped library is to pull the rug.
    let file = std::fs::File::options().append(true).open(&library).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let error = Library::open(&library).unwrap_err();
    assert!(matches!(error, LoadError::Changed { .. }), "{error}");
    assert!(error.to_string().ends_with("since this process loaded it; start the program again"), "{error}");
}

#[test]
fn describe_tells_of_an_instance_with_a_configuration() {
    let library = misbehaving("talkative");
    let told = freeland(["plugin", "describe", text(&library), "--config", "{}"]).good();
    for line in [
        "atoms         1 in 2 dimensions",
        "quantity      energy:well, a pure number",
        "quantity      dipole [3], e nm",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.contains("parameter     spring = 4") && told.contains("molecule      ignored"), "{told}");
    let told = freeland(["plugin", "describe", text(&library), "--config", "{}", "--json"]).good();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["instance"]["outputs"][0]["name"], "energy:well");
    assert_eq!(told["instance"]["info"]["fingerprint"].as_str().map(str::len), Some(16));
}
