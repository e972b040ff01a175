//! Some rows of pairs, as one thread runs through them.
use super::program::{PER_PAIR, SoloProgram};
use crate::lanes::Real;
use std::ops::Range;

/// Up to so many atoms, all rows are one chunk: sharing them among threads would cost more than it gains.
const ONE_CHUNK: usize = 256;
/// Atoms per chunk beyond, and the most chunks. How many there are depends on nothing but the molecule, and with it the bits.
const ATOMS: usize = 128;
const MOST: usize = 16;

/// The number of chunks of a molecule.
pub fn count(atoms: usize) -> usize {
    if atoms <= ONE_CHUNK { 1 } else { (atoms / ATOMS).clamp(2, MOST) }
}

/// Rows, and what they add to other atoms.
#[derive(Debug)]
pub struct Chunk<T> {
    pub rows: Range<usize>,
    /// `[3][padded]` kJ/mol/nm, as seen from the second atom of a pair.
    pub gradient: Vec<T>,
    /// `[3][rows]`, as seen from the first.
    pub own_gradient: Vec<T>,
    /// `[padded]`: the doubled integral, later the derivative of the energy by the Born radius, as seen from the second atom.
    pub column: Vec<T>,
    /// `[rows]`, as seen from the first.
    pub own_column: Vec<T>,
    /// `[vectors][PER_PAIR][lanes]`.
    pub pairs: Vec<T>,
    /// kJ/mol, of the last stage.
    pub energy: f64,
}

impl<T: Real> Chunk<T> {
    /// All rows, in chunks of about as many pairs each.
    pub fn all(program: &SoloProgram<T>) -> Vec<Self> {
        let count = count(program.atoms);
        let vectors = program.rows[program.atoms];
        let bound = |chunk: usize| match chunk == count {
            true => program.atoms,
            false => program.rows.partition_point(|&before| before < vectors * chunk / count),
        };
        (0..count).map(|chunk| Self::new(program, bound(chunk)..bound(chunk + 1))).collect()
    }

    fn new(program: &SoloProgram<T>, rows: Range<usize>) -> Self {
        let zeros = |length| vec![T::default(); length];
        let padded = program.padded();
        let vectors = program.rows[rows.end] - program.rows[rows.start];
        let (columns, kept) = match (program.has_born(), program.keeps_pairs) {
            (false, _) => (0, 0),
            (true, false) => (1, 0),
            (true, true) => (1, vectors * PER_PAIR * program.lanes),
        };
        Self {
            gradient: zeros(3 * padded),
            own_gradient: zeros(3 * rows.len()),
            column: zeros(columns * padded),
            own_column: zeros(columns * rows.len()),
            pairs: zeros(kept),
            energy: 0.0,
            rows,
        }
    }

    /// Sets the gradients to zero.
    pub fn begin(&mut self) {
        self.gradient.fill(T::default());
        self.own_gradient.fill(T::default());
    }
}
