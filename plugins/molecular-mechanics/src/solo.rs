//! The engine for one configuration at a time: its atoms, and its terms, are in the lanes.
//!
//! Memory grows with the number of atoms. Forces that are expressions go through the engine for batches, with one configuration.
mod born;
mod chunk;
mod groups;
mod memory;
mod pairs;
mod program;

pub use born::{BornColumns, Column, NeckOfKind};
pub use chunk::Chunk;
pub use groups::Groups;
pub use memory::SoloMemory;
pub use pairs::{PairColumns, PairRows};
pub use program::{PER_PAIR, Part, SoloProgram};

use crate::engine::{Engine, Precision};
use crate::kernel::solo::{RowsOf, Stage, Task, TermsMemory};
use crate::system::{Force, Terms};
use crate::threads::Threads;
use memory::Parts;
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

    /// Whether several threads can work on one configuration.
    pub fn can_share(&self) -> bool {
        chunk::count(self.program.atoms) > 1
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

    /// Evaluates the configuration that was loaded, on several threads if some are given and it is worth it; with the same bits.
    pub fn run(&self, memory: &mut SoloMemory<T>, wanted: Wanted, threads: Option<&Threads>) {
        memory.begin(wanted.gradient);
        self.run_program(memory, wanted.gradient, threads);
        for (number, engine) in &self.expressions {
            engine.with_block(|block| {
                block.load(0, memory.loaded());
                engine.run(block, wanted.gradient);
                let energy = block.energy(0);
                memory.add(*number, energy, if wanted.gradient { block.gradient(0) } else { &[] });
            });
        }
    }

    fn run_program(&self, memory: &mut SoloMemory<T>, gradient: bool, threads: Option<&Threads>) {
        let program = &self.program;
        let Parts { positions, chunks, of_terms, staged, atoms, energies, result } = memory.parts();
        let memory = TermsMemory { positions, of_terms: &mut *of_terms, staged, energies: &mut *energies };
        self.dispatch(Task::Terms { program, gradient, memory });
        let rows = |stage, atoms: &[T], chunks: &mut [Chunk<T>]| {
            let rows = RowsOf { program, stage, positions, atoms };
            self.run_rows(rows, gradient, chunks, threads)
        };
        for (force, part) in &program.parts {
            match part {
                Part::Pairs(pairs) => energies[*force] += rows(Stage::Pairs(pairs), atoms, chunks),
                Part::Born(born) => {
                    rows(Stage::Integrals(born), atoms, chunks);
                    let mut energy = 0.0;
                    self.dispatch(Task::Radii { born, atoms: &mut *atoms, chunks, energy: &mut energy });
                    energies[*force] += energy + rows(Stage::Energies(born), atoms, chunks);
                    if gradient {
                        self.dispatch(Task::ByIntegral { atoms: &mut *atoms, chunks });
                        rows(Stage::ChainRule(born), atoms, chunks);
                    }
                }
                _ => {}
            }
        }
        if gradient {
            self.dispatch(Task::AddUp { program, of_terms, chunks, result });
        }
    }

    /// Runs all chunks, and returns their energy.
    fn run_rows(
        &self,
        rows: RowsOf<'_, T>,
        gradient: bool,
        chunks: &mut [Chunk<T>],
        threads: Option<&Threads>,
    ) -> f64 {
        let run = |chunk| self.dispatch(Task::Rows { rows, gradient, chunk });
        match threads {
            Some(threads) if chunks.len() > 1 => threads.share(chunks.iter_mut(), 1, |queue| {
                while let Some([chunk, ..]) = queue.take(1) {
                    chunk.into_iter().for_each(run);
                }
            }),
            _ => chunks.iter_mut().for_each(run),
        }
        chunks.iter().map(|chunk| chunk.energy).sum()
    }

    fn dispatch(&self, task: Task<'_, T>) {
        self.arch.dispatch(Run(task));
    }
}

struct Run<'a, T>(Task<'a, T>);

impl<T: Precision> WithSimd for Run<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        T::run_solo_on(simd, self.0);
    }
}
