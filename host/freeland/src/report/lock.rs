//! One process at a time on a run folder.
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Its name in the folder.
const NAME: &str = ".lock";

/// Why a folder may not be written to now.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process works in it.
    #[error(
        "{}: {who} works in this folder; wait for its end, or choose another --out", path.display()
    )]
    Taken {
        /// The folder.
        path: PathBuf,
        /// Which process, and since when.
        who: String,
    },
    /// The file cannot be opened.
    #[error("{}: cannot be locked: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Held as long as it lives. The kernel lets go of it with the process, however that ends, so that no lock outlives a kill;
/// the file `.lock` stays, and says who held it last.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Of `folder`, which must exist. On a file system without locks there is none, with a warning.
    pub fn of(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(NAME);
        let open = |source| LockError::Open { path: path.clone(), source };
        let mut options = File::options();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(open)?;
        match file.try_lock() {
            Ok(()) => say_who(&mut file).map_err(open)?,
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Taken { path: folder.to_owned(), who: who(&mut file) });
            }
            Err(TryLockError::Error(error)) => {
                tracing::warn!(
                    "{}: cannot be locked ({error}); see that no other process works in this folder",
                    path.display()
                );
            }
        }
        Ok(Self { _file: file })
    }
}

/// Writes this process into the file. A full disk keeps nobody from holding the lock.
fn say_who(file: &mut File) -> std::io::Result<()> {
    let host = rustix::system::uname();
    file.set_len(0)?;
    let text = format!("process {} on {}\n", std::process::id(), host.nodename().to_string_lossy());
    match file.write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(()),
        written => written,
    }
}

/// `process 12 on node, since 34 s`.
fn who(file: &mut File) -> String {
    /// Whatever else somebody wrote into it.
    const MOST_BYTES: u64 = 300;
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(MOST_BYTES).read_to_string(&mut text));
    let since = file.metadata().and_then(|metadata| metadata.modified()).ok();
    let seconds = since.and_then(|since| since.elapsed().ok()).map(|elapsed| elapsed.as_secs());
    let name = match (read, text.lines().next()) {
        (Ok(_), Some(line)) => line.to_owned(),
        _ => "another process".to_owned(),
    };
    seconds.map_or_else(|| name.clone(), |seconds| format!("{name}, since {seconds} s,"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once_and_says_by_whom() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::of(folder.path()).unwrap();
        let refused = Lock::of(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {} on ", std::process::id())), "{refused}");
        assert!(refused.contains("since 0 s") || refused.contains("since 1 s"), "{refused}");
        drop(first);
        Lock::of(folder.path()).unwrap();
    }
}
