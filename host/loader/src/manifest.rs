//! `NAME.epp.json` beside `libNAME.so`: what a library says of itself, readable without executing it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use crate::descriptor::Descriptor;
use crate::library_file::{Abi, LibraryFile};
use crate::opened::Opened;

/// How a manifest's file name ends.
pub const EXTENSION: &str = ".epp.json";
/// The version of manifests that this host writes, and the newest that it reads.
const VERSION: u32 = 1;
/// A manifest larger than this is refused, in bytes.
const LARGEST: u64 = 16 << 20;

/// The contents of `NAME.epp.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// Of this format: raised where a reader of an older one would misunderstand a newer.
    pub manifest_version: u32,
    /// File name of the library, in the same folder.
    pub library: String,
    /// Of the library's bytes, in hexadecimal.
    pub sha256: String,
    /// The ABI it speaks.
    pub abi: Abi,
    /// What it offers. One that this host does not understand is left out.
    #[serde(deserialize_with = "understood")]
    pub potentials: Vec<Descriptor>,
}

/// The potentials of a manifest that this host understands.
fn understood<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Descriptor>, D::Error> {
    let values = Vec::<serde_json::Value>::deserialize(from)?;
    let mut potentials = Vec::with_capacity(values.len());
    for value in values {
        let id = value.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        match (serde_json::from_value(value), id) {
            (Ok(potential), _) => potentials.push(potential),
            (Err(error), Some(id)) => {
                tracing::warn!(
                    "a manifest describes '{id}' as this host does not understand ({error}); it is left out"
                );
            }
            (Err(error), None) => return Err(serde::de::Error::custom(error)),
        }
    }
    Ok(potentials)
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read or written.
    #[error("manifest '{}': {reason}", .path.display())]
    Io {
        /// The manifest.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// It is not what a manifest looks like.
    #[error("manifest '{}' is malformed: {reason}; run 'freeland plugin manifest LIBRARY' to make it anew", .path.display())]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// What the JSON reader says.
        reason: serde_json::Error,
    },
    /// It is too large to be one.
    #[error("manifest '{}' has more than {LARGEST} bytes", .path.display())]
    TooLarge {
        /// The manifest.
        path: PathBuf,
    },
    /// It is of a newer format.
    #[error("manifest '{}' has version {found}, this host reads up to {VERSION}; use a newer freeland", .path.display())]
    Newer {
        /// The manifest.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It names a library outside its folder.
    #[error("manifest '{}' names the library '{library}', expected a plain file name in the same folder", .path.display())]
    Outside {
        /// The manifest.
        path: PathBuf,
        /// What it names.
        library: String,
    },
}

/// What a manifest and its library disagree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The library's bytes.
    Sha256,
    /// The ABI version.
    Abi,
    /// Which potentials there are.
    Ids,
    /// What is said of one of them.
    Potential(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256 => formatter.write_str("sha256"),
            Self::Abi => formatter.write_str("ABI version"),
            Self::Ids => formatter.write_str("list of potentials"),
            Self::Potential(id) => write!(formatter, "description of '{id}'"),
        }
    }
}

impl Manifest {
    pub(crate) fn new(file: &LibraryFile, descriptors: &[Descriptor]) -> Self {
        Self {
            manifest_version: VERSION,
            library: file.name().to_owned(),
            sha256: file.sha256().to_owned(),
            abi: file.abi(),
            potentials: descriptors.to_vec(),
        }
    }

    /// Where the manifest of a library lies: `libNAME.so` -> `NAME.epp.json`, in the same folder.
    pub fn path_of(library: &Path) -> PathBuf {
        let stem = library.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.strip_prefix("lib").unwrap_or(&stem);
        library.with_file_name(format!("{name}{EXTENSION}"))
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// It cannot be read, is no manifest, or names a library in another folder.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let io = |reason| ManifestError::Io { path: path.to_owned(), reason };
        let file = Opened::new(path).map_err(io)?;
        let text = file.read(LARGEST).map_err(|reason| match reason.kind() {
            std::io::ErrorKind::FileTooLarge => ManifestError::TooLarge { path: path.to_owned() },
            _ => io(reason),
        })?;
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|reason| ManifestError::Malformed { path: path.to_owned(), reason })?;
        if manifest.manifest_version > VERSION {
            let found = manifest.manifest_version;
            return Err(ManifestError::Newer { path: path.to_owned(), found });
        }
        if Path::new(&manifest.library).file_name() != Some(manifest.library.as_ref()) {
            return Err(ManifestError::Outside { path: path.to_owned(), library: manifest.library });
        }
        Ok(manifest)
    }

    /// Writes the manifest, under a temporary name first, so that nobody reads half of it.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn write(&self, path: &Path) -> Result<(), ManifestError> {
        let io = |reason| ManifestError::Io { path: path.to_owned(), reason };
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|reason| ManifestError::Malformed { path: path.to_owned(), reason })?;
        text.push('\n');
        let temporary = path.with_extension(format!("json.{}", std::process::id()));
        std::fs::write(&temporary, text).map_err(io)?;
        std::fs::rename(&temporary, path).map_err(io)
    }

    /// The first thing in which `found` differs, if any.
    pub fn mismatch(&self, found: &Self) -> Option<Mismatch> {
        if self.sha256 != found.sha256 {
            return Some(Mismatch::Sha256);
        }
        if self.abi != found.abi {
            return Some(Mismatch::Abi);
        }
        let ids = |manifest: &Self| manifest.potentials.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        if ids(self) != ids(found) {
            return Some(Mismatch::Ids);
        }
        let pairs = self.potentials.iter().zip(&found.potentials);
        pairs.into_iter().find(|(a, b)| a != b).map(|(a, _)| Mismatch::Potential(a.id.clone()))
    }
}

/// The sha256 of a file's bytes, in lower-case hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    Opened::new(path)?.sha256()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lies_beside_its_library() {
        let path = |library| Manifest::path_of(Path::new(library));
        assert_eq!(path("/a/libfreeland_toys.so"), Path::new("/a/freeland_toys.epp.json"));
        assert_eq!(path("toys.so"), Path::new("toys.epp.json"));
    }

    #[test]
    fn sha256_of_abc() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(file.path()).unwrap(), expected);
    }
}
