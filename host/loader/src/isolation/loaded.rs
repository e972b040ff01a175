//! Libraries that a plugin needs and the host has loaded already: a worker takes the same files.
//!
//! In the host's process the dynamic linker satisfies a name such as `libOpenMM.so` with what is loaded under it, wherever
//! that lies: where Python has imported a package, the plugin works on that package's library. A worker starts empty, and
//! would look in the plugin's own search path, where there is another version or none.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL};
use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use crate::needed::needed;

/// A library by the name that others ask for, and the file that this process has under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Loaded {
    name: String,
    file: Bytes,
}

/// The beginning of the dynamic linker's `struct link_map`, which is public and fixed.
#[repr(C)]
struct LinkMap {
    address: usize,
    name: *const c_char,
}

/// What `library` needs and this process has, in the order in which it is asked for.
pub(super) fn found_here(library: &Path) -> Vec<Loaded> {
    // A file that cannot be read is refused by who loads it.
    let names = needed(library).unwrap_or_default();
    let found = names.into_iter().filter_map(|name| {
        let file = loaded_file(&name)?;
        Some(Loaded { file: file.as_path().into(), name })
    });
    found.collect()
}

/// Loads what is not there under its name. What cannot be loaded is left to the plugin, whose error says more.
pub(super) fn take(libraries: &[Loaded]) {
    for Loaded { name, file } in libraries {
        if loaded_file(name).is_some() {
            continue;
        }
        // SAFETY: this runs the library's constructors, as the plugin that needs it would.
        match unsafe { Library::open(Some(file.path()), RTLD_LAZY | RTLD_LOCAL) } {
            // For good: the plugin is to find it.
            Ok(library) => std::mem::forget(library),
            Err(error) => tracing::debug!("{}: {error}", file.path().display()),
        }
    }
}

/// The file of the library that is loaded under this name.
fn loaded_file(name: &str) -> Option<PathBuf> {
    // SAFETY: nothing is loaded, and no constructor runs.
    let library = unsafe { Library::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD) }.ok()?;
    let handle: *mut c_void = library.into_raw();
    let mut map: *const LinkMap = std::ptr::null();
    // SAFETY: the handle is of `dlopen` and not closed; with this request, one pointer is written.
    let code: c_int = unsafe { libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) };
    let path = if code == 0 && !map.is_null() {
        // SAFETY: the map is the linker's, whose name is a text that lives as long as the library, which is open.
        let text = unsafe { CStr::from_ptr((*map).name) };
        Some(PathBuf::from(OsStr::from_bytes(text.to_bytes())))
    } else {
        None
    };
    // SAFETY: the handle is of `dlopen`, and closed once.
    drop(unsafe { Library::from_raw(handle) });
    // A relative path is one of this process's LD_LIBRARY_PATH, and means nothing after it has moved.
    path.filter(|path| path.is_absolute() && path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_here_and_an_invented_one_is_not() {
        let libc = loaded_file("libc.so.6").expect("every program on Linux has it");
        assert!(libc.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libc")), "{libc:?}");
        assert_eq!(loaded_file("libinvented-for-a-test.so.1"), None);
        assert!(found_here(Path::new("/no/such/library.so")).is_empty());
    }
}
