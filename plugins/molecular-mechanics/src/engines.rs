//! The two engines of a molecule, and which of them takes a call.
use crate::engine::{Engine, Precision};
use crate::solo::Solo;
use crate::system::{Force, System};
use std::sync::OnceLock;

/// Both engines; each is made when a call first needs it.
#[derive(Debug)]
pub struct Engines<T> {
    atoms: usize,
    forces: Vec<Force>,
    solo: Solo<T>,
    batch: OnceLock<Engine<T>>,
}

impl<T: Precision> Engines<T> {
    pub fn new(system: &System) -> Self {
        let atoms = system.masses.len();
        Self {
            atoms,
            solo: Solo::new(atoms, &system.forces),
            forces: system.forces.clone(),
            batch: OnceLock::new(),
        }
    }

    /// One configuration at a time.
    pub fn solo(&self) -> &Solo<T> {
        &self.solo
    }

    /// Configurations that the engine for batches takes at once.
    pub fn preferred_batch(&self) -> usize {
        self.solo.lanes()
    }

    /// One configuration in every lane, if that is the faster way for so many.
    pub fn for_batch(&self, count: usize) -> Option<&Engine<T>> {
        (count > 2).then(|| self.batch.get_or_init(|| Engine::new(self.atoms, &self.forces)))
    }
}
