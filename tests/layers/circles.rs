//! Files of one crate that import each other in a circle.
//!
//! `a.rs` imports `b.rs` where a path in `a.rs` ends at an item that `b.rs` defines. A path through a `use` of another
//! module is followed to the file that has the item, so `mod b;` and `pub use b::Item;` in a parent are no imports of
//! their own: they say where things are. The folder of a module is its inside: a file may name what the modules that it
//! lies in define, and that is no import either, for the two are read as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

use super::modules::test_files;
use super::source::{Path, code_only, paths, without_tests};
use super::tree::File;

/// Circles that stay, by the ends of their files' paths, each with its reason.
pub const EXCEPTIONS: &[(&[&str], &str)] = &[];

/// How many `use`s may stand between a path and the item that it names.
const MAX_USES: usize = 8;

/// The words before the name of an item, and those before the name of a constant: `*const Name` and `&mut Name` define
/// nothing.
const ITEMS: &[&str] = &["struct", "enum", "union", "trait", "type", "fn", "mod", "macro_rules"];
const CONSTANTS: &[&str] = &["const", "static", "mut"];

/// Whether `word`, which follows `before`, is the name of an item that is defined there.
fn is_defined(before: &str, word: &str) -> bool {
    let is_constant = || word.chars().all(|c| c.is_uppercase() || c.is_numeric() || c == '_');
    !ITEMS.contains(&word)
        && !CONSTANTS.contains(&word)
        && (ITEMS.contains(&before) || CONSTANTS.contains(&before) && is_constant())
}

/// The circles of files in the crate whose sources are `files`, all below the folder `src`; a line each.
pub fn circles(src: &FilePath, files: &[File]) -> Vec<String> {
    let sources = Crate::read(src, files);
    let imports = sources.imports();
    strong_components(&imports)
        .into_iter()
        .filter(|circle| !is_excepted(circle))
        .map(|circle| {
            let mut text = format!("{} files import each other in a circle:", circle.len());
            for file in &circle {
                for (other, (line, written)) in &imports[file] {
                    if circle.contains(other) {
                        let (file, other) = (file.display(), other.display());
                        text.push_str(&format!("\n  {file}:{line} imports {other} by {written}"));
                    }
                }
            }
            text + "\n  move what both need into a file below them, or what one needs to the other"
        })
        .collect()
}

/// What each file imports, and for each imported file the first line that does so and the path written there.
type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, (usize, String)>>;

fn is_excepted(circle: &BTreeSet<PathBuf>) -> bool {
    EXCEPTIONS.iter().any(|(files, _)| {
        circle.len() == files.len() && files.iter().all(|end| circle.iter().any(|file| file.ends_with(end)))
    })
}

/// A module path from the root of the crate: `flow/spline.rs` is `["flow", "spline"]`.
type ModulePath = Vec<String>;

/// One file of a crate.
struct Module {
    file: PathBuf,
    paths: Vec<Path>,
    /// What it defines, functions of types among it.
    defined: BTreeSet<String>,
    /// Indices into `paths` of what its `use`s name.
    used: Vec<usize>,
    /// Of `used`, those by `pub use`, which only say where something is.
    handed_on: BTreeSet<usize>,
}

impl Module {
    fn read(file: &File) -> Self {
        let paths = paths(&without_tests(&code_only(&file.text)));
        let word = |at: usize| match paths[at].segments.as_slice() {
            [only] => only.as_str(),
            _ => "",
        };
        let (mut defined, mut used, mut handed_on) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let mut is_public = false;
        for (at, path) in paths.iter().enumerate() {
            if at > 0 && is_defined(word(at - 1), word(at)) {
                defined.insert(word(at).to_owned());
            }
            if word(at) == "use" {
                // `pub use` and `pub(crate) use`
                let restricted = at > 1 && ["crate", "super", "self"].contains(&word(at - 1));
                is_public = at > 0 && word(if restricted { at - 2 } else { at - 1 }) == "pub";
            } else if path.is_import {
                used.push(at);
                if is_public {
                    handed_on.insert(at);
                }
            }
        }
        Self { file: file.path.clone(), paths, defined, used, handed_on }
    }
}

struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// The files of `src` that are no tests. A binary of its own (`src/bin/`) is no file of the crate.
    fn read(src: &FilePath, files: &[File]) -> Self {
        let tests: Vec<PathBuf> = files.iter().flat_map(|file| test_files(&file.path, &file.text)).collect();
        let is_test = |path: &FilePath| {
            tests.iter().any(|test| path == test || path.starts_with(test.with_extension("")))
        };
        let modules = files.iter().filter(|file| !is_test(&file.path)).filter_map(|file| {
            let below = file.path.strip_prefix(src).ok()?.with_extension("");
            let mut name: ModulePath =
                below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            if name.first().is_some_and(|first| first == "bin") {
                return None;
            }
            if name == ["lib"] || name == ["main"] {
                name.clear();
            }
            Some((name, Module::read(file)))
        });
        Self { modules: modules.collect() }
    }

    fn imports(&self) -> Imports {
        let mut found = Imports::new();
        for (name, module) in &self.modules {
            let imported = found.entry(module.file.clone()).or_default();
            for (at, path) in module.paths.iter().enumerate() {
                if module.handed_on.contains(&at) {
                    continue;
                }
                let Some(target) = self.absolute(name, path).and_then(|path| self.home(&path, MAX_USES))
                else {
                    continue;
                };
                let file = &self.modules[&target].file;
                let is_inside = name.starts_with(&target) && !target.is_empty();
                if !is_inside && file != &module.file {
                    imported.entry(file.clone()).or_insert((path.line, path.segments.join("::")));
                }
            }
        }
        found
    }

    /// `path`, as written in the module `from`, from the root of the crate; `None` where it does not begin with
    /// `crate`, `self`, `super` or a child of the module: a name in scope was counted where it was imported.
    fn absolute(&self, from: &[String], path: &Path) -> Option<ModulePath> {
        let segments = &path.segments;
        // `pub(crate)`, `self.x`
        if segments.len() < 2 && !path.is_import {
            return None;
        }
        let (start, rest) = match segments[0].as_str() {
            "crate" => (Vec::new(), &segments[1..]),
            "self" => (from.to_vec(), &segments[1..]),
            "super" => {
                let count = segments.iter().take_while(|&segment| segment == "super").count();
                (from[..from.len().checked_sub(count)?].to_vec(), &segments[count..])
            }
            child => {
                let child = [from, &[child.to_owned()]].concat();
                self.modules.contains_key(&child).then_some((child, &segments[1..]))?
            }
        };
        Some(start.into_iter().chain(rest.iter().filter(|&segment| segment != "self").cloned()).collect())
    }

    /// The module that defines what `path`, from the root of the crate, names; `None` where it comes from another crate.
    fn home(&self, path: &[String], uses: usize) -> Option<ModulePath> {
        let depth = (0..=path.len()).rev().find(|&depth| self.modules.contains_key(&path[..depth]))?;
        let (name, module) = (&path[..depth], &self.modules[&path[..depth]]);
        let Some(item) = path.get(depth) else { return Some(name.to_vec()) };
        if uses == 0 || module.defined.contains(item) {
            return Some(name.to_vec());
        }
        match module.used.iter().map(|&at| &module.paths[at]).find(|used| used.segments.last() == Some(item))
        {
            Some(used) => self.home(&self.absolute(name, used)?, uses - 1),
            None => Some(name.to_vec()),
        }
    }
}

