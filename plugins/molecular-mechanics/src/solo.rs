//! The engine for one configuration at a time: its atoms, and its terms, are in the lanes.
//!
//! Memory grows with the number of atoms. Forces that are expressions go through the engine for batches, with one configuration.
mod born;
mod groups;
mod memory;
mod pairs;
mod program;

pub use born::{BornColumns, Column, NeckOfKind};
pub use groups::Groups;
pub use memory::SoloMemory;
pub use pairs::PairRows;
pub use program::{PER_PAIR, Part, SoloProgram};

use crate::engine::{Engine, Precision};
use crate::system::{Force, Terms};
use pulp::{Arch, Simd, WithSimd};
use std::sync::{Mutex, PoisonError};

/// What a call asks for beyond the energy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The gradient.
    pub gradient: bool,
}

/// Bytes for a molecule of so many atoms: some forty numbers each, terms and their gradients, and what is kept of pairs.
pub fn bytes<T>(atoms: usize) -> u64 {
    const NUMBERS: u64 = 400;
    (atoms as u64 * NUMBERS * size_of::<T>() as u64).saturating_add(program::KEPT as u64)
}

/// Some forces, ready to run on one configuration, with the memory of every thread that ever ran them.
#[derive(Debug)]
pub struct Solo<T> {
    arch: Arch,
    program: SoloProgram<T>,
    /// Forces that are expressions, with their numbers.
    expressions: Vec<(usize, Engine<T>)>,
    forces: usize,
    idle: Mutex<Vec<SoloMemory<T>>>,
}

impl<T: Precision> Solo<T> {
    /// The forces that have an energy, on a molecule of `atoms` atoms, on the best instruction set there is.
    pub fn new(atoms: usize, forces: &[Force]) -> Self {
        let with_energy = || forces.iter().filter(|force| force.has_energy());
        let is_expression = |force: &Force| matches!(force.terms, Terms::Custom(_) | Terms::CustomBorn(_));
        let expressions = with_energy().enumerate().filter(|(_, force)| is_expression(force));
        let arch = Arch::new();
        Self {
            arch,
            program: SoloProgram::new(atoms, with_energy(), crate::engine::lanes::<T>(arch)),
            expressions: expressions
                .map(|(number, force)| (number, Engine::new(atoms, std::slice::from_ref(force))))
                .collect(),
            forces: with_energy().count(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Numbers per register.
    pub fn lanes(&self) -> usize {
        self.program.lanes
    }

    /// Gives `work` memory, that of an earlier call if some is idle.
    pub fn with_memory<R>(&self, work: impl FnOnce(&mut SoloMemory<T>) -> R) -> R {
        // A poisoned lock only means that some memory was lost.
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut memory = taken.unwrap_or_else(|| SoloMemory::new(&self.program, self.forces));
        let result = work(&mut memory);
        idle().push(memory);
        result
    }

    /// Evaluates the configuration that was loaded.
    pub fn run(&self, memory: &mut SoloMemory<T>, wanted: Wanted) {
        memory.begin();
        self.arch.dispatch(Run { program: &self.program, memory, wanted });
        for (number, engine) in &self.expressions {
            engine.with_block(|block| {
                block.load(0, memory.loaded());
                engine.run(block, wanted.gradient);
                let energy = block.energy(0);
                memory.add(*number, energy, if wanted.gradient { block.gradient(0) } else { &[] });
            });
        }
    }
}

struct Run<'a, T> {
    program: &'a SoloProgram<T>,
    memory: &'a mut SoloMemory<T>,
    wanted: Wanted,
}

impl<T: Precision> WithSimd for Run<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        T::run_solo_on(simd, self.program, self.memory, self.wanted.gradient);
    }
}
