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
        self.is_cancelled() || (self.deadline_ns != 0 && monotonic_ns() >= self.deadline_ns)
    }

    #[inline]
    fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0)
    }
}

/// Asks [`Stop`] before each of many configurations, of which hundreds may be done while the clock is read once: the flag
/// is looked at every time, the clock about every [`Watch::PERIOD_NS`].
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    stop: Stop<'a>,
    /// Questions that pass before the clock is read again.
    left: u32,
    /// Questions from its last reading to this one.
    interval: u32,
    read_ns: u64,
}

impl<'a> Watch<'a> {
    const PERIOD_NS: u64 = 10_000;
    /// More configurations are never evaluated beyond the deadline.
    const LONGEST: u32 = 1024;

    pub(crate) fn new(stop: Stop<'a>) -> Self {
        Self { stop, left: 0, interval: 1, read_ns: 0 }
    }

    /// As [`Stop::requested`], of a deadline a moment late.
    #[inline]
    pub(crate) fn requested(&mut self) -> bool {
        if self.left > 0 && self.stop.deadline_ns != 0 {
            self.left -= 1;
            return self.stop.is_cancelled();
        }
        self.stop.is_cancelled() || (self.stop.deadline_ns != 0 && self.look(monotonic_ns()))
    }

    /// Whether the deadline has passed at `now_ns`; decides when the clock is read next.
    fn look(&mut self, now_ns: u64) -> bool {
        let elapsed_ns = now_ns.saturating_sub(self.read_ns).max(1);
        let questions = u64::from(self.interval) * Self::PERIOD_NS / elapsed_ns;
        let most = (2 * self.interval).min(Self::LONGEST);
        self.interval = u32::try_from(questions).unwrap_or(most).clamp(1, most);
        (self.left, self.read_ns) = (self.interval - 1, now_ns);
        now_ns >= self.stop.deadline_ns
    }
}

/// CLOCK_MONOTONIC in nanoseconds: the clock of `epp_batch.deadline_ns`.
fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    // The monotonic clock counts from boot: neither field is negative, and 64 bits of nanoseconds last 584 years.
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_read_seldom_where_configurations_are_quick_and_every_time_where_they_are_slow() {
        let far = u64::MAX;
        let mut watch = Watch::new(Stop::new(None, far));
        let mut now = 1_000_000_000;
        let mut reads = |watch: &mut Watch<'_>, cost_ns: u64, count: u32| {
            let mut reads = 0;
            for _ in 0..count {
                now += cost_ns;
                if watch.left > 0 {
                    watch.left -= 1;
                } else {
                    reads += 1;
                    assert!(!watch.look(now));
                }
            }
            reads
        };
        // 20 ns each: once in about 500, after a few to find out.
        assert!((16..=40).contains(&reads(&mut watch, 20, 10_000)));
        // A millisecond each: before every one, once that is known.
        assert!(reads(&mut watch, 1_000_000, 1_000) > 400);
        assert_eq!(reads(&mut watch, 1_000_000, 100), 100);
    }

    #[test]
    fn a_deadline_that_has_passed_and_a_flag_are_seen_at_once() {
        assert!(Watch::new(Stop::new(None, 1)).requested());
        assert!(!Watch::new(Stop::new(None, 0)).requested());
        let flag = AtomicU32::new(0);
        let mut watch = Watch::new(Stop::new(Some(&flag), u64::MAX));
        assert!((0..100).all(|_| !watch.requested()));
        flag.store(1, Ordering::Relaxed);
        assert!(watch.requested());
    }
}