/// The sets of more than one file in which each reaches each (Tarjan's algorithm).
fn strong_components(imports: &Imports) -> Vec<BTreeSet<PathBuf>> {
    let mut search = Search {
        imports,
        order: BTreeMap::new(),
        lowest: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for file in imports.keys() {
        if !search.order.contains_key(file.as_path()) {
            search.visit(file);
        }
    }
    search.found
}

struct Search<'a> {
    imports: &'a Imports,
    order: BTreeMap<&'a FilePath, usize>,
    lowest: BTreeMap<&'a FilePath, usize>,
    stack: Vec<&'a FilePath>,
    found: Vec<BTreeSet<PathBuf>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, file: &'a FilePath) {
        let order = self.order.len();
        self.order.insert(file, order);
        self.lowest.insert(file, order);
        self.stack.push(file);
        for next in self.imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            let reached = match self.order.get(next.as_path()) {
                None => {
                    self.visit(next);
                    self.lowest[next.as_path()]
                }
                Some(&order) if self.stack.contains(&next.as_path()) => order,
                Some(_) => continue,
            };
            let lowest = self.lowest[file].min(reached);
            self.lowest.insert(file, lowest);
        }
        if self.lowest[file] == order {
            let first = self.stack.iter().rposition(|&other| other == file).unwrap_or_default();
            let component: BTreeSet<PathBuf> = self.stack.drain(first..).map(FilePath::to_path_buf).collect();
            if component.len() > 1 {
                self.found.push(component);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let file = |&(path, text): &(&str, &str)| File {
            path: FilePath::new("src").join(path),
            text: text.to_owned(),
        };
        circles(FilePath::new("src"), &files.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn a_circle_of_three_is_found_once_with_its_lines() {
        let found = of(&[
            ("lib.rs", "mod a; mod b; mod c; mod d; pub use a::A;"),
            ("a.rs", "use crate::d::D;\nuse crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B; const F: fn(&mut A, *const A) = f; fn f() { super::c::g() }"),
            ("c.rs", "use crate::A; pub fn g() {}"),
            ("d.rs", "pub struct D;"),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        for line in [
            "3 files",
            "src/a.rs:2 imports src/b.rs by crate::b::B",
            "src/c.rs:1 imports src/a.rs by crate::A",
        ] {
            assert!(found[0].contains(line), "{found:?}");
        }
        assert!(!found[0].contains("src/d.rs"));
    }

    #[test]
    fn two_circles_are_two() {
        let found = of(&[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use super::b::{self, f}; pub struct A;"),
            ("b.rs", "use super::a::A; pub fn f() {}"),
            ("c.rs", "use crate::d;"),
            ("d.rs", "use crate::c; use crate::a::A;"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn declaring_and_handing_on_are_no_imports() {
        let parent = "mod b;\nmod c;\npub(crate) use b::B;\npub struct Own;";
        let other = ("a/c.rs", "pub struct C;");
        assert!(
            of(&[("lib.rs", "mod a;"), ("a.rs", parent), ("a/b.rs", "use super::Own; pub struct B;"), other])
                .is_empty()
        );
        // What the parent hands on is imported from where it is.
        let sibling = ("a/c.rs", "use super::B; pub struct C;");
        let found = of(&[
            ("lib.rs", "mod a;"),
            ("a.rs", parent),
            ("a/b.rs", "use super::c::C; pub struct B;"),
            sibling,
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(!found[0].contains("src/a.rs:"), "{found:?}");
    }

    #[test]
    fn what_lies_in_a_module_may_name_what_the_module_defines() {
        let parent = ("a.rs", "mod b;\npub struct Own;\nfn f() { b::g() }");
        let inside = ("a/b.rs", "use crate::a::Own; pub fn g() {}");
        assert!(of(&[("lib.rs", "mod a;"), parent, inside]).is_empty());
        // From outside it is a file as any other.
        let outside = ("c.rs", "use crate::a::Own; pub fn h() {}");
        let inside = ("a/b.rs", "use crate::c; pub fn g() {}");
        let found = of(&[("lib.rs", "mod a; mod c;"), parent, inside, outside]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("3 files"), "{found:?}");
    }

    #[test]
    fn tests_and_other_crates_do_not_count() {
        let a = ("a.rs", "use crate::b::B; pub struct A;\n#[cfg(test)]\nmod tests { use crate::c::C; }");
        let b = ("b.rs", "use epp::sys;\n#[cfg(test)]\nmod check;\npub struct B;");
        let test = ("b/check.rs", "use crate::a::A; use super::B;");
        let c = ("c.rs", "use crate::a::A; pub struct C;");
        assert!(of(&[("lib.rs", "mod a; mod b; mod c;"), a, b, test, c]).is_empty());
    }
}
