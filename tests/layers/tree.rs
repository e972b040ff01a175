//! The tree: which folders there are, how long a file may be, where `unsafe` may live.

use std::fs;
use std::path::{Path, PathBuf};

use super::packages::Manifest;
use super::source::{code_only, paths};

/// Folders of the top level, besides those whose names begin with a dot and those that git ignores.
pub const TOP_LEVEL: &[&str] = &["ffi", "host", "plugins", "scripts", "tests"];

/// Endings of what counts as a source file; without an ending, a file that begins with `#!`.
pub const SOURCE_ENDINGS: &[&str] = &["", "rs", "h", "hpp", "c", "cc", "cpp", "f90", "py", "sh"];

/// Lines that a source file may have.
pub const MAX_LINES: usize = 600;

/// Data tables that are longer, each with its reason.
pub const LONG_FILES: &[(&str, &str)] = &[];

/// Where `unsafe` may be written, each with its reason.
pub const UNSAFE_FOLDERS: &[(&str, &str)] = &[
    ("ffi", "the edges to C and C++"),
    ("host/loader", "calls foreign libraries"),
    ("tests/misbehaving-plugins", "plugins that break the contract on purpose"),
];

/// A text file of the workspace.
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

/// Text files below `root` that end in one of `endings`, sorted; those without an ending only if they begin with `#!`.
pub fn files(root: &Path, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    visit(root, &mut |path| {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if !endings.contains(&ending.as_ref()) {
            return;
        }
        // What is not text is no source file.
        let Ok(text) = fs::read_to_string(path) else { return };
        if !ending.is_empty() || text.starts_with("#!") {
            found.push(File { path: path.to_path_buf(), text });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The packages below `root`.
pub fn manifests(root: &Path) -> Vec<Manifest> {
    let mut found = Vec::new();
    visit(root, &mut |path| {
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            let folder = path.parent().unwrap_or(root).strip_prefix(root).unwrap_or(root);
            let text = fs::read_to_string(path).unwrap_or_default();
            found.extend(Manifest::read(&folder.to_string_lossy(), &text));
        }
    });
    found
}

/// Names of the folders in `root`.
pub fn folders(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Calls `see` with every file below `folder`, except in hidden folders and in what builds and runs leave.
fn visit(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_symlink() {
            continue;
        }
        if !path.is_dir() {
            see(&path);
        } else if !name.starts_with('.') && !["target", "runs", "node_modules"].contains(&name.as_str()) {
            visit(&path, see);
        }
    }
}

/// Files above [`MAX_LINES`] that are not excepted.
pub fn too_long(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !LONG_FILES.iter().any(|(excepted, _)| file.path.ends_with(excepted)))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > MAX_LINES).then(|| {
                format!(
                    "{}: {lines} lines, {MAX_LINES} at most; split it by concept (a data table may be excepted, with a \
                     reason, in tests/layers/tree.rs)",
                    file.path.display()
                )
            })
        })
        .collect()
}

/// `folders` of the top level that have no place there. `ignored` is the text of `.gitignore`.
pub fn unknown_top_level(folders: &[String], ignored: &str) -> Vec<String> {
    let is_ignored = |name: &str| ignored.lines().any(|line| line.trim().trim_matches('/') == name);
    folders
        .iter()
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) && !is_ignored(name))
        .map(|name| {
            format!("{name}/: the top level holds only {}; move it into one of them", TOP_LEVEL.join(", "))
        })
        .collect()
}

/// Places outside [`UNSAFE_FOLDERS`] that say `unsafe`.
pub fn misplaced_unsafe(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let path = file.path.to_string_lossy();
        if UNSAFE_FOLDERS.iter().any(|(folder, _)| path.contains(&format!("/{folder}/"))) {
            continue;
        }
        for place in paths(&code_only(&file.text)) {
            if place.segments[0] == "unsafe" {
                found.push(format!(
                    "{path}:{}: unsafe belongs into {}",
                    place.line,
                    UNSAFE_FOLDERS.iter().map(|(folder, _)| *folder).collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: PathBuf::from(path), text: text.to_owned() }
    }

    #[test]
    fn a_long_file_is_named() {
        let long = "x\n".repeat(MAX_LINES + 1);
        let files = [file("/w/host/a.rs", &long), file("/w/host/b.rs", &"x\n".repeat(MAX_LINES))];
        let found = too_long(&files);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("/w/host/a.rs: 601 lines"), "{found:?}");
    }

    #[test]
    fn a_stray_folder_is_named() {
        let folders = ["host", "scripts", ".git", "target", "models"].map(str::to_owned);
        let found = unknown_top_level(&folders, "/target/\n*.pyc\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("models/"), "{found:?}");
    }

    #[test]
    fn unsafe_is_found_in_code_only_and_allowed_at_the_edges() {
        let text = "// unsafe\n#![forbid(unsafe_code)]\nfn f() { unsafe { g() } }\n";
        assert_eq!(misplaced_unsafe(&[file("/w/plugins/toys/src/lib.rs", text)]).len(), 1);
        assert!(misplaced_unsafe(&[file("/w/plugins/toys/src/lib.rs", text)])[0].contains("lib.rs:3"));
        assert!(
            misplaced_unsafe(&[
                file("/w/ffi/epp/src/sys.rs", text),
                file("/w/host/loader/src/call.rs", text)
            ])
            .is_empty()
        );
    }
}
