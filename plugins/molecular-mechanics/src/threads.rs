//! Shares a batch among threads, a block of configurations at a time.
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The widest register there is: 16 `f32`.
pub const WIDEST: usize = 16;

/// Threads that start with the first batch that is worth it and end with the instance.
#[derive(Debug)]
pub struct Threads {
    count: usize,
    pool: OnceLock<Option<ThreadPool>>,
}

/// Where a thread gets its next block from.
pub struct Queue<'a, I> {
    items: &'a Mutex<I>,
}

/// The items of a block; the places from the last one on are empty.
pub type Group<T> = [Option<T>; WIDEST];

impl<I: Iterator> Queue<'_, I> {
    /// Takes up to `lanes` items; `None` when there are no more.
    pub fn take(&self, lanes: usize) -> Option<Group<I::Item>> {
        let mut group = [const { None }; WIDEST];
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        for place in &mut group[..lanes] {
            *place = items.next();
        }
        group[0].is_some().then_some(group)
    }
}

impl Threads {
    /// `count` threads, the caller's included.
    pub fn new(count: usize) -> Self {
        Self { count, pool: OnceLock::new() }
    }

    /// How many, the caller's included.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Runs `work` on as many threads as there are blocks for; each takes blocks until the queue is empty.
    pub fn share<I>(&self, items: I, lanes: usize, work: impl Fn(Queue<'_, I>) + Sync)
    where
        I: Iterator + Send,
    {
        let most = items.size_hint().1.unwrap_or(usize::MAX);
        let blocks = most.div_ceil(lanes);
        let items = Mutex::new(items);
        let helpers = self.count.min(blocks).saturating_sub(1);
        let pool = if helpers == 0 { None } else { self.pool().as_ref() };
        let Some(pool) = pool else { return work(Queue { items: &items }) };
        pool.in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| work(Queue { items: &items }));
            }
            work(Queue { items: &items });
        });
    }

    /// `None` where threads cannot be had: the caller then works alone.
    fn pool(&self) -> &Option<ThreadPool> {
        self.pool.get_or_init(|| {
            let name = |index| format!("molecular-mechanics {index}");
            ThreadPoolBuilder::new().num_threads(self.count - 1).thread_name(name).build().ok()
        })
    }
}
