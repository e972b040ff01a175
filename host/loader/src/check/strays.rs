//! Processes that outlive the check they come from.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// Rounds in which strays are ended: those that a stray leaves come to this process when it dies.
const ROUNDS: usize = 100;

/// Processes that this one has started, or that have come to it as orphans; empty where the system does not tell.
pub(crate) fn children() -> Vec<Pid> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let children = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).ok();
    let all: Vec<String> = tasks.flatten().filter_map(children).collect();
    let pids = all.iter().flat_map(|text| text.split_whitespace());
    pids.filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

/// Kills all children but `known`, and what these leave. While no check runs, they are processes that have left the group of
/// a check, and so were not killed with it.
pub(crate) fn end(known: &[Pid]) {
    for _ in 0..ROUNDS {
        let strays: Vec<Pid> = children().into_iter().filter(|pid| !known.contains(pid)).collect();
        if strays.is_empty() {
            return;
        }
        for pid in strays {
            if kill_process(pid, Signal::KILL).is_ok() {
                while let Err(Errno::INTR) = waitpid(Some(pid), WaitOptions::empty()) {}
            }
        }
    }
}
