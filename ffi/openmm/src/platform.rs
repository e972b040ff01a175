//! Platforms by name, and OpenMM's plugin libraries that hold them.
//!
//! "Reference" is always there. The others (and the forces of the Amoeba, Drude and RPMD libraries) come with
//! [`load_plugins`], which the rest of this crate calls when something is missing; no environment variable is needed,
//! since the libraries lie beside the libOpenMM that is loaded.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::Error;
use crate::bridge::ffi;

/// The names of the platforms that are loaded, "Reference" among them.
///
/// # Errors
/// Never in practice; an exception would be [`Error::Call`].
pub fn names() -> Result<Vec<String>, Error> {
    ffi::platform_names().map_err(|error| Error::Call(error.what().to_owned()))
}

/// The properties that a Context on this platform takes, "Threads" on "CPU" for example.
///
/// # Errors
/// [`Error::UnknownPlatform`].
pub fn property_names(platform: &str) -> Result<Vec<String>, Error> {
    require(platform)?;
    ffi::platform_properties(platform).map_err(|error| Error::Call(error.what().to_owned()))
}

/// Makes sure that a platform is loaded, with OpenMM's plugins if need be.
///
/// # Errors
/// [`Error::UnknownPlatform`], which lists the platforms there are.
pub fn require(platform: &str) -> Result<(), Error> {
    if names()?.iter().any(|known| known == platform) {
        return Ok(());
    }
    let failed = load_plugins()?.to_vec();
    let known = names()?;
    if known.iter().any(|name| name == platform) {
        return Ok(());
    }
    Err(Error::UnknownPlatform { name: platform.to_owned(), known, failed })
}

/// The file that libOpenMM was loaded from, links resolved.
///
/// # Errors
/// [`Error::Plugins`] if the dynamic linker does not tell.
pub fn library_path() -> Result<PathBuf, Error> {
    let path = ffi::library_path().map_err(|error| Error::Plugins(error.what().to_owned()))?;
    Path::new(&path).canonicalize().map_err(|error| Error::Plugins(format!("{path}: {error}")))
}

/// Loads OpenMM's other libraries beside libOpenMM, then its folder `plugins`; once in a process, however often it is
/// called. Returns a sentence for each library that could not be loaded (OpenCL without a driver, say), which is no
/// error.
///
/// # Errors
/// [`Error::Plugins`] if the folder cannot be found.
pub fn load_plugins() -> Result<&'static [String], Error> {
    static LOADED: OnceLock<Result<Vec<String>, Error>> = OnceLock::new();
    LOADED.get_or_init(load_all).as_deref().map_err(Clone::clone)
}

fn load_all() -> Result<Vec<String>, Error> {
    let library = library_path()?;
    let folder = library.parent().unwrap_or(Path::new("/"));
    let mut failed = Vec::new();
    // The plugins need these by name, and nothing says where they are: loaded first, by path, they are found.
    for sibling in siblings(&library, folder)? {
        if let Err(error) = ffi::load_library(&sibling.to_string_lossy()) {
            failed.push(error.what().to_owned());
        }
    }
    let plugins = folder.join("plugins");
    failed.extend(
        ffi::load_folder(&plugins.to_string_lossy())
            .map_err(|error| Error::Plugins(format!("{}: {}", plugins.display(), error.what())))?,
    );
    Ok(failed)
}

/// libOpenMMAmoeba, libOpenMMDrude and so on, in order of name.
fn siblings(library: &Path, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: std::io::Error| Error::Plugins(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let shared = path.extension().is_some_and(|extension| extension == "so" || extension == "dylib");
        if name.starts_with("libOpenMM") && shared && path.canonicalize().is_ok_and(|path| path != library) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
