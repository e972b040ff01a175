//! The host's wish that a batch ends early.
use std::sync::atomic::{AtomicU32, Ordering};

/// Tells whether the host asked to stop, by its cancel flag or by the deadline. Cheap to copy, and to ask from any
/// thread.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    cancel: Option<&'a AtomicU32>,
    deadline_ns: u64,
}

impl<'a> Stop<'a> {
    /// `deadline_ns`: CLOCK_MONOTONIC time, 0 for none.
    pub(crate) fn new(cancel: Option<&'a AtomicU32>, deadline_ns: u64) -> Self {
        Self { cancel, deadline_ns }
    }

    /// Whether the rest of the batch should be given [`SampleStatus::Cancelled`](super::SampleStatus::Cancelled).
    ///
    /// A memory read, and a reading of the clock (tens of nanoseconds) only where there is a deadline.
    #[inline]
    pub fn requested(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
            || (self.deadline_ns != 0 && monotonic_ns() >= self.deadline_ns)
    }
}

/// CLOCK_MONOTONIC in nanoseconds: the clock of `epp_batch.deadline_ns`.
fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    // The monotonic clock counts from boot: neither field is negative, and 64 bits of nanoseconds last 584 years.
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
