//! What this kernel and this machine have of what a confinement is made from.

use std::path::Path;

/// What a confinement is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::isolation) struct Kernel {
    /// The ABI of landlock; 0: there is none.
    pub(in crate::isolation) landlock: u32,
    /// Whether there are seccomp filters.
    pub(in crate::isolation) seccomp: bool,
    /// Whether there are accelerators, whose drivers need shared memory.
    pub(in crate::isolation) accelerators: bool,
}

impl Kernel {
    /// What is here; of landlock, no newer ABI than `at_most`.
    pub(in crate::isolation) fn here(at_most: Option<u32>) -> Self {
        // SAFETY: with no attributes and this flag, the call only tells the ABI.
        let abi = unsafe {
            const VERSION: u32 = 1;
            libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION)
        };
        let landlock = u32::try_from(abi).unwrap_or(0).min(at_most.unwrap_or(u32::MAX));
        let refuse: u32 = libc::SECCOMP_RET_ERRNO;
        // SAFETY: it only reads the action it is asked about.
        let available = unsafe {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0_u32, &raw const refuse)
        };
        let accelerators =
            ["/dev/nvidiactl", "/dev/kfd", "/dev/dri"].iter().any(|path| Path::new(path).exists());
        Self { landlock, seccomp: available == 0, accelerators }
    }
}
