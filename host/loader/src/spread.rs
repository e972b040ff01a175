//! Over how many threads a batch is spread, for a plugin that takes many calls at once and keeps one thread at work in each.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use crate::descriptor::{Determinism, Threads};
use crate::info::Info;

/// A thread is worth its trouble for so many nanoseconds of work.
const WORTH_NS: f64 = 200_000.0;
/// Every call of so many is timed, and the first few.
const EVERY: u32 = 64;
const FIRST: u32 = 4;

/// Over how many threads a batch is spread: what one configuration costs decides it, as measured in earlier calls.
#[derive(Debug)]
pub(crate) struct Spread {
    most: usize,
    calls: AtomicU32,
    /// Nanoseconds for one configuration, the bits of an `f64`; 0: not yet known.
    cost: AtomicU64,
}

impl Spread {
    /// `threads`: how many there may be; `None`: as many as there are.
    ///
    /// There is one where the plugin does not say that a call keeps one thread at work, and where the same batch
    /// must give the same bits again but its configurations in other batches need not: how a batch is cut would show.
    pub(crate) fn new(info: &Info, threads: Option<u32>) -> Self {
        let may = info.threads == Threads::Concurrent
            && info.threads_inside == Some(1)
            && info.determinism != Determinism::RunToRun;
        let there = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let most = if may { threads.map_or_else(there, |threads| threads as usize).max(1) } else { 1 };
        Self { most, calls: AtomicU32::new(0), cost: AtomicU64::new(0) }
    }

    /// How many configurations each thread gets of a batch of `count`; `count`: there is one thread.
    #[inline]
    pub(crate) fn share(&self, count: usize, preferred: Option<usize>) -> usize {
        if self.most == 1 || count < 2 {
            return count;
        }
        let cost = f64::from_bits(self.cost.load(Ordering::Relaxed));
        let threads = ((count as f64 * cost / WORTH_NS) as usize).clamp(1, self.most.min(count));
        let share = count.div_ceil(threads);
        match preferred.filter(|&preferred| preferred < share) {
            Some(preferred) => share.next_multiple_of(preferred).min(count),
            None => share,
        }
    }

    /// Runs `work` on `count` configurations, one after the other, and sees now and then what they cost.
    #[inline]
    pub(crate) fn timed<R>(&self, count: usize, work: impl FnOnce() -> R) -> R {
        let start = if self.most == 1 || count < 2 { None } else { self.start() };
        let result = work();
        if let Some(start) = start {
            self.learn(start, count);
        }
        result
    }

    /// Now, where this call is one to be timed.
    fn start(&self) -> Option<Instant> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        (calls < FIRST || calls.is_multiple_of(EVERY)).then(Instant::now)
    }

    /// `count` configurations were begun at `start`, and are done.
    #[cold]
    fn learn(&self, start: Instant, count: usize) {
        let cost = start.elapsed().as_nanos() as f64 / count as f64;
        let before = f64::from_bits(self.cost.load(Ordering::Relaxed));
        let cost = if before == 0.0 { cost } else { 0.5 * (before + cost) };
        self.cost.store(cost.to_bits(), Ordering::Relaxed);
    }
}
