//! Where plugins are looked for.

use std::path::{Path, PathBuf};

/// The environment variable with more folders, separated as in `PATH`.
pub const VARIABLE: &str = "FREELAND_PLUGIN_PATH";

/// The folders in which plugins are looked for, in order: the first that has a potential wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    folders: Vec<PathBuf>,
}

impl SearchPath {
    /// `extra` (`--plugin-path`), `FREELAND_PLUGIN_PATH`, beside the running binary, its `../lib/freeland/plugins`, and
    /// `freeland/plugins` in the user's data folder. Folders that do not exist are kept: they may appear.
    pub fn new(extra: &[PathBuf]) -> Self {
        let mut folders = extra.to_vec();
        if let Some(paths) = std::env::var_os(VARIABLE) {
            folders.extend(std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()));
        }
        if let Some(beside) = beside_binary() {
            folders.push(beside.clone());
            if let Some(prefix) = beside.parent() {
                folders.push(prefix.join("lib").join("freeland").join("plugins"));
            }
        }
        if let Some(data) = dirs::data_dir() {
            folders.push(data.join("freeland").join("plugins"));
        }
        Self::of(folders)
    }

    /// Exactly these folders. A folder named twice counts where it comes first.
    pub fn of(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut unique = Vec::new();
        for folder in folders {
            if !unique.contains(&folder) {
                unique.push(folder);
            }
        }
        Self { folders: unique }
    }

    /// The folders, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }
}

fn beside_binary() -> Option<PathBuf> {
    let binary = std::env::current_exe().ok()?;
    let binary = binary.canonicalize().unwrap_or(binary);
    binary.parent().map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_comes_first_and_the_user_folder_last() {
        let path = SearchPath::new(&[PathBuf::from("/extra")]);
        assert_eq!(path.folders()[0], Path::new("/extra"));
        assert!(path.folders().iter().any(|folder| Some(folder.clone()) == beside_binary()));
        if let Some(data) = dirs::data_dir() {
            assert_eq!(path.folders().last(), Some(&data.join("freeland/plugins")));
        }
    }

    #[test]
    fn a_folder_counts_once() {
        let path = SearchPath::of(["/a", "/b", "/a"].map(PathBuf::from));
        assert_eq!(path.folders(), ["/a", "/b"].map(PathBuf::from));
    }
}
