//! How much memory a molecule takes, estimated before it is taken.
use std::sync::OnceLock;

/// Bytes that one pair of an expression takes at least: its atoms, in the System and in both engines.
pub const PER_PAIR: usize = 128;

/// Bytes that this machine has; `None` where it does not say.
pub fn of_machine() -> Option<u64> {
    static FOUND: OnceLock<Option<u64>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let text = std::fs::read_to_string("/proc/meminfo").ok()?;
        let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        total.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    })
}

/// How many items of so many bytes do not fit into the machine, if they do not, as part of a sentence.
pub fn lacking(items: u64, bytes: u64) -> Option<String> {
    let needed = items.saturating_mul(bytes);
    let there = of_machine().filter(|&there| needed > there)?;
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    Some(format!("about {:.0} GB, where this machine has {:.1} GB", gigabytes(needed), gigabytes(there)))
}

/// The number of pairs of so many atoms.
pub fn pairs(atoms: usize) -> u64 {
    let atoms = atoms as u64;
    atoms.saturating_mul(atoms.saturating_sub(1)) / 2
}
