//! The arrows between the modules of `host/freeland`.

use std::path::{Component, Path as FilePath, PathBuf};

use super::source::{Path, code_only, paths, without_tests};

/// What one module of `host/freeland/src` may import of the others, and what it must not use at all.
pub struct Rule {
    pub module: &'static str,
    pub may_import: &'static [&'static str],
    /// Beginnings of paths, such as `tch` or `std::fs`.
    pub must_not_use: &'static [&'static str],
}

const LIBTORCH_AND_PLUGINS: &[&str] = &["tch", "torch_ops", "freeland_loader", "epp"];
const LIBTORCH: &[&str] = &["tch", "torch_ops"];
const PLUGINS: &[&str] = &["freeland_loader", "epp"];

/// The pipeline, left to right. Every module of the host has a line here.
pub const RULES: &[Rule] = &[
    Rule { module: "units", may_import: &[], must_not_use: LIBTORCH_AND_PLUGINS },
    Rule { module: "device", may_import: &[], must_not_use: PLUGINS },
    Rule { module: "write", may_import: &[], must_not_use: LIBTORCH_AND_PLUGINS },
    Rule { module: "space", may_import: &["units"], must_not_use: LIBTORCH_AND_PLUGINS },
    Rule { module: "landscape", may_import: &["space", "write"], must_not_use: LIBTORCH_AND_PLUGINS },
    Rule { module: "config", may_import: &["units"], must_not_use: LIBTORCH_AND_PLUGINS },
    Rule { module: "system", may_import: &["units", "device", "space", "config"], must_not_use: LIBTORCH },
    Rule {
        module: "dynamics",
        may_import: &["units", "space", "landscape", "config", "system"],
        must_not_use: LIBTORCH,
    },
    Rule { module: "flow", may_import: &["device", "space", "write", "config"], must_not_use: PLUGINS },
    Rule {
        module: "train",
        may_import: &["units", "device", "space", "config", "system", "flow"],
        must_not_use: &["freeland_loader", "epp", "std::fs", "std::env"],
    },
    Rule {
        module: "free_energy",
        may_import: &["units", "device", "space", "landscape", "config", "system", "flow"],
        must_not_use: &["freeland_loader", "epp", "std::fs", "std::env"],
    },
    Rule {
        module: "active",
        may_import: &[
            "units",
            "device",
            "space",
            "landscape",
            "config",
            "system",
            "dynamics",
            "flow",
            "train",
            "free_energy",
        ],
        must_not_use: &["std::fs", "std::env", "std::io::stdout", "std::io::stderr", "plotters", "indicatif"],
    },
    Rule {
        module: "report",
        may_import: &[
            "units",
            "device",
            "write",
            "space",
            "landscape",
            "config",
            "system",
            "dynamics",
            "flow",
            "train",
            "free_energy",
            "active",
        ],
        must_not_use: &[],
    },
];

/// A library does not print: it returns, or it hands a record to an observer.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// What `text`, the source file at `file` (below `host/freeland/src`), imports against the rules. Test modules are free.
pub fn violations(file: &FilePath, text: &str) -> Vec<String> {
    let Some(parts) = parts_below_src(file) else { return Vec::new() };
    let module = parts[0].trim_end_matches(".rs");
    // lib.rs knows all modules.
    if module == "lib" {
        return Vec::new();
    }
    let place = |line: usize| format!("host/freeland/src/{}:{line}", parts.join("/"));
    let Some(rule) = RULES.iter().find(|rule| rule.module == module) else {
        return vec![format!(
            "{}: module '{module}' has no place in the pipeline; put its code into the module it belongs to, or give \
             it a line in tests/layers/modules.rs and in the book",
            place(1)
        )];
    };
    paths(&without_tests(&code_only(text)))
        .iter()
        .filter_map(|path| {
            broken(rule, path, parts.len()).map(|what| format!("{}: {what}", place(path.line)))
        })
        .collect()
}

/// Files that `file` declares as modules of tests, by `#[cfg(test)] mod name;`: `flow.rs` gives `flow/name.rs`.
pub fn test_files(file: &FilePath, text: &str) -> Vec<PathBuf> {
    let folder = if file.ends_with("lib.rs") { file.with_file_name("") } else { file.with_extension("") };
    code_only(text)
        .split("#[cfg(test)]")
        .skip(1)
        .filter_map(|item| item.trim_start().strip_prefix("mod ")?.split_once(';'))
        .map(|(name, _)| name.trim())
        .filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .map(|name| folder.join(format!("{name}.rs")))
        .collect()
}

