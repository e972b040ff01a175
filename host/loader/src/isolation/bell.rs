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

    /// Waits until the number is another than `old`, or `until`; returns the number.
    pub(super) fn wait_past(&self, old: u32, patience: &mut Patience, until: Option<Instant>) -> u32 {
        let value = patience.look_out(|| Some(self.value()).filter(|&value| value != old));
        if let Some(value) = value {
            return value;
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

/// How long to look out for a ring before sleeping, by what came of it lately.
///
/// Where both sides have a core to themselves, a ring comes within a microsecond and being woken would cost tens of them. Where they
/// share one, or a batch takes long, looking out only keeps the other side waiting. So it is given up for a while each time
/// it was in vain, longer every time.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Waits to sleep through at once.
    left: u32,
    /// Their number when looking out was last in vain.
    given_up: u32,
}

impl Patience {
    /// How long to look out: longer than a quick batch takes, or a host between two of them.
    const SPIN: Duration = Duration::from_millis(1);
    /// Looks at the number between looks at the clock.
    const LOOKS: usize = 32;
    /// After so many waits, it is tried again in any case.
    const LONGEST: u32 = 63;

    /// What `look` finds, if it finds it soon.
    fn look_out(&mut self, mut look: impl FnMut() -> Option<u32>) -> Option<u32> {
        if let Some(found) = look() {
            return Some(found);
        }
        if !*SPIN {
            return None;
        }
        if self.left > 0 {
            self.left -= 1;
            return None;
        }
        let begun = Instant::now();
        while begun.elapsed() < Self::SPIN {
            for _ in 0..Self::LOOKS {
                if let Some(found) = look() {
                    self.given_up = 0;
                    return Some(found);
                }
                spin_loop();
            }
        }
        self.given_up = (2 * self.given_up + 1).min(Self::LONGEST);
        self.left = self.given_up;
        None
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
        for left in [0, 5] {
            let bell = Bell { value: AtomicU32::new(7), asleep: AtomicU32::new(0) };
            std::thread::scope(|scope| {
                let waiter = scope.spawn(|| bell.wait_past(7, &mut Patience { left, given_up: 0 }, None));
                std::thread::sleep(Duration::from_millis(20));
                bell.ring(8);
                assert_eq!(waiter.join().unwrap(), 8);
            });
            let until = Instant::now() + Duration::from_millis(10);
            assert_eq!(bell.wait_past(8, &mut Patience::default(), Some(until)), 8);
            assert!(Instant::now() >= until);
        }
    }

    #[test]
    fn what_is_in_vain_is_given_up_for_ever_longer_and_tried_again() {
        let mut patience = Patience::default();
        let mut tried = Vec::new();
        for wait in 0..20 {
            let mut looks = 0;
            patience.look_out(|| {
                looks += 1;
                None
            });
            if looks > 1 {
                tried.push(wait);
            }
        }
        // With one core, never.
        assert!(tried.is_empty() || tried == [0, 2, 6, 14], "{tried:?}");
        assert_eq!(patience.look_out(|| Some(3)), Some(3));
    }
}
