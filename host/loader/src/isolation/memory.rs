//! How much memory a worker has taken.

use super::area::HEAD;

/// Memory that a process holds, in bytes, without `shared` bytes that it has of its host: its own and what it may share
/// with its children, in use or swapped out. 0 where it cannot be told.
pub(super) fn held_by(process: u32, shared: u64) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    of_status(&text, shared + HEAD as u64)
}

fn of_status(text: &str, shared: u64) -> u64 {
    let field = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
        found.and_then(|number| number.trim().parse::<u64>().ok()).map_or(0, |number| number << 10)
    };
    field("RssAnon:") + field("VmSwap:") + field("RssShmem:").saturating_sub(shared)
}

/// Of this machine, in bytes.
pub(super) fn of_machine() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    total.and_then(|total| total.trim().parse::<u64>().ok()).map_or(u64::MAX, |total| total << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_memory_counts_but_for_that_of_the_host() {
        let text = "Name:\tworker\nRssAnon:\t    1000 kB\nRssFile:\t  5000 kB\nRssShmem:\t     300 kB\nVmSwap:\t 20 kB\n";
        assert_eq!(of_status(text, 0), 1320 << 10);
        assert_eq!(of_status(text, 100 << 10), 1220 << 10);
        assert_eq!(of_status(text, 900 << 10), 1020 << 10);
        assert_eq!(of_status("", 0), 0);
        assert!(held_by(std::process::id(), 0) > 1 << 16);
        assert!(of_machine() > 1 << 26);
    }
}
