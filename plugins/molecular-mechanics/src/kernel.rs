//! Energy and gradient of as many configurations as a register has lanes, through a [`Program`].
//!
//! Closures handed to library functions (`map` on an array, for one) are not inlined into code for a wider instruction set than the
//! crate's and cost a call through memory: kernels spell such things out.
//!
//! Every lane runs through the same operations whatever is in the others, so that a configuration gives the same bits in any company.
mod angles;
mod bonds;
mod born;
mod custom;
mod custom_born;
mod dihedral;
mod impropers;
mod maps;
mod pairs;
pub mod solo;
mod torsions;
mod vector;

use crate::lanes::{Lane, Machine};
use crate::program::Program;
use vector::Vector;

/// Sums that are kept apart until they are added in double precision: one per kind of term and two per row of pairs, for every
/// Born model, and one per atom for every force that is an expression.
pub fn partial_sums<T>(program: &Program<T>) -> usize {
    of_kinds(program) + program.atoms * (program.custom.len() + program.custom_born.len())
}

/// The sums without those of expressions.
fn of_kinds<T>(program: &Program<T>) -> usize {
    KINDS + 2 * program.atoms * program.born.len().max(1)
}

const BONDS: usize = 0;
const ANGLES: usize = 1;
const TORSIONS: usize = 2;
const IMPROPERS: usize = 3;
const MAPS: usize = 4;
const KINDS: usize = 5;

/// Vectors kept per pair and per atom by a Born model.
pub const PER_PAIR: usize = 4;
/// See [`PER_PAIR`].
pub const PER_ATOM: usize = 5;

/// The memory that one evaluation works in, one vector per number.
pub struct Workspace<'a, S> {
    /// `[atoms * 3]` nm, as seen from the origin.
    pub positions: &'a [S],
    /// `[3]` nm, where that is.
    pub origin: &'a [S],
    /// `[atoms * 3]` kJ/mol/nm, overwritten; unused where no gradient is wanted.
    pub gradient: &'a mut [S],
    /// `[partial_sums(program)]` kJ/mol, overwritten; the energy is their sum.
    pub partial: &'a mut [S],
    /// `[pairs * PER_PAIR]` if there is a Born model.
    pub pairs: &'a mut [S],
    /// `[atoms * PER_ATOM]` if there is a Born model.
    pub atoms: &'a mut [S],
    /// As much as the largest of the forces that are expressions needs.
    pub custom: &'a mut [S],
}

/// Runs the program. Without `GRADIENT`, only the energies come out, with the same bits.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    m: M,
    program: &Program<M::Real>,
    workspace: Workspace<'_, M::Stored>,
) {
    let Workspace { positions, origin, gradient, partial, pairs, atoms, custom } = workspace;
    let mut frame = Frame { m, positions, origin, gradient };
    let zero = m.constant(0.0);
    for index in 0..if GRADIENT { 3 * program.atoms } else { 0 } {
        m.put(frame.gradient, index, zero);
    }
    let energy = bonds::run::<M, GRADIENT>(&mut frame, &program.bonds);
    m.put(partial, BONDS, energy);
    let energy = angles::run::<M, GRADIENT>(&mut frame, &program.angles);
    m.put(partial, ANGLES, energy);
    let energy = torsions::run::<M, GRADIENT>(&mut frame, &program.torsions);
    m.put(partial, TORSIONS, energy);
    let energy = impropers::run::<M, GRADIENT>(&mut frame, &program.impropers);
    m.put(partial, IMPROPERS, energy);
    let energy = maps::run::<M, GRADIENT>(&mut frame, &program.maps, &program.map_torsions);
    m.put(partial, MAPS, energy);
    let (partial, of_expressions) = partial.split_at_mut(of_kinds(program));
    let rows = &mut partial[KINDS..];
    if program.born.is_empty() {
        let (of_pairs, of_born) = rows.split_at_mut(program.atoms);
        pairs::run::<M, GRADIENT>(&mut frame, &program.rows, of_pairs);
        for row in 0..program.atoms {
            m.put(of_born, row, zero);
        }
    }
    for (born, rows) in program.born.iter().zip(rows.chunks_exact_mut(2 * program.atoms)) {
        let (of_pairs, of_born) = rows.split_at_mut(program.atoms);
        let mut model = born::Model { born, pairs: &mut *pairs, atoms: &mut *atoms };
        model.run::<M, GRADIENT>(&mut frame, of_pairs, of_born);
    }
    for index in 0..of_expressions.len() {
        m.put(of_expressions, index, zero);
    }
    let (of_custom, of_born) = of_expressions.split_at_mut(program.atoms * program.custom.len());
    for (force, energies) in program.custom.iter().zip(of_custom.chunks_exact_mut(program.atoms)) {
        custom::run::<M, GRADIENT>(&mut frame, force, custom, energies);
    }
    for (force, energies) in program.custom_born.iter().zip(of_born.chunks_exact_mut(program.atoms)) {
        custom_born::run::<M, GRADIENT>(&mut frame, force, custom, energies);
    }
}

/// Positions, and the gradient as it grows.
struct Frame<'a, M: Machine> {
    m: M,
    positions: &'a [M::Stored],
    origin: &'a [M::Stored],
    gradient: &'a mut [M::Stored],
}

impl<M: Machine> Frame<'_, M> {
    #[inline(always)]
    fn position(&self, atom: usize) -> Vector<M::Lane> {
        let place = &self.positions[3 * atom..3 * atom + 3];
        Vector { x: self.m.get(place, 0), y: self.m.get(place, 1), z: self.m.get(place, 2) }
    }

    /// Where an atom is in space.
    #[inline(always)]
    fn place(&self, atom: usize) -> Vector<M::Lane> {
        let origin = Vector {
            x: self.m.get(self.origin, 0),
            y: self.m.get(self.origin, 1),
            z: self.m.get(self.origin, 2),
        };
        self.position(atom) + origin
    }

    #[inline(always)]
    fn add_gradient(&mut self, atom: usize, force: Vector<M::Lane>) {
        let place = &mut self.gradient[3 * atom..3 * atom + 3];
        for (index, value) in [force.x, force.y, force.z].into_iter().enumerate() {
            let sum = self.m.get(place, index) + value;
            self.m.put(place, index, sum);
        }
    }

    /// Adds `factor * direction`.
    #[inline(always)]
    fn add_scaled(&mut self, atom: usize, factor: M::Lane, direction: Vector<M::Lane>) {
        let place = &mut self.gradient[3 * atom..3 * atom + 3];
        for (index, value) in [direction.x, direction.y, direction.z].into_iter().enumerate() {
            let sum = factor.mul_add(value, self.m.get(place, index));
            self.m.put(place, index, sum);
        }
    }
}
