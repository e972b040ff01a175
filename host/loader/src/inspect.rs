//! What is known of a library's file before any of its code runs: who may write it, its hash, its manifest.

use std::path::{Path, PathBuf};

use crate::descriptor::Descriptor;
use crate::error::LoadError;
use crate::library_file::{LibraryFile, Version};
use crate::manifest::{Manifest, Mismatch};
use crate::opened::Opened;
use crate::writable;

/// What a library must fulfil to be loaded. The default: it agrees with its manifest, and only its owner may write to it.
#[derive(Debug, Clone, Copy)]
pub struct Demands<'a> {
    /// The sha256 it must have, in hexadecimal of any case.
    pub sha256: Option<&'a str>,
    /// Whether it must agree with its manifest: the one that listed it, else the one beside it.
    pub manifest: bool,
    /// The manifest that listed it.
    pub listed_by: Option<&'a Path>,
    /// Whether it is loaded although others than its owner and root may write to it or its folder.
    pub trust_writable: bool,
}

impl Default for Demands<'_> {
    fn default() -> Self {
        Self { sha256: None, manifest: true, listed_by: None, trust_writable: false }
    }
}

/// A file that may be loaded, as far as one can tell without executing it.
#[derive(Debug)]
pub(crate) struct Inspected {
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
    pub(crate) version: Version,
    /// The file itself, which was looked at.
    pub(crate) opened: Opened,
    /// Whether its name may lead to another file by the time that it is loaded: others may change that, or it is pinned.
    pub(crate) by_descriptor: bool,
    manifest: Option<Manifest>,
}

impl Inspected {
    /// Inspects the file at `path`. `known`: what was loaded of that file before, which spares the hash.
    pub(crate) fn new(
        path: &Path,
        demands: &Demands<'_>,
        known: impl FnOnce(&Version) -> Option<LibraryFile>,
    ) -> Result<Self, LoadError> {
        let unreadable = |reason| LoadError::Unreadable { path: path.to_owned(), reason };
        let path = std::path::absolute(path).map_err(unreadable)?;
        let opened = Opened::new(&path).map_err(unreadable)?;
        let version = opened.version;
        if !demands.trust_writable {
            writable::check(&path, &opened.metadata().map_err(unreadable)?)?;
        }
        let (size, needed) = (version.size(), opened.mapped_end());
        if needed > size {
            return Err(LoadError::CutOff { path, size, needed });
        }
        let known = known(&version);
        if known.as_ref().is_some_and(|file| file.version_on_disk() != version) {
            return Err(LoadError::Changed { path });
        }
        let sha256 = match known {
            Some(file) => file.sha256().to_owned(),
            None => opened.sha256().map_err(unreadable)?,
        };
        if let Some(expected) = demands.sha256.filter(|pin| !pin.eq_ignore_ascii_case(&sha256)) {
            return Err(LoadError::Pin { path, expected: expected.to_owned(), found: sha256 });
        }
        let beside = Manifest::path_of(&path);
        let manifest = match demands.listed_by {
            _ if !demands.manifest => None,
            Some(listed_by) => Some(Manifest::read(listed_by)?),
            None if beside.exists() => Some(Manifest::read(&beside)?),
            None => None,
        };
        if manifest.as_ref().is_some_and(|manifest| !manifest.sha256.eq_ignore_ascii_case(&sha256)) {
            return Err(LoadError::ManifestMismatch { path, what: Mismatch::Sha256 });
        }
        let by_descriptor = demands.trust_writable || demands.sha256.is_some();
        Ok(Self { path, sha256, version, opened, by_descriptor, manifest })
    }

    /// Whether what the library said of itself once it was loaded is what its manifest says.
    pub(crate) fn agrees(&self, file: &LibraryFile, descriptors: &[Descriptor]) -> Result<(), LoadError> {
        let Some(manifest) = &self.manifest else { return Ok(()) };
        match manifest.mismatch(&Manifest::new(file, descriptors)) {
            Some(what) => Err(LoadError::ManifestMismatch { path: self.path.clone(), what }),
            None => Ok(()),
        }
    }
}
