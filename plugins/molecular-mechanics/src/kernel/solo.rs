//! Energy and gradient of one configuration with its atoms and terms in the lanes.
//!
//! Pairs run in rows: one atom in all lanes, the atoms after it block by block. Terms run in groups, whose gradients are kept
//! apart and added up by atom at the end, so that every sum has one order.
mod born;
mod groups;
mod pairs;

use super::{Frame, Vector};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{BornColumns, Chunk, PairRows, SoloProgram};

/// Columns of numbers kept per atom by a Born model.
pub const BORN_COLUMNS: usize = born::COLUMNS;
/// Vectors that the positions of the atoms of a term take.
pub const STAGED: usize = 24;

/// A step of an evaluation; without `gradient`, only the energies come out, with the same bits.
pub enum Task<'a, T> {
    /// All terms.
    Terms { program: &'a SoloProgram<T>, gradient: bool, memory: TermsMemory<'a, T> },
    /// Some rows of pairs.
    Rows { rows: RowsOf<'a, T>, gradient: bool, chunk: &'a mut Chunk<T> },
    /// Born radii from the integrals in `chunks`, and the energy of single atoms.
    Radii { born: &'a BornColumns<T>, atoms: &'a mut [T], chunks: &'a [Chunk<T>], energy: &'a mut f64 },
    /// Slopes by the integrals from those by the radii in `chunks`.
    ByIntegral { atoms: &'a mut [T], chunks: &'a [Chunk<T>] },
    /// The sum of all gradients, `[atoms * 3]` kJ/mol/nm.
    AddUp { program: &'a SoloProgram<T>, of_terms: &'a [T], chunks: &'a [Chunk<T>], result: &'a mut [f64] },
}

/// What terms work in.
pub struct TermsMemory<'a, T> {
    /// `[3][padded]` nm.
    pub positions: &'a [T],
    /// `[vectors][lanes]`, gradients.
    pub of_terms: &'a mut [T],
    /// `[STAGED][lanes]`.
    pub staged: &'a mut [T],
    /// `[forces]` kJ/mol; the energies are added.
    pub energies: &'a mut [f64],
}

/// What rows of pairs are run through for.
#[derive(Clone, Copy)]
pub enum Stage<'a, T> {
    /// Coulomb and Lennard-Jones.
    Pairs(&'a PairRows<T>),
    /// The three passes of a Born model.
    Integrals(&'a BornColumns<T>),
    Energies(&'a BornColumns<T>),
    ChainRule(&'a BornColumns<T>),
}

/// What all threads read.
#[derive(Clone, Copy)]
pub struct RowsOf<'a, T> {
    pub program: &'a SoloProgram<T>,
    pub stage: Stage<'a, T>,
    /// `[3][padded]` nm.
    pub positions: &'a [T],
    /// `[BORN_COLUMNS][padded]`.
    pub atoms: &'a [T],
}

/// Runs a step.
#[inline(always)]
pub fn run<M: Machine>(m: M, task: Task<'_, M::Real>) {
    match task {
        Task::Terms { program, gradient: true, memory } => terms::<M, true>(m, program, memory),
        Task::Terms { program, gradient: false, memory } => terms::<M, false>(m, program, memory),
        Task::Rows { rows, gradient, chunk } => run_rows(m, rows, gradient, chunk),
        Task::Radii { born, atoms, chunks, energy } => *energy = born::radii(m, born, atoms, chunks),
        Task::ByIntegral { atoms, chunks } => born::by_integral(m, atoms, chunks),
        Task::AddUp { program, of_terms, chunks, result } => add_up(program, of_terms, chunks, result),
    }
}

#[inline(always)]
fn terms<M: Machine, const GRADIENT: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    mut memory: TermsMemory<'_, M::Real>,
) {
    for (force, part) in &program.parts {
        let energy = groups::run::<M, GRADIENT>(m, part, &mut memory);
        memory.energies[*force] += energy;
    }
}

/// Without gradient, nothing needs to be kept of pairs.
#[inline(always)]
fn run_rows<M: Machine>(m: M, rows: RowsOf<'_, M::Real>, gradient: bool, chunk: &mut Chunk<M::Real>) {
    let keep = rows.program.keeps_pairs;
    match rows.stage {
        Stage::Pairs(pairs) if gradient => pairs::run::<M, true>(m, rows, pairs, chunk),
        Stage::Pairs(pairs) => pairs::run::<M, false>(m, rows, pairs, chunk),
        Stage::Integrals(born) if gradient && keep => born::integrals::<M, true>(m, rows, born, chunk),
        Stage::Integrals(born) => born::integrals::<M, false>(m, rows, born, chunk),
        Stage::Energies(born) => match (gradient, keep, born.salt.is_some()) {
            (true, true, false) => born::energies::<M, true, true, false>(m, rows, born, chunk),
            (true, true, true) => born::energies::<M, true, true, true>(m, rows, born, chunk),
            (true, false, false) => born::energies::<M, true, false, false>(m, rows, born, chunk),
            (true, false, true) => born::energies::<M, true, false, true>(m, rows, born, chunk),
            (false, _, false) => born::energies::<M, false, false, false>(m, rows, born, chunk),
            (false, _, true) => born::energies::<M, false, false, true>(m, rows, born, chunk),
        },
        Stage::ChainRule(born) if keep => born::chain_rule::<M, true>(m, rows, born, chunk),
        Stage::ChainRule(born) => born::chain_rule::<M, false>(m, rows, born, chunk),
    }
}

/// All gradients of every atom.
#[inline(always)]
fn add_up<T: Real>(program: &SoloProgram<T>, of_terms: &[T], chunks: &[Chunk<T>], result: &mut [f64]) {
    let (padded, lanes) = (program.padded(), program.lanes);
    let atoms = chunks.iter().flat_map(|chunk| chunk.rows.clone().map(move |atom| (atom, chunk)));
    for ((atom, own), result) in atoms.zip(result.as_chunks_mut::<3>().0) {
        let (row, rows) = (atom - own.rows.start, own.rows.len());
        let mut sum: [T; 3] = std::array::from_fn(|axis| own.own_gradient[axis * rows + row]);
        for chunk in chunks {
            for (axis, sum) in sum.iter_mut().enumerate() {
                *sum = *sum + chunk.gradient[axis * padded + atom];
            }
        }
        let bounds = program.places.starts[atom] as usize..program.places.starts[atom + 1] as usize;
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

/// Takes the sum of all lanes from what the first atom of a row has.
#[inline(always)]
fn take_away<M: Machine>(m: M, own: &mut [M::Real], row: usize, sum: Vector<M::Lane>) {
    let rows = own.len() / 3;
    own[row] = own[row] - m.sum(sum.x);
    own[rows + row] = own[rows + row] - m.sum(sum.y);
    own[2 * rows + row] = own[2 * rows + row] - m.sum(sum.z);
}
