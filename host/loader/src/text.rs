//! Words that errors share.

use std::path::Path;

/// The file name, which is what people call a plugin.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// `'a', 'b'`
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        items => items.iter().map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", "),
    }
}
