//! What the library says of an OpenMM that it is not tested with.

use std::path::Path;

use crate::{build, python};

/// An OpenMM that calls itself something else, by a function that comes before its own.
const OTHER_VERSION: &str = r#"
#include <string>
namespace OpenMM {
class __attribute__((visibility("default"))) Platform {
public:
    static const std::string& getOpenMMVersion();
};
const std::string& Platform::getOpenMMVersion() {
    static const std::string version = VERSION;
    return version;
}
}
"#;

/// The standard error of a Python that loads the library twice, with an OpenMM that says it is `version`.
fn said(version: &str) -> Option<String> {
    let mut python = match python::with_openmm("8.6.1") {
        Ok(python) => python,
        Err(reason) => {
            println!("skipped: {reason}");
            return None;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (folder.path().join("version.cpp"), folder.path().join("libversion.so"));
    std::fs::write(&source, OTHER_VERSION).unwrap();
    build::run(
        build::compiler("CXX", "c++")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg(format!("-DVERSION=\"{version}\"")),
    );
    let script = "import openmm, os\n\
                  path = os.path.join(os.environ['FREELAND_TEST_LIBRARIES'], 'libepp_openmm.so')\n\
                  openmm.Platform.loadPluginLibrary(path)\n\
                  openmm.Platform.loadPluginLibrary(path)";
    let output = python
        .args(["-c", script])
        .env("LD_PRELOAD", &library)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_version_that_is_not_tested_is_named_once_with_what_to_do() {
    for version in ["8.7.0", "9.0", "8.60", "8.3.1"] {
        let Some(text) = said(version) else { return };
        let start =
            format!("libepp_openmm: OpenMM {version} is not among the versions this library is tested with");
        assert!(text.starts_with(&start), "{text}");
        assert!(text.contains("pip install openmm==8.6.1"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[test]
fn a_tested_version_is_not_worth_a_word() {
    for version in ["8.4", "8.4.0", "8.5.2", "8.6.1", "8.6.2"] {
        let Some(text) = said(version) else { return };
        assert_eq!(text, "");
    }
}
