//! What a worker gives up before any code of a plugin runs, constructors of the library included: threads that the plugin
//! starts are born confined.

mod calls;
mod files;
mod kernel;

use std::path::PathBuf;

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, capabilities, remove_capability_from_bounding_set, set_capabilities};
use serde::{Deserialize, Serialize};

pub(super) use kernel::Kernel;

/// What of the confinement holds. `None`: it does; else why not, or what is missing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Confined {
    /// No writing of files outside its own folders (landlock).
    pub(super) files: Option<String>,
    /// No sockets, no reaching into other processes, no changing of files' modes, owners and times (seccomp).
    pub(super) calls: Option<String>,
    /// No more memory than allowed.
    pub(super) memory: Option<String>,
}

impl Confined {
    /// What `kernel` can be expected to do.
    pub(super) fn expected(kernel: &Kernel) -> Self {
        let lacks = |there: bool, what: &str| (!there).then(|| format!("its kernel has no {what}"));
        Self {
            files: lacks(
                kernel.landlock > 0,
                "landlock (Linux 5.13 and later, where it is among the security modules)",
            ),
            calls: lacks(kernel.seccomp, "seccomp filters"),
            memory: None,
        }
    }

    /// A sentence for each thing that does not hold.
    pub(super) fn warnings(&self) -> Vec<String> {
        let sentence = |what: &str, why: &Option<String>| {
            why.as_ref().map(|why| format!("this system does not keep plugins from {what}: {why}"))
        };
        [
            sentence("writing files", &self.files),
            sentence("using the network and reaching into other processes", &self.calls),
            sentence("taking all memory", &self.memory),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Confines this process, which has one thread yet, for good. What `kernel` is known not to have is not tried.
pub(super) fn confine(kernel: &Kernel, writable: &[PathBuf], memory: Option<u64>) -> Confined {
    // A thousand crashes must not leave a thousand core files.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // Where memory runs out all the same, the worker shall die, not its host. One may always raise one's own score.
    let _ = std::fs::write("/proc/self/oom_score_adj", "900");
    let expected = Confined::expected(kernel);
    Confined {
        memory: memory.and_then(|limit| {
            // Not the address space: accelerators reserve enormous ranges of it that hold nothing.
            let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
            setrlimit(Resource::Data, limit).err().map(|error| error.to_string())
        }),
        files: expected
            .files
            .or_else(|| files::restrict(kernel, writable).err().map(|error| error.to_string())),
        calls: expected.calls.or_else(|| {
            drop_capabilities();
            calls::restrict(kernel).err()
        }),
    }
}

/// Powers of the superuser that are beside the point here are given up by whoever has them; those over the modes of files
/// stay, because what may be written is landlock's to decide.
fn drop_capabilities() {
    let kept = CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH;
    for bit in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        if !kept.contains(capability) {
            // Fails for all but the superuser, who alone gets anything from that set, and beyond the last capability.
            let _ = remove_capability_from_bounding_set(capability);
        }
    }
    let Ok(mut sets) = capabilities(None) else { return };
    sets.effective &= kept;
    sets.permitted &= kept;
    sets.inheritable = CapabilitySet::empty();
    // To give up is always allowed.
    let _ = set_capabilities(None, sets);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_lacks_is_said_by_name() {
        let kernel = |landlock, seccomp| Kernel { landlock, seccomp, accelerators: false };
        let warnings = |kernel| Confined::expected(&kernel).warnings();
        // Linux 5.15, 6.1 and 6.12: what an older landlock leaves open, seccomp closes.
        for landlock in [1, 2, 6] {
            assert_eq!(warnings(kernel(landlock, true)), Vec::<String>::new());
        }
        let [files] = warnings(kernel(0, true)).try_into().unwrap();
        assert!(files.contains("keep plugins from writing files: its kernel has no landlock"), "{files}");
        let [calls] = warnings(kernel(1, false)).try_into().unwrap();
        assert!(
            calls.contains("using the network") && calls.ends_with("its kernel has no seccomp filters"),
            "{calls}"
        );
        assert_eq!(warnings(kernel(0, false)).len(), 2);
    }
}
