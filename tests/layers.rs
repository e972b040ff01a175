//! The architecture as a test: who may import whom, how long a file may be, where `unsafe` may live.
//!
//! It reads the sources as text and needs only std, so `scripts/check` can build it alone, in seconds. The rules are
//! the tables [`circles::EXCEPTIONS`], [`modules::RULES`], [`packages::RULES`], [`tree::TOP_LEVEL`], [`tree::LONG_FILES`] and
//! [`tree::UNSAFE_FOLDERS`]; their prose is the chapter "Architecture" of the book.

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/modules.rs"]
mod modules;
#[path = "layers/packages.rs"]
mod packages;
#[path = "layers/source.rs"]
mod source;
#[path = "layers/tree.rs"]
mod tree;

use std::path::PathBuf;

/// The folder of the workspace: the first one upwards whose `Cargo.toml` has a `[workspace]`.
fn workspace() -> PathBuf {
    let here = std::env::current_dir().expect("the current folder exists");
    here.ancestors()
        .find(|folder| {
            std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
        })
        .expect("tests run inside the workspace")
        .to_path_buf()
}

/// Fails with one line per violation.
fn assert_none(violations: Vec<String>) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn modules_of_the_host_import_only_what_they_may() {
    let folder = workspace().join("host/freeland/src");
    let files = tree::files(&folder, &["rs"]);
    assert!(!files.is_empty(), "no sources found in {}", folder.display());
    let of_tests: Vec<PathBuf> =
        files.iter().flat_map(|file| modules::test_files(&file.path, &file.text)).collect();
    assert_none(
        files
            .iter()
            .filter(|file| !of_tests.contains(&file.path))
            .flat_map(|file| modules::violations(&file.path, &file.text))
            .collect(),
    );
}

#[test]
fn files_of_a_crate_import_each_other_in_no_circle() {
    let root = workspace();
    assert_none(
        tree::manifests(&root)
            .iter()
            .flat_map(|manifest| {
                let src = root.join(&manifest.folder).join("src");
                circles::circles(&src, &tree::files(&src, &["rs"]))
            })
            .collect(),
    );
}

#[test]
fn packages_depend_only_on_what_they_may() {
    let manifests = tree::manifests(&workspace());
    assert!(manifests.len() > 5, "only {} packages found", manifests.len());
    assert_none(packages::violations(&manifests));
}

#[test]
fn source_files_are_short() {
    assert_none(tree::too_long(&tree::files(&workspace(), tree::SOURCE_ENDINGS)));
}

#[test]
fn the_top_level_holds_only_known_folders() {
    let root = workspace();
    let ignored = std::fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    assert_none(tree::unknown_top_level(&tree::folders(&root), &ignored));
}

#[test]
fn unsafe_lives_only_where_it_may() {
    assert_none(tree::misplaced_unsafe(&tree::files(&workspace(), &["rs"])));
}
