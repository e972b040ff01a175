//! Buffers for a plugin, with what lies around them under control.

use std::ffi::c_void;
use std::ptr::{null_mut, with_exposed_provenance_mut};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

/// Where a buffer lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Placement {
    /// Between stretches of memory that nobody uses, so that small trespasses have no effect.
    #[default]
    Slack,
    /// The byte behind it cannot be touched.
    BeforeGuard,
    /// The byte before it cannot be touched.
    AfterGuard,
}

/// Unused bytes on either side of a buffer with [`Placement::Slack`].
const SLACK: usize = 1 << 16;
/// What guarded pages are a multiple of on every machine we know.
const PAGE: usize = 1 << 16;

/// Memory of a mapping of its own.
pub(crate) struct Memory {
    mapping: *mut c_void,
    mapped: usize,
    start: *mut u8,
    bytes: usize,
}

// SAFETY: the mapping belongs to this value alone; whoever shares it between threads does so by raw pointers.
unsafe impl Send for Memory {}

impl Memory {
    /// `bytes` zeroed bytes; aligned to 8 where `bytes` is a multiple of 8, else to 4 where it is one of 4.
    ///
    /// # Errors
    /// The system has no memory left.
    pub(crate) fn new(bytes: usize, placement: Placement) -> std::io::Result<Self> {
        let inner = bytes.max(1).next_multiple_of(PAGE);
        let inner = if placement == Placement::Slack { inner + 2 * SLACK } else { inner };
        let mapped = inner + 2 * PAGE;
        // SAFETY: a new mapping, at no address in particular.
        let mapping = unsafe {
            mmap_anonymous(null_mut(), mapped, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)?
        };
        let at = |offset: usize| with_exposed_provenance_mut::<u8>(mapping.expose_provenance() + offset);
        // SAFETY: the first and the last page of the mapping above, which nobody uses.
        unsafe {
            mprotect(at(0).cast(), PAGE, MprotectFlags::empty())?;
            mprotect(at(mapped - PAGE).cast(), PAGE, MprotectFlags::empty())?;
        }
        let start = match placement {
            Placement::Slack => at(PAGE + SLACK),
            Placement::AfterGuard => at(PAGE),
            Placement::BeforeGuard => at(mapped - PAGE - bytes),
        };
        Ok(Self { mapping, mapped, start, bytes })
    }

    /// Where it begins.
    pub(crate) fn pointer(&self) -> *mut u8 {
        self.start
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped, initialised with zeros, and as long as this value lives; the plugin that writes it has returned.
        unsafe { std::slice::from_raw_parts(self.start, self.bytes) }
    }

    /// Its bytes, to be written.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and borrowed by nobody else.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.bytes) }
    }

    /// Makes it, and what is around it, unwritable.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn make_read_only(&mut self) -> std::io::Result<()> {
        let inner = with_exposed_provenance_mut::<c_void>(self.mapping.expose_provenance() + PAGE);
        // SAFETY: the pages between the guards of a mapping that this value owns.
        unsafe { Ok(mprotect(inner, self.mapped - 2 * PAGE, MprotectFlags::READ)?) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the mapping of `new`, which nobody has a pointer to any more.
        let _ = unsafe { munmap(self.mapping, self.mapped) };
    }
}
