//! The two engines of a molecule, and which of them takes a call.
use crate::engine::{Engine, Precision};
use crate::solo::Solo;
use crate::system::{Force, Geometry, System, Terms};
use std::sync::OnceLock;

/// The most atoms for which the engine for batches is worth it: beyond, what it keeps of pairs no longer fits into the caches of a
/// core, and it is slower per configuration even with full registers.
const SMALL: usize = 256;
/// The same where expressions of pairs are what takes the time. What the engine for batches keeps then is some hundred megabytes.
const SMALL_WITH_EXPRESSIONS: usize = 1024;

/// Both engines; the one for batches is made when a call first needs it.
#[derive(Debug)]
pub struct Engines<T> {
    atoms: usize,
    forces: Vec<Force>,
    solo: Solo<T>,
    batch: OnceLock<Engine<T>>,
    most_alone: usize,
}

impl<T: Precision> Engines<T> {
    pub fn new(system: System) -> Self {
        let atoms = system.masses.len();
        let solo = Solo::new(atoms, &system.forces);
        Self {
            atoms,
            most_alone: most_alone(&system, solo.lanes()),
            forces: system.forces,
            solo,
            batch: OnceLock::new(),
        }
    }

    /// Bytes of a molecule of so many atoms on so many threads, expressions of pairs aside: columns, and what is kept.
    pub fn bytes(atoms: usize, threads: usize) -> u64 {
        let of_thread = crate::solo::bytes::<T>(atoms);
        (threads as u64).saturating_add(1).saturating_mul(of_thread)
    }

    /// One configuration at a time.
    pub fn solo(&self) -> &Solo<T> {
        &self.solo
    }

    /// The number of configurations from which on a call is worth another thread.
    pub fn grain(&self) -> usize {
        (10_000 / self.atoms.pow(2).max(1)).clamp(1, crate::threads::WIDEST)
    }

    /// Configurations that a call is best made of.
    pub fn preferred_batch(&self) -> usize {
        if self.most_alone == usize::MAX { 1 } else { self.solo.lanes() }
    }

    /// One configuration in every lane, if that is the faster way for so many. The choice depends on nothing else, so that
    /// the same call gives the same bits with any number of threads.
    pub fn for_batch(&self, count: usize) -> Option<&Engine<T>> {
        (count > self.most_alone).then(|| self.batch.get_or_init(|| Engine::new(self.atoms, &self.forces)))
    }
}

/// The most configurations of a call that are evaluated one after the other.
///
/// A register full of them takes `lanes n / (n + 6 lanes)` times as long as one alone, with `n` atoms: measured from 22 to 308
/// atoms with 8 and 16 lanes.
fn most_alone(system: &System, lanes: usize) -> usize {
    let atoms = system.masses.len();
    let of_pairs = system.forces.iter().any(|force| match &force.terms {
        Terms::Custom(custom) => custom.geometry == Geometry::Pair,
        Terms::CustomBorn(_) => true,
        _ => false,
    });
    match of_pairs {
        true if atoms > SMALL_WITH_EXPRESSIONS => usize::MAX,
        // A configuration alone takes as long as a register full of them.
        true => 1,
        false if atoms > SMALL => usize::MAX,
        false => (lanes * atoms / (atoms + 6 * lanes)).max(1),
    }
}
