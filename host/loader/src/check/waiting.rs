//! How long threads have worked, and how long they have waited for a processor: what a busy machine takes, and no fault of
//! a plugin's.

use std::collections::HashMap;
use std::fmt::Display;

/// Of each thread of a process, or of `"self"`, the seconds that it has worked until now, and those that it was ready to and
/// was not let. Empty where the system does not tell by `/proc`.
pub(crate) fn worked_and_waited(process: impl Display) -> HashMap<String, [f64; 2]> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return HashMap::new();
    };
    let seconds = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        let mut words = text.split_whitespace().map(|word| word.parse::<f64>().ok());
        Some((task.file_name().into_string().ok()?, [1e-9 * words.next()??, 1e-9 * words.next()??]))
    };
    tasks.flatten().filter_map(seconds).collect()
}

/// Of each thread of a process, the seconds that it was ready to run and was not run.
pub(crate) struct Waiting(HashMap<String, f64>);

impl Waiting {
    /// Of a process, or of `"self"`, until now. Empty where the system does not tell by `/proc`.
    pub(crate) fn of(process: impl Display) -> Self {
        let of_all = worked_and_waited(process).into_iter();
        Self(of_all.map(|(thread, [_, waited])| (thread, waited)).collect())
    }

    /// Seconds of the thread that has waited longest.
    pub(crate) fn longest(&self) -> f64 {
        self.0.values().fold(0.0, |most, seconds| most.max(*seconds))
    }

    /// Seconds of the thread of this process that has waited longest since then.
    pub(crate) fn since(&self) -> f64 {
        let waited = |(thread, now): (&String, &f64)| now - self.0.get(thread).copied().unwrap_or(0.0);
        Self::of("self").0.iter().map(waited).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Many more threads than processors, all at work: most of them wait.
    #[test]
    fn threads_that_work_in_turn_wait() {
        let threads = 8 * std::thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            let (before, start) = (Waiting::of("self"), Instant::now());
            while start.elapsed().as_secs_f64() < 0.5 {
                std::hint::black_box(());
            }
            before.since()
        };
        let waited = std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).fold(0.0, f64::max)
        });
        assert!(waited > 0.2, "{waited}");
        assert_eq!(Waiting::of("no-such-process").longest(), 0.0);
    }
}
