//! Where the executable of workers is.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::error::IsolationError;

/// Overrides where the executable is looked for.
const VARIABLE: &str = "FREELAND_WORKER";
/// Its file name.
const NAME: &str = "freeland-worker";

/// `given`, else `FREELAND_WORKER`, else beside the running executable, else beside the library with this code.
pub(super) fn find(given: Option<&Path>) -> Result<PathBuf, IsolationError> {
    let told = given.map(Path::to_owned);
    let told = told.or_else(|| std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from));
    if let Some(path) = told {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(IsolationError::NoExecutable { searched: vec![path] })
        };
    }
    let beside = |path: PathBuf| path.canonicalize().unwrap_or(path).with_file_name(NAME);
    let mut searched = Vec::new();
    for place in [std::env::current_exe().ok(), own_library()].into_iter().flatten().map(beside) {
        if place.is_file() {
            return Ok(place);
        }
        if !searched.contains(&place) {
            searched.push(place);
        }
    }
    Err(IsolationError::NoExecutable { searched })
}

/// The library or executable that this code is in.
fn own_library() -> Option<PathBuf> {
    let mut info = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    // SAFETY: any address may be asked for; `info` lives through the call.
    let found = unsafe { libc::dladdr(own_library as *const () as *const libc::c_void, &mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: `dladdr` succeeded, so this is the NUL-terminated name of a library that stays loaded.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_code_is_in_the_running_executable() {
        let own = own_library().unwrap().canonicalize().unwrap();
        assert_eq!(own, std::env::current_exe().unwrap().canonicalize().unwrap());
    }

    #[test]
    fn a_path_that_is_no_file_is_refused_by_its_name() {
        let error = find(Some(Path::new("/nowhere/worker"))).unwrap_err().to_string();
        assert!(error.contains("freeland-worker, is not in '/nowhere/worker'; install it"), "{error}");
    }
}
