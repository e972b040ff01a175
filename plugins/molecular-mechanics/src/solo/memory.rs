//! The memory of one configuration, made once and used again.
use super::program::{PER_PAIR, Part, SoloProgram};
use crate::kernel::solo::{BORN_COLUMNS, STAGED, SoloWorkspace};
use crate::lanes::Real;

/// One configuration, and what is computed from it.
#[derive(Debug)]
pub struct SoloMemory<T> {
    /// As they were given, nm.
    loaded: Vec<f64>,
    positions: Vec<T>,
    gradient: Vec<T>,
    own: Vec<T>,
    of_terms: Vec<T>,
    staged: Vec<T>,
    atoms: Vec<T>,
    pairs: Vec<T>,
    energies: Vec<f64>,
    result: Vec<f64>,
}

impl<T: Real> SoloMemory<T> {
    /// Memory for a program with so many forces.
    pub fn new(program: &SoloProgram<T>, forces: usize) -> Self {
        let (padded, lanes) = (program.padded(), program.lanes);
        let is_born = program.parts.iter().any(|(_, part)| matches!(part, Part::Born(_)));
        let atoms = if is_born { BORN_COLUMNS * padded } else { 0 };
        let kept = is_born && program.keeps_pairs;
        let pairs = if kept { PER_PAIR * program.rows[program.atoms] * lanes } else { 0 };
        let zeros = |length| vec![T::default(); length];
        Self {
            loaded: vec![0.0; 3 * program.atoms],
            positions: zeros(3 * padded),
            gradient: zeros(3 * padded),
            own: zeros(3 * padded),
            of_terms: zeros(program.term_gradients * lanes),
            staged: zeros(STAGED * lanes),
            atoms: zeros(atoms),
            pairs: zeros(pairs),
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

    /// Sets the energies to zero.
    pub fn begin(&mut self) {
        self.energies.fill(0.0);
    }

    /// For the kernels.
    pub fn workspace(&mut self) -> SoloWorkspace<'_, T> {
        SoloWorkspace {
            positions: &self.positions,
            gradient: &mut self.gradient,
            own: &mut self.own,
            of_terms: &mut self.of_terms,
            staged: &mut self.staged,
            atoms: &mut self.atoms,
            pairs: &mut self.pairs,
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