fn parts_below_src(file: &FilePath) -> Option<Vec<String>> {
    let parts: Vec<String> = file
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let src = parts.iter().rposition(|part| part == "src")?;
    (src + 1 < parts.len()).then(|| parts[src + 1..].to_vec())
}

/// `depth` counts the modules from the crate's root to the file: 1 for `flow.rs`, 2 for `flow/spline.rs`.
fn broken(rule: &Rule, path: &Path, depth: usize) -> Option<String> {
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    let written = segments.join("::");
    if path.is_macro && segments.len() == 1 && PRINTING.contains(&segments[0]) {
        return Some(format!("{}! in a library; return the text, or report it to an observer", segments[0]));
    }
    if let Some(forbidden) = rule.must_not_use.iter().find(|forbidden| begins_with(path, forbidden)) {
        return Some(format!("'{}' must not use {forbidden}, and does by {written}", rule.module));
    }
    let supers = segments.iter().take_while(|&&segment| segment == "super").count();
    let imported = match segments[..] {
        ["crate", imported, ..] => imported,
        _ if supers >= depth && supers < segments.len() => segments[supers],
        _ => return None,
    };
    if imported == rule.module || imported == "super" || rule.may_import.contains(&imported) {
        return None;
    }
    if !RULES.iter().any(|rule| rule.module == imported) {
        return Some(format!(
            "{written} is no module of the pipeline; import it from the module that owns it"
        ));
    }
    Some(format!(
        "'{}' must not import '{imported}' ({written}); it may import: {}",
        rule.module,
        if rule.may_import.is_empty() { "none of the others".to_owned() } else { rule.may_import.join(", ") }
    ))
}

fn begins_with(path: &Path, beginning: &str) -> bool {
    // A name alone counts only after `use`: `let epp = 1` is no import.
    (path.segments.len() > 1 || path.is_import)
        && path.segments.len() >= beginning.split("::").count()
        && beginning.split("::").zip(&path.segments).all(|(wanted, segment)| wanted == segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Vec<String> {
        violations(FilePath::new(&format!("/somewhere/host/freeland/src/{file}")), text)
    }

    #[test]
    fn arrows_to_the_left_are_free() {
        assert!(of("train.rs", "use crate::{flow::ConditionalFlow, system::System};").is_empty());
        assert!(
            of("flow/spline.rs", "use crate::flow::bins; use super::coupling; use tch::Tensor;").is_empty()
        );
        assert!(of("lib.rs", "pub mod flow; pub use crate::report::Report;").is_empty());
    }

    #[test]
    fn arrows_to_the_right_are_refused_with_file_and_line() {
        let found = of("flow/spline.rs", "\nuse crate::{config::Domain, system::System};");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("host/freeland/src/flow/spline.rs:2: 'flow' must not import 'system'"),
            "{found:?}"
        );
        assert_eq!(of("units.rs", "fn f() { crate::config::read() }").len(), 1);
        assert_eq!(of("free_energy/labels.rs", "use crate::train::Epoch;").len(), 1);
    }

    #[test]
    fn the_root_is_seen_through_super() {
        assert_eq!(of("flow.rs", "use super::system::System;").len(), 1);
        assert_eq!(of("flow/spline.rs", "use super::super::system::System;").len(), 1);
        assert!(of("flow/spline.rs", "use super::system_of_bins;").is_empty());
    }

    #[test]
    fn what_a_module_must_not_know_is_refused() {
        assert_eq!(of("config/raw.rs", "use tch::Device;").len(), 1);
        assert_eq!(of("config.rs", "use freeland_loader as loader; let epp = 1;").len(), 1);
        assert_eq!(of("flow.rs", "fn f(p: &freeland_loader::Potential) {}").len(), 1);
        assert_eq!(of("active/driver.rs", "use std::{fs, io};").len(), 1);
        assert_eq!(of("active/driver.rs", "fn f() { println!(\"round\") }").len(), 1);
    }

    #[test]
    fn comments_text_and_tests_do_not_count() {
        let text = "/// See crate::active.\nconst A: &str = \"crate::active\";\n#[cfg(test)]\nmod tests { use crate::active::Driver; }";
        assert!(of("units.rs", text).is_empty());
        let flow = FilePath::new("src/flow.rs");
        assert_eq!(
            test_files(flow, "mod spline;\n#[cfg(test)]\nmod contract;\n#[cfg(test)]\nmod tests { use a; }"),
            [FilePath::new("src/flow/contract.rs")]
        );
    }

    #[test]
    fn an_unknown_module_is_refused() {
        assert_eq!(of("helpers.rs", "").len(), 1);
        assert_eq!(of("train.rs", "use crate::Anything;").len(), 1);
    }
}
