//! The file of a library: which one it is, and what is known of it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use epp::sys;
use serde::{Deserialize, Serialize};

use crate::text::name;

/// The ABI of a library: every host of the same major loads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abi {
    /// Must equal the host's.
    pub major: u32,
    /// The one it was written for; a host of any other loads it too.
    pub minor: u32,
}

impl Abi {
    /// The one this host speaks.
    pub const HOST: Self = Self { major: sys::ABI_MAJOR, minor: sys::ABI_MINOR };
}

/// Which file it is, by whatever path: its device and its inode.
pub(crate) type Identity = (u64, u64);

/// What changes when a file is overwritten or replaced: where it lies, its size and its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Version {
    pub(crate) fn new(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Of the file as it is now.
    pub(crate) fn of(path: &Path) -> std::io::Result<Self> {
        Ok(Self::new(&path.metadata()?))
    }

    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Which file it is.
    pub(crate) fn identity(&self) -> Identity {
        (self.device, self.inode)
    }
}

/// What is known of the file of a loaded library, in this process or in a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryFile {
    path: PathBuf,
    name: String,
    sha256: String,
    abi: Abi,
    version_on_disk: Version,
}

impl LibraryFile {
    pub(crate) fn new(path: &Path, sha256: &str, abi: Abi, version_on_disk: Version) -> Self {
        Self { path: path.to_owned(), name: name(path), sha256: sha256.to_owned(), abi, version_on_disk }
    }

    /// What identified its bytes when they were hashed.
    pub(crate) fn version_on_disk(&self) -> Version {
        self.version_on_disk
    }

    /// The absolute path it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sha256 of its bytes, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The ABI version it was written for.
    pub fn abi(&self) -> Abi {
        self.abi
    }
}
