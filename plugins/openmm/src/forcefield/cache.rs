//! Answers that were made before: one JSON file each, in `freeland/openmm` of the user's cache folder.
//!
//! Where that may not be written to, as in a worker process of the host's, they are kept in the folder for temporary files, if
//! nobody else can reach into it: the workers of one potential share such a folder, and a force field is converted once.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use epp::sdk::{Host, Level};

use super::Answer;

/// Permissions of group and others.
const OTHERS: u32 = 0o077;

/// The folders, in the order in which they are tried: `$XDG_CACHE_HOME` or `~/.cache` on Linux, then the private `TMPDIR`.
fn folders() -> impl Iterator<Item = PathBuf> {
    let private = Some(std::env::temp_dir()).filter(|folder| is_private(folder));
    dirs::cache_dir().into_iter().chain(private).map(|folder| folder.join("freeland").join("openmm"))
}

/// Whether a folder is this user's and closed to all others.
fn is_private(folder: &Path) -> bool {
    let owned = |path: &Path| std::fs::metadata(path).map(|metadata| (metadata.uid(), metadata.mode()));
    match (owned(folder), owned(Path::new("/proc/self"))) {
        (Ok((owner, mode)), Ok((user, _))) => owner == user && mode & OTHERS == 0,
        _ => false,
    }
}

fn file(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

/// What is cached; None if there is nothing, or nothing that can be read.
pub(super) fn load(key: &str) -> Option<Answer> {
    folders().find_map(|folder| serde_json::from_slice(&std::fs::read(file(&folder, key)).ok()?).ok())
}

/// Keeps an answer. The file appears whole or not at all, so that two processes may do this at once.
pub(super) fn store(key: &str, answer: &Answer, host: &Host) {
    let mut refused = Vec::new();
    for folder in folders() {
        match write(&folder, key, answer) {
            Ok(()) => return,
            Err(error) => refused.push(format!("{}: {error}", folder.display())),
        }
    }
    host.log(Level::Info, &format!("openmm: the System is not cached ({})", refused.join("; ")));
}

fn write(folder: &Path, key: &str, answer: &Answer) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(serde_json::to_string(answer)?.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file(folder, key))?;
    Ok(())
}
