//! The memory of one configuration, made once and used again.
use super::chunk::Chunk;
use super::program::SoloProgram;
use crate::kernel::solo::{BORN_COLUMNS, STAGED};
use crate::lanes::Real;

/// One configuration, and what is computed from it.
#[derive(Debug)]
pub struct SoloMemory<T> {
    /// As they were given, nm.
    loaded: Vec<f64>,
    positions: Vec<T>,
    chunks: Vec<Chunk<T>>,
    of_terms: Vec<T>,
    staged: Vec<T>,
    atoms: Vec<T>,
    energies: Vec<f64>,
    result: Vec<f64>,
}

/// The parts of a [`SoloMemory`].
pub struct Parts<'a, T> {
    /// `[3][padded]` nm.
    pub positions: &'a [T],
    pub chunks: &'a mut [Chunk<T>],
    /// `[vectors][lanes]`.
    pub of_terms: &'a mut [T],
    /// `[STAGED][lanes]`.
    pub staged: &'a mut [T],
    /// `[BORN_COLUMNS][padded]`.
    pub atoms: &'a mut [T],
    /// `[forces]` kJ/mol.
    pub energies: &'a mut [f64],
    /// `[atoms * 3]` kJ/mol/nm.
    pub result: &'a mut [f64],
}

impl<T: Real> SoloMemory<T> {
    /// Memory for a program with so many forces.
    pub fn new(program: &SoloProgram<T>, forces: usize) -> Self {
        let (padded, lanes) = (program.padded(), program.lanes);
        let atoms = if program.has_born() { BORN_COLUMNS * padded } else { 0 };
        let zeros = |length| vec![T::default(); length];
        Self {
            loaded: vec![0.0; 3 * program.atoms],
            positions: zeros(3 * padded),
            chunks: Chunk::all(program),
            of_terms: zeros(program.term_gradients * lanes),
            staged: zeros(STAGED * lanes),
            atoms: zeros(atoms),
            energies: vec![0.0; forces],
            result: vec![0.0; 3 * program.atoms],
        }
    }

    /// Takes a configuration, `[atoms * 3]` nm, and moves it so that its first atom lies at the origin: in single precision the
    /// place of a molecule would otherwise cost digits. Returns whether every coordinate is finite.
    pub fn load<P: Copy + Into<f64>>(&mut self, positions: &[P]) {
        let padded = self.positions.len() / 3;
        let origin: [f64; 3] = std::array::from_fn(|axis| positions[axis].into());
        for (loaded, &value) in self.loaded.iter_mut().zip(positions) {
            *loaded = value.into();
        }
        for (axis, column) in self.positions.chunks_exact_mut(padded).enumerate() {
            for (target, position) in column.iter_mut().zip(self.loaded.as_chunks::<3>().0) {
                *target = T::of(position[axis] - origin[axis]);
            }
        }
    }

    /// The configuration, nm.
    pub fn loaded(&self) -> &[f64] {
        &self.loaded
    }

    /// Sets energies and gradients to zero.
    pub fn begin(&mut self, gradient: bool) {
        self.energies.fill(0.0);
        if gradient {
            self.chunks.iter_mut().for_each(Chunk::begin);
        }
    }

    /// For the kernels.
    pub fn parts(&mut self) -> Parts<'_, T> {
        Parts {
            positions: &self.positions,
            chunks: &mut self.chunks,
            of_terms: &mut self.of_terms,
            staged: &mut self.staged,
            atoms: &mut self.atoms,
            energies: &mut self.energies,
            result: &mut self.result,
        }
    }

    /// Adds what a force gave that ran elsewhere; `gradient` may be empty.
    pub fn add(&mut self, force: usize, energy: f64, gradient: &[f64]) {
        self.energies[force] += energy;
        for (sum, value) in self.result.iter_mut().zip(gradient) {
            *sum += value;
        }
    }

    /// Energy, kJ/mol.
    pub fn energy(&self) -> f64 {
        self.energies.iter().sum()
    }

    /// Energy of every force, kJ/mol.
    pub fn energies(&self) -> &[f64] {
        &self.energies
    }

    /// Gradient, kJ/mol/nm, `[atoms * 3]`.
    pub fn gradient(&self) -> &[f64] {
        &self.result
    }
}
