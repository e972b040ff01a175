//! Who may write to a library: whoever can do that decides what code the host runs.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use uzers::os::unix::GroupExt;

use crate::error::LoadError;

const GROUP_MAY_WRITE: u32 = 0o020;
const ALL_MAY_WRITE: u32 = 0o002;
/// In such a folder, only the owner of a file may replace it.
const STICKY: u32 = 0o1000;

/// Refuses a library that others than this user and root own, may write to, or may replace in its folder.
///
/// The group counts as others, unless it is root's or the private group of the user: one with the user's name and
/// without other members, as most systems make it. With it, files that the group may write to are the default of many
/// (`umask 002`). A library that is reached by links is looked at where it lies, and so is the folder of the link.
///
/// `metadata`: of the library itself, which is open.
pub(crate) fn check(library: &Path, metadata: &Metadata) -> Result<(), LoadError> {
    let unreadable = |reason| LoadError::Unreadable { path: library.to_owned(), reason };
    let real = library.canonicalize().map_err(unreadable)?;
    let folder = |path: &Path| path.parent().map(Path::to_owned);
    let mut folders: Vec<PathBuf> = Vec::new();
    folders.extend(folder(&real));
    folders.extend(folder(library).and_then(|folder| folder.canonicalize().ok()));
    folders.dedup();
    let metadata = std::iter::once(Ok((real, metadata.clone())))
        .chain(folders.into_iter().map(|place| place.metadata().map(|metadata| (place, metadata))));
    for place in metadata {
        let (place, metadata) = place.map_err(unreadable)?;
        if let Some(who) = foreign_owner(&metadata, uzers::get_effective_uid()) {
            return Err(LoadError::Foreign { path: library.to_owned(), place, who });
        }
        if let Some(who) = who_else_may_write(&metadata, is_private) {
            return Err(LoadError::Writable { path: library.to_owned(), place, who });
        }
    }
    Ok(())
}

/// Who owns it, unless that is root or the user `me`.
fn foreign_owner(metadata: &Metadata, me: u32) -> Option<String> {
    let owner = metadata.uid();
    if owner == 0 || owner == me {
        return None;
    }
    Some(match uzers::get_user_by_uid(owner) {
        Some(user) => format!("the user '{}'", user.name().to_string_lossy()),
        None => format!("the user {owner}"),
    })
}

/// Who besides owner and root may write; `None`: nobody. `private`: whether a group is as good as the user.
fn who_else_may_write(metadata: &Metadata, private: impl FnOnce(u32) -> bool) -> Option<String> {
    let mode = metadata.mode();
    if metadata.is_dir() && mode & STICKY != 0 {
        return None;
    }
    if mode & ALL_MAY_WRITE != 0 {
        return Some("everybody".to_owned());
    }
    let group = metadata.gid();
    if mode & GROUP_MAY_WRITE == 0 || group == 0 || private(group) {
        return None;
    }
    Some(match uzers::get_group_by_gid(group) {
        Some(group) => format!("the group '{}'", group.name().to_string_lossy()),
        None => format!("the group {group}"),
    })
}

/// Whether a group is the private one of this user.
fn is_private(group: u32) -> bool {
    let (Some(group), Some(user)) =
        (uzers::get_group_by_gid(group), uzers::get_user_by_uid(uzers::get_effective_uid()))
    else {
        return false;
    };
    group.name() == user.name() && group.members().iter().all(|member| member == user.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    fn who(mode: u32, folder: bool, private: bool) -> Option<String> {
        let place = tempfile::tempdir().unwrap();
        let path = if folder { place.path().to_owned() } else { place.path().join("lib.so") };
        if !folder {
            std::fs::write(&path, "").unwrap();
        }
        set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        // A group that is not root's, so that this holds for root as well.
        if uzers::get_effective_uid() == 0 {
            std::os::unix::fs::chown(&path, None, Some(12345)).unwrap();
        }
        who_else_may_write(&path.metadata().unwrap(), |_| private)
    }

    #[test]
    fn everybody_and_foreign_groups_are_others() {
        for folder in [false, true] {
            assert_eq!(who(0o755, folder, false), None);
            assert_eq!(who(0o700, folder, false), None);
            assert_eq!(who(0o777, folder, true).unwrap(), "everybody");
            assert_eq!(who(0o757, folder, true).unwrap(), "everybody");
            assert!(who(0o775, folder, false).unwrap().starts_with("the group "));
            assert_eq!(who(0o775, folder, true), None, "umask 002 and a private group");
        }
        assert_eq!(who(0o1777, true, false), None, "such as /tmp");
    }

    #[test]
    fn what_belongs_to_another_user_is_foreign() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let metadata = file.path().metadata().unwrap();
        assert_eq!(foreign_owner(&metadata, metadata.uid()), None);
        if metadata.uid() == 0 {
            std::os::unix::fs::chown(file.path(), Some(12345), None).unwrap();
            let error = super::check(file.path(), &file.path().metadata().unwrap()).unwrap_err();
            assert!(error.to_string().contains("belongs to the user 12345, who may change it"), "{error}");
        } else {
            assert!(foreign_owner(&metadata, metadata.uid() + 1).unwrap().starts_with("the user "));
        }
    }

    #[test]
    fn a_library_is_looked_at_where_it_lies() {
        let (place, links) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (library, link) = (place.path().join("lib.so"), links.path().join("lib.so"));
        std::fs::write(&library, "").unwrap();
        std::os::unix::fs::symlink(&library, &link).unwrap();
        let check = |link: &Path| super::check(link, &link.metadata().unwrap());
        check(&link).unwrap();
        set_permissions(place.path(), Permissions::from_mode(0o777)).unwrap();
        let error = check(&link).unwrap_err().to_string();
        assert!(error.contains("everybody may write to '") && error.contains("chmod"), "{error}");
        set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
        set_permissions(links.path(), Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(check(&link), Err(LoadError::Writable { .. })));
    }
}
