//! The crate `epp` as part of a new plugin: it is on no registry, so that the plugin brings its own copy.

use std::path::PathBuf;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use toml::{Table, Value};

static SOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../ffi/epp/src");
const MANIFEST: &str = include_str!("../../../../../ffi/epp/Cargo.toml");
const WORKSPACE: &str = include_str!("../../../../../Cargo.toml");
const BESIDES: &[(&str, &str)] = &[
    ("epp/include/epp.h", include_str!("../../../../../ffi/epp/include/epp.h")),
    ("epp/LICENSE-MIT", include_str!("../../../../../LICENSE-MIT")),
    ("epp/LICENSE-APACHE", include_str!("../../../../../LICENSE-APACHE")),
];

/// The files of the crate, in the folder `epp`.
pub fn files() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut files = vec![(PathBuf::from("epp/Cargo.toml"), manifest()?)];
    files.extend(BESIDES.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())));
    let mut folders = vec![&SOURCES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let text = file.contents_utf8().context("the embedded source of epp is not text")?;
            files.push((PathBuf::from("epp/src").join(file.path()), text.to_owned()));
        }
    }
    Ok(files)
}

/// The crate's `Cargo.toml`, with what it inherits from the workspace written out, and without what its tests need.
fn manifest() -> anyhow::Result<String> {
    let mut manifest: Table = MANIFEST.parse().context("the embedded Cargo.toml of epp")?;
    let workspace: Table = WORKSPACE.parse().context("the embedded Cargo.toml of the workspace")?;
    let workspace = workspace.get("workspace").context("the embedded Cargo.toml has no workspace")?;
    manifest.remove("lints");
    manifest.remove("dev-dependencies");
    for section in ["package", "dependencies"] {
        let Some(entries) = manifest.get_mut(section).and_then(Value::as_table_mut) else { continue };
        for (key, value) in entries {
            if value.get("workspace") == Some(&Value::Boolean(true)) {
                let inherited = workspace.get(section).and_then(|section| section.get(key));
                *value = inherited.with_context(|| format!("the workspace has no {section}.{key}"))?.clone();
            }
        }
    }
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_stands_alone() {
        let manifest = manifest().unwrap();
        assert!(!manifest.contains("workspace"), "{manifest}");
        assert!(manifest.contains("serde_json") && manifest.contains("name = \"epp\""), "{manifest}");
        let files = files().unwrap();
        for path in ["epp/src/lib.rs", "epp/src/sdk/edge/entry.rs", "epp/include/epp.h", "epp/LICENSE-MIT"] {
            assert!(files.iter().any(|(found, _)| found == &PathBuf::from(path)), "{path} is missing");
        }
    }
}
