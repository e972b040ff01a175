//! Files that are either the old ones or the new ones, never half of either.
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Of temporary files, which only an interrupted process leaves behind.
const PREFIX: &str = ".writing-";
const SUFFIX: &str = ".tmp";

/// A file that could not be written. What was there before is untouched.
#[derive(Debug, Error)]
#[error("{}: cannot be written: {source}; what was there before is untouched", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// Writes `bytes` to a temporary name in the same folder, syncs, and renames.
pub fn atomically(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    atomically_by(path, |file| file.write_all(bytes))
}

/// As [`atomically`], for what writes itself.
pub fn atomically_by(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let attempt = || {
        let mut file = in_folder(folder)?;
        write(file.as_file_mut())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    attempt().map_err(|source| WriteError { path: path.to_owned(), source })
}

/// A temporary file in `folder`, readable as any new file is, and deleted unless it is persisted.
pub fn in_folder(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Deletes temporary files in `folder` that nobody will rename any more. What cannot be deleted does no harm.
pub fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(
                "{}: left by an interrupted process, cannot be deleted: {error}",
                entry.path().display()
            );
        }
    }
}
