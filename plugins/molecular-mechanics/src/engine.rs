//! A program on the instruction set of this machine: blocks of as many configurations as a register has lanes.
mod workspace;

pub use workspace::Block;

use crate::kernel::{self, Workspace};
use crate::lanes::{Double, Machine, Real, Single};
use crate::program::Program;
use crate::solo::{SoloMemory, SoloProgram};
use crate::system::Force;
use pulp::{Arch, Simd, WithSimd};
use std::sync::{Mutex, PoisonError};

/// The precision that a program runs in.
pub trait Precision: Real {
    /// Runs one block on the instruction set `S`.
    fn run_on<S: Simd>(simd: S, program: &Program<Self>, block: &mut Block<Self>, gradient: bool);
    /// Runs one configuration on the instruction set `S`, its atoms in the lanes.
    fn run_solo_on<S: Simd>(
        simd: S,
        program: &SoloProgram<Self>,
        memory: &mut SoloMemory<Self>,
        gradient: bool,
    );
    /// Configurations per block on the instruction set `S`.
    fn lanes_on<S: Simd>() -> usize;
}

impl Precision for f32 {
    #[inline(always)]
    fn run_on<S: Simd>(simd: S, program: &Program<f32>, block: &mut Block<f32>, gradient: bool) {
        run(Single(simd), program, block, gradient);
    }

    #[inline(always)]
    fn run_solo_on<S: Simd>(
        simd: S,
        program: &SoloProgram<f32>,
        memory: &mut SoloMemory<f32>,
        gradient: bool,
    ) {
        run_solo(Single(simd), program, memory, gradient);
    }

    fn lanes_on<S: Simd>() -> usize {
        Single::<S>::LANES
    }
}

impl Precision for f64 {
    #[inline(always)]
    fn run_on<S: Simd>(simd: S, program: &Program<f64>, block: &mut Block<f64>, gradient: bool) {
        run(Double(simd), program, block, gradient);
    }

    #[inline(always)]
    fn run_solo_on<S: Simd>(
        simd: S,
        program: &SoloProgram<f64>,
        memory: &mut SoloMemory<f64>,
        gradient: bool,
    ) {
        run_solo(Double(simd), program, memory, gradient);
    }

    fn lanes_on<S: Simd>() -> usize {
        Double::<S>::LANES
    }
}

#[inline(always)]
fn run<M: Machine>(m: M, program: &Program<M::Real>, block: &mut Block<M::Real>, gradient: bool) {
    let parts = block.parts();
    let workspace = Workspace::<M::Stored> {
        positions: bytemuck::cast_slice(parts.positions),
        gradient: bytemuck::cast_slice_mut(parts.gradient),
        partial: bytemuck::cast_slice_mut(parts.partial),
        pairs: bytemuck::cast_slice_mut(parts.pairs),
        atoms: bytemuck::cast_slice_mut(parts.atoms),
        origin: bytemuck::cast_slice(parts.origin),
        custom: bytemuck::cast_slice_mut(parts.custom),
    };
    if gradient {
        kernel::run::<M, true>(m, program, workspace);
    } else {
        kernel::run::<M, false>(m, program, workspace);
    }
}

#[inline(always)]
fn run_solo<M: Machine>(
    m: M,
    program: &SoloProgram<M::Real>,
    memory: &mut SoloMemory<M::Real>,
    gradient: bool,
) {
    if gradient {
        kernel::solo::run::<M, true>(m, program, memory.workspace());
    } else {
        kernel::solo::run::<M, false>(m, program, memory.workspace());
    }
}

/// Numbers per register.
pub fn lanes<T: Precision>(arch: Arch) -> usize {
    arch.dispatch(Lanes::<T>(std::marker::PhantomData))
}

/// The sum of some forces, ready to run, with the memory of every thread that ever ran it.
#[derive(Debug)]
pub struct Engine<T> {
    arch: Arch,
    lanes: usize,
    program: Program<T>,
    idle: Mutex<Vec<Block<T>>>,
}

impl<T: Precision> Engine<T> {
    /// The sum of `forces` on a molecule of `atoms` atoms, on the best instruction set there is.
    pub fn new(atoms: usize, forces: &[Force]) -> Self {
        let arch = Arch::new();
        Self {
            arch,
            lanes: lanes::<T>(arch),
            program: Program::new(atoms, forces),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Configurations per block.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Gives `work` a block; its memory comes from an earlier call if one is idle.
    pub fn with_block<R>(&self, work: impl FnOnce(&mut Block<T>) -> R) -> R {
        // A poisoned lock only means that some block was lost.
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut block = taken.unwrap_or_else(|| Block::new(&self.program, self.lanes));
        let result = work(&mut block);
        idle().push(block);
        result
    }

    /// Evaluates the positions of the block; lanes that nobody filled give something that nobody reads.
    pub fn run(&self, block: &mut Block<T>, gradient: bool) {
        self.arch.dispatch(Run { program: &self.program, block, gradient });
    }
}

struct Lanes<T>(std::marker::PhantomData<T>);

impl<T: Precision> WithSimd for Lanes<T> {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> usize {
        T::lanes_on::<S>()
    }
}

struct Run<'a, T> {
    program: &'a Program<T>,
    block: &'a mut Block<T>,
    gradient: bool,
}

impl<T: Precision> WithSimd for Run<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        T::run_on(simd, self.program, self.block, self.gradient);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_widest_registers_there_are_are_taken() {
        let all = |features: &[bool]| features.iter().all(|&there| there);
        let avx512 = [
            is_x86_feature_detected!("avx512f"),
            is_x86_feature_detected!("avx512bw"),
            is_x86_feature_detected!("avx512cd"),
            is_x86_feature_detected!("avx512dq"),
            is_x86_feature_detected!("avx512vl"),
        ];
        let avx2 = [is_x86_feature_detected!("avx2"), is_x86_feature_detected!("fma")];
        let lanes = match (all(&avx512), all(&avx2)) {
            (true, _) => 8,
            (false, true) => 4,
            // Whatever else there is.
            (false, false) => return,
        };
        println!("{lanes} lanes of f64");
        assert_eq!(Engine::<f64>::new(1, &[]).lanes(), lanes);
        assert_eq!(Engine::<f32>::new(1, &[]).lanes(), 2 * lanes);
    }
}
