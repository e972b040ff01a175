//! How many configurations were sent to the plugin, and what for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// What an energy is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// What is tried before anything else: bonds, frames, place and orientation, rotors.
    Checks,
    /// Relaxing the start configuration.
    Minimisation,
    /// Torsions turned into states that starting data may miss.
    Rotamers,
    /// Dynamics that make the starting data, or energies of given frames.
    StartingData,
    /// Training by energy.
    ByEnergy,
    /// Labels `F(s)`.
    Labels,
    /// Held-out losses and diagnostics.
    Test,
    /// Walkers that look for new `s` by evaluating the potential.
    Exploration,
    /// Biased sampling while the bias still grows, or while umbrella windows are being added.
    BuildUp,
    /// Biased sampling with the final bias, before it counts.
    Equilibration,
    /// Biased sampling that counts.
    Production,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checks => "checks",
            Self::Minimisation => "minimisation",
            Self::Rotamers => "rotamers",
            Self::StartingData => "starting data",
            Self::ByEnergy => "by energy",
            Self::Labels => "labels",
            Self::Test => "test",
            Self::Exploration => "exploration",
            Self::BuildUp => "build-up",
            Self::Equilibration => "equilibration",
            Self::Production => "production",
        })
    }
}

/// All phases, in the order of reports.
pub const PHASES: [Phase; 11] = [
    Phase::Checks,
    Phase::Minimisation,
    Phase::Rotamers,
    Phase::StartingData,
    Phase::ByEnergy,
    Phase::Labels,
    Phase::Test,
    Phase::Exploration,
    Phase::BuildUp,
    Phase::Equilibration,
    Phase::Production,
];

/// No run comes near so many configurations: a count above this in a checkpoint is damaged, and would overflow in sums.
pub const MOST_CALLS: u64 = 1 << 48;

/// Statuses of the ABI: 0 (ok) to 8.
const STATUSES: usize = 9;

/// Counters by phase; every configuration ever sent to a plugin is in exactly one. And how they ended, by status.
#[derive(Debug, Default)]
pub struct EnergyCalls {
    counts: [AtomicU64; PHASES.len()],
    statuses: [AtomicU64; STATUSES],
}

impl EnergyCalls {
    pub(crate) fn add(&self, phase: Phase, count: usize) {
        self.counts[phase as usize].fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Notes how configurations ended.
    pub(crate) fn ended(&self, statuses: &[i32]) {
        for &status in statuses.iter().filter(|&&status| status != 0) {
            if let Some(counter) = usize::try_from(status).ok().and_then(|status| self.statuses.get(status)) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Configurations that had no energy, by status; what never happened is left out.
    pub fn failed(&self) -> BTreeMap<i32, u64> {
        let counts = self.statuses.iter().map(|counter| counter.load(Ordering::Relaxed));
        (0..).zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    /// Sets what [`failed`](Self::failed) tells, as a resumed run does.
    pub fn restore_failed(&self, counts: &BTreeMap<i32, u64>) {
        for (status, counter) in (0..).zip(&self.statuses) {
            counter.store(counts.get(&status).copied().unwrap_or(0), Ordering::Relaxed);
        }
    }

    /// Configurations sent in one phase.
    pub fn of(&self, phase: Phase) -> u64 {
        self.counts[phase as usize].load(Ordering::Relaxed)
    }

    /// Configurations sent in all phases.
    pub fn total(&self) -> u64 {
        PHASES.iter().map(|phase| self.of(*phase)).sum()
    }

    /// Counts of the phases that have any.
    pub fn by_phase(&self) -> BTreeMap<Phase, u64> {
        PHASES.iter().map(|phase| (*phase, self.of(*phase))).filter(|(_, count)| *count > 0).collect()
    }

    /// Sets all counters, as a resumed run does; phases that are not in the map are 0.
    pub fn restore(&self, counts: &BTreeMap<Phase, u64>) {
        for (phase, counter) in PHASES.iter().zip(&self.counts) {
            counter.store(counts.get(phase).copied().unwrap_or(0), Ordering::Relaxed);
        }
    }
}

impl Serialize for EnergyCalls {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_phase().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EnergyCalls {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let calls = Self::default();
        calls.restore(&BTreeMap::deserialize(deserializer)?);
        Ok(calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_writing_and_reading() {
        let calls = EnergyCalls::default();
        calls.add(Phase::Labels, 7);
        calls.add(Phase::StartingData, 2);
        calls.add(Phase::Labels, 1);
        let text = serde_json::to_string(&calls).unwrap();
        assert_eq!(text, r#"{"starting-data":2,"labels":8}"#);
        let read: EnergyCalls = serde_json::from_str(&text).unwrap();
        assert_eq!((read.of(Phase::Labels), read.total()), (8, 10));
    }

    #[test]
    fn phases_are_listed_in_the_order_of_their_counters() {
        assert!(PHASES.iter().enumerate().all(|(index, phase)| *phase as usize == index));
    }
}
