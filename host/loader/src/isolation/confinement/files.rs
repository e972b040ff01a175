//! Landlock: reading stays as it is; writing is for some folders and devices.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};

use super::kernel::Kernel;

/// Devices that programs write to and that keep nothing.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/full", "/dev/random", "/dev/urandom"];
/// Devices of accelerators, and what their drivers write to.
const OF_ACCELERATORS: [&str; 3] = ["/dev/zero", "/dev/dri", "/dev/kfd"];

/// From now on, and for all threads and processes that come of this one: nothing is opened for writing, made, renamed or
/// removed but beneath `writable`; no ports; with an ABI of 6, no signals and no abstract sockets of processes outside.
pub(super) fn restrict(kernel: &Kernel, writable: &[PathBuf]) -> Result<(), RulesetError> {
    let known = match kernel.landlock {
        0 => ABI::Unsupported,
        1 => ABI::V1,
        2 => ABI::V2,
        3 => ABI::V3,
        4 => ABI::V4,
        5 => ABI::V5,
        _ => ABI::V6,
    };
    let write = AccessFs::from_write(known);
    // The kernel has all that is asked for: whatever is not enforced is an error.
    let mut ruleset =
        Ruleset::default().set_compatibility(CompatLevel::HardRequirement).handle_access(write)?;
    if kernel.landlock >= 4 {
        ruleset = ruleset.handle_access(AccessNet::from_all(known))?;
    }
    if kernel.landlock >= 6 {
        ruleset = ruleset.scope(Scope::from_all(known))?;
    }
    // Of a rule for a file, what makes sense for folders only is left out.
    ruleset
        .create()?
        .set_compatibility(CompatLevel::BestEffort)
        .add_rules(path_beneath_rules(writable.iter().cloned().chain(devices(kernel)), write))?
        .restrict_self()?;
    Ok(())
}

fn devices(kernel: &Kernel) -> Vec<PathBuf> {
    let mut devices: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
    if kernel.accelerators {
        devices.extend(OF_ACCELERATORS.iter().map(PathBuf::from));
        let all = std::fs::read_dir("/dev").into_iter().flatten().flatten().map(|entry| entry.path());
        let is_nvidia =
            |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("nvidia"));
        devices.extend(all.filter(|path| is_nvidia(path)));
    }
    devices
}
