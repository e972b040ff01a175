//! Answers that were made before: one JSON file each, in `freeland/openmm` of the user's cache folder.

use std::io::Write;
use std::path::PathBuf;

use epp::sdk::{Level, log};

use super::Answer;

/// The folder, if the user has one: `$XDG_CACHE_HOME` or `~/.cache`, on Linux.
fn folder() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("freeland").join("openmm"))
}

fn file(key: &str) -> Option<PathBuf> {
    Some(folder()?.join(format!("{key}.json")))
}

/// What is cached; None if there is nothing, or nothing that can be read.
pub(super) fn load(key: &str) -> Option<Answer> {
    let text = std::fs::read(file(key)?).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Keeps an answer. The file appears whole or not at all, so that two processes may do this at once.
pub(super) fn store(key: &str, answer: &Answer) {
    if let Err(error) = write(key, answer) {
        log(Level::Info, &format!("openmm: the System is not cached: {error}"));
    }
}

fn write(key: &str, answer: &Answer) -> std::io::Result<()> {
    let (Some(folder), Some(file)) = (folder(), file(key)) else {
        return Err(std::io::Error::other("this user has no cache folder"));
    };
    std::fs::create_dir_all(&folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(&folder)?;
    temporary.write_all(serde_json::to_string(answer)?.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}
