//! A number in shared memory that one process rings and another waits for.

use std::hint::spin_loop;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::futex;
use rustix::time::Timespec;

/// A number with one writer and one waiter. On a cache line of its own.
#[repr(C, align(64))]
#[derive(Debug)]
pub(super) struct Bell {
    value: AtomicU32,
    /// Not 0 where the waiter sleeps, so that ringing costs a system call only then.
    asleep: AtomicU32,
}

impl Bell {
    pub(super) fn value(&self) -> u32 {
        self.value.load(Ordering::Acquire)
    }

    /// Sets the number and wakes who waits for it. What was written before is seen by who reads the number.
    pub(super) fn ring(&self, value: u32) {
        // Both sides write one of the two numbers, then read the other; only in a total order does one of them see it.
        self.value.store(value, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) != 0 {
            self.wake();
        }
    }

    /// As [`Bell::ring`], for a waiter whose note that it sleeps is not to be trusted.
    pub(super) fn ring_loudly(&self, value: u32) {
        self.value.store(value, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        // The address is good; there is nothing else to go wrong.
        let _ = futex::wake(&self.value, futex::Flags::empty(), 1);
    }

    /// Waits until the number is another than `old`, or `until`; returns the number. Spins for `spin`, then sleeps.
    pub(super) fn wait_past(&self, old: u32, spin: Duration, until: Option<Instant>) -> u32 {
        /// Looks at the number between looks at the clock.
        const LOOKS: usize = 32;

        if let Some(limit) = Some(spin).filter(|_| *SPIN) {
            let begun = Instant::now();
            loop {
                for _ in 0..LOOKS {
                    let value = self.value();
                    if value != old {
                        return value;
                    }
                    spin_loop();
                }
                if begun.elapsed() >= limit {
                    break;
                }
            }
        }
        loop {
            self.asleep.store(1, Ordering::SeqCst);
            let mut value = self.value.load(Ordering::SeqCst);
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if value == old && left != Some(Duration::ZERO) {
                let left = left.map(|left| Timespec::try_from(left).unwrap_or(FAR));
                // Whatever wakes it, the number tells.
                let _ = futex::wait(&self.value, futex::Flags::empty(), old, left.as_ref());
                value = self.value();
            }
            self.asleep.store(0, Ordering::SeqCst);
            if value != old || until.is_some_and(|until| Instant::now() >= until) {
                return value;
            }
        }
    }
}

/// A time that is as good as never, for limits beyond what the clock can say.
const FAR: Timespec = Timespec { tv_sec: 1 << 32, tv_nsec: 0 };

/// Whether spinning helps at all: with one core, nobody could ring meanwhile.
static SPIN: LazyLock<bool> =
    LazyLock::new(|| std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_heard_awake_and_asleep_and_silence_ends_in_time() {
        for spin in [Duration::ZERO, Duration::from_secs(5)] {
            let bell = Bell { value: AtomicU32::new(7), asleep: AtomicU32::new(0) };
            std::thread::scope(|scope| {
                let waiter = scope.spawn(|| bell.wait_past(7, spin, None));
                std::thread::sleep(Duration::from_millis(20));
                bell.ring(8);
                assert_eq!(waiter.join().unwrap(), 8);
            });
            let until = Instant::now() + Duration::from_millis(10);
            assert_eq!(bell.wait_past(8, Duration::ZERO, Some(until)), 8);
            assert!(Instant::now() >= until);
        }
    }
}
