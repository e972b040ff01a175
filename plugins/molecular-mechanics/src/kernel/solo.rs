//! Energy and gradient of one configuration with its atoms and terms in the lanes.
//!
//! Pairs run in rows: one atom in all lanes, the atoms after it block by block. Terms run in groups, whose gradients are kept
//! apart and added up by atom at the end, so that every sum has one order.
mod born;
mod groups;
mod pairs;

use super::{Frame, Vector};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{Part, SoloProgram};

/// Columns of numbers kept per atom by a Born model.
pub const BORN_COLUMNS: usize = born::COLUMNS;
/// Vectors that the positions of the atoms of a term take.
pub const STAGED: usize = 24;

/// The memory that one evaluation works in.
pub struct SoloWorkspace<'a, T> {
    /// `[3][padded]` nm.
    pub positions: &'a [T],
    /// `[3][padded]` kJ/mol/nm, of pairs, as seen from the second atom.
    pub gradient: &'a mut [T],
    /// `[3][padded]`, as seen from the first.
    pub own: &'a mut [T],
    /// `[vectors][lanes]`, of terms.
    pub of_terms: &'a mut [T],
    /// `[STAGED][lanes]`.
    pub staged: &'a mut [T],
    /// `[BORN_COLUMNS][padded]`.
    pub atoms: &'a mut [T],
    /// `[vectors][lanes]`.
    pub pairs: &'a mut [T],
    /// `[forces]` kJ/mol; the energies are added.
    pub energies: &'a mut [f64],
    /// `[atoms * 3]` kJ/mol/nm, overwritten.
    pub result: &'a mut [f64],
}

/// Runs the program. Without `GRADIENT`, only the energies come out, with the same bits.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    mut workspace: SoloWorkspace<'_, M::Real>,
) {
    if GRADIENT {
        workspace.gradient.fill(M::Real::default());
        workspace.own.fill(M::Real::default());
    }
    for (force, part) in &program.parts {
        workspace.energies[*force] += match part {
            Part::Pairs(rows) => pairs::run::<M, GRADIENT>(m, program, rows, &mut workspace),
            Part::Born(born) if program.keeps_pairs => {
                born::run::<M, GRADIENT, true>(m, program, born, &mut workspace)
            }
            Part::Born(born) => born::run::<M, GRADIENT, false>(m, program, born, &mut workspace),
            terms => groups::run::<M, GRADIENT>(m, terms, &mut workspace),
        };
    }
    if GRADIENT {
        add_up(program, &mut workspace);
    }
}

/// All gradients of every atom.
#[inline(always)]
fn add_up<T: Real>(program: &SoloProgram<T>, workspace: &mut SoloWorkspace<'_, T>) {
    let (padded, lanes) = (program.padded(), program.lanes);
    let of_terms = &*workspace.of_terms;
    for (atom, result) in workspace.result.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let bounds = program.places.starts[atom] as usize..program.places.starts[atom + 1] as usize;
        let mut sum: [T; 3] = std::array::from_fn(|axis| {
            workspace.gradient[axis * padded + atom] + workspace.own[axis * padded + atom]
        });
        for &place in &program.places.places[bounds] {
            let values = &of_terms[place as usize..place as usize + 2 * lanes + 1];
            sum = [sum[0] + values[0], sum[1] + values[lanes], sum[2] + values[2 * lanes]];
        }
        *result = sum.map(T::as_f64);
    }
}

/// The three columns of positions or gradients, as blocks.
#[inline(always)]
fn columns<S: bytemuck::Pod, T: Real>(values: &[T]) -> [&[S]; 3] {
    let (x, rest) = values.split_at(values.len() / 3);
    let (y, z) = rest.split_at(x.len());
    [bytemuck::cast_slice(x), bytemuck::cast_slice(y), bytemuck::cast_slice(z)]
}

/// The same to write to.
#[inline(always)]
fn columns_mut<S: bytemuck::Pod, T: Real>(values: &mut [T]) -> [&mut [S]; 3] {
    let (x, rest) = values.split_at_mut(values.len() / 3);
    let (y, z) = rest.split_at_mut(x.len());
    [bytemuck::cast_slice_mut(x), bytemuck::cast_slice_mut(y), bytemuck::cast_slice_mut(z)]
}

/// One atom in all lanes.
#[inline(always)]
fn everywhere<M: Machine>(m: M, positions: &[M::Real], padded: usize, atom: usize) -> Vector<M::Lane> {
    Vector {
        x: m.splat(positions[atom]),
        y: m.splat(positions[padded + atom]),
        z: m.splat(positions[2 * padded + atom]),
    }
}

/// A block of atoms.
#[inline(always)]
fn block<M: Machine>(m: M, columns: &[&[M::Stored]; 3], index: usize) -> Vector<M::Lane> {
    Vector { x: m.get(columns[0], index), y: m.get(columns[1], index), z: m.get(columns[2], index) }
}

/// Adds `factor * direction` to a block of atoms.
#[inline(always)]
fn add_scaled<M: Machine>(
    m: M,
    columns: &mut [&mut [M::Stored]; 3],
    index: usize,
    factor: M::Lane,
    direction: Vector<M::Lane>,
) {
    let sum = factor.mul_add(direction.x, m.get(columns[0], index));
    m.put(columns[0], index, sum);
    let sum = factor.mul_add(direction.y, m.get(columns[1], index));
    m.put(columns[1], index, sum);
    let sum = factor.mul_add(direction.z, m.get(columns[2], index));
    m.put(columns[2], index, sum);
}

/// Takes the sum of all lanes from what one atom has.
#[inline(always)]
fn take_away<M: Machine>(m: M, own: &mut [M::Real], padded: usize, atom: usize, sum: Vector<M::Lane>) {
    own[atom] = own[atom] - m.sum(sum.x);
    own[padded + atom] = own[padded + atom] - m.sum(sum.y);
    own[2 * padded + atom] = own[2 * padded + atom] - m.sum(sum.z);
}
