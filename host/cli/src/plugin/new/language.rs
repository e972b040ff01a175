//! The languages that there are templates for, and their files: those of `plugins/templates`, as they are.

use std::path::PathBuf;

use super::name::Name;
use super::sdk;

/// A language that a plugin can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Built by cargo, with the SDK beside it
    Rust,
    /// C99, built by make
    C,
    /// C++17, built by make
    #[value(name = "c++", alias = "cpp")]
    Cpp,
    /// Fortran 2018 with a page of C, built by make
    Fortran,
}

/// The header that a plugin is written against.
const HEADER: &str = include_str!("../../../../../ffi/epp/include/epp.h");

/// Names and texts of files of one template.
macro_rules! template {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../../../../plugins/templates/", $folder, "/", $file)))),+]
    };
}

const RUST: &[(&str, &str)] =
    template!("rust": "Cargo.toml", ".gitignore", "src/lib.rs", "tests/lennard_jones.rs");
const C: &[(&str, &str)] =
    template!("c": "Makefile", ".gitignore", "exports.map", "plugin.c", "potential.c", "potential.h");
const CPP: &[(&str, &str)] =
    template!("cpp": "Makefile", ".gitignore", "exports.map", "plugin.cpp", "potential.hpp");
const FORTRAN: &[(&str, &str)] = template!(
    "fortran": "Makefile", ".gitignore", "exports.map", "entry.c", "epp.f90", "plugin.f90", "potential.f90"
);

impl Language {
    /// All files of a new plugin: paths below its folder, and texts.
    pub fn files(self, name: &Name, atoms: u32) -> anyhow::Result<Vec<(PathBuf, String)>> {
        let template = match self {
            Self::Rust => RUST,
            Self::C => C,
            Self::Cpp => CPP,
            Self::Fortran => FORTRAN,
        };
        let mut files: Vec<(PathBuf, String)> = template
            .iter()
            .map(|(path, text)| (PathBuf::from(path), self.filled_in(text, name, atoms)))
            .collect();
        match self {
            Self::Rust => files.extend(sdk::files()?),
            Self::C | Self::Cpp | Self::Fortran => files.push((PathBuf::from("epp.h"), HEADER.to_owned())),
        }
        Ok(files)
    }

    /// The text of a template with the name, the number of atoms, and the paths of the new folder.
    fn filled_in(self, text: &str, name: &Name, atoms: u32) -> String {
        let word = match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Fortran => "fortran",
        };
        let number = match self {
            Self::Rust => "const ATOMS: usize = ",
            Self::C => "enum { ATOMS = ",
            Self::Cpp => "static constexpr std::size_t atoms = ",
            Self::Fortran => "integer, parameter :: atoms = ",
        };
        text.replace(&format!("template-{word}"), name.as_str())
            .replace(&format!("template_{word}"), &name.snake_case())
            .replace(&format!("{number}13"), &format!("{number}{atoms}"))
            .replace("EPP ?= ../../../ffi/epp/include", "EPP ?= .")
            .replace(r#"epp = { path = "../../../ffi/epp" }"#, "epp = { path = \"epp\" }")
            // Of its own, wherever the folder lies.
            .replace("[lib]\ncrate-type", "[workspace]\n\n[lib]\ncrate-type")
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Fortran => "Fortran",
        }
    }

    /// The file that the author changes first.
    pub fn physics(self) -> &'static str {
        match self {
            Self::Rust => "src/lib.rs",
            Self::C => "potential.c",
            Self::Cpp => "potential.hpp",
            Self::Fortran => "potential.f90",
        }
    }

    /// The command that builds the plugin in `folder`.
    pub fn build(self, folder: &str) -> String {
        match self {
            Self::Rust => format!("(cd {folder} && cargo build --release)"),
            Self::C | Self::Cpp | Self::Fortran => format!("make -C {folder}"),
        }
    }

    /// The library that it makes, below the folder.
    pub fn library(self, name: &Name) -> PathBuf {
        let folder = if self == Self::Rust { "target/release" } else { "" };
        PathBuf::from(folder).join(format!("libepp_{}.so", name.snake_case()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn nothing_of_the_template_is_left() {
        let name: Name = "my-own".parse().unwrap();
        for &language in Language::value_variants() {
            let files = language.files(&name, 7).unwrap();
            let all: String = files
                .iter()
                .filter(|(path, _)| !path.starts_with("epp"))
                .map(|(_, text)| text.as_str())
                .collect();
            assert!(!all.contains("template-") && !all.contains("template_"), "{language:?}");
            assert!(!all.contains("../..") && !all.contains("workspace = true"), "{language:?}");
            assert!(all.contains("\"my-own\"") && all.contains(" = 7"), "{language:?}");
            assert!(!all.contains("= 13"), "{language:?}");
        }
    }
}
