//! Coulomb and Lennard-Jones from parameters of atoms.
use super::{RowsOf, Vector, add_scaled, block, columns, columns_mut, everywhere, take_away};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{Chunk, PairColumns, PairRows};

/// What a row runs through, block by block.
struct Columns<'a, S> {
    positions: [&'a [S]; 3],
    gradient: [&'a mut [S]; 3],
    weights: &'a [S],
}

/// The parameters of the pairs of a row.
trait Parameters<M: Machine> {
    /// Coulomb's energy, that of repulsion, and that of attraction with the opposite sign, of a block.
    fn energies(&self, m: M, index: usize, inverse_square: M::Lane) -> (Option<M::Lane>, M::Lane, M::Lane);
}

/// Lorentz and Berthelot, and charges.
struct Mixed<'a, M: Machine> {
    own_charge: M::Lane,
    own_half_sigma: M::Lane,
    own_root_epsilon: M::Lane,
    charge: &'a [M::Stored],
    half_sigma: &'a [M::Stored],
    root_epsilon: &'a [M::Stored],
}

impl<M: Machine> Parameters<M> for Mixed<'_, M> {
    #[inline(always)]
    fn energies(&self, m: M, index: usize, inverse_square: M::Lane) -> (Option<M::Lane>, M::Lane, M::Lane) {
        let sigma = self.own_half_sigma + m.get(self.half_sigma, index);
        let ratio = sigma * sigma * inverse_square;
        let sixth = ratio * ratio * ratio;
        let attraction = self.own_root_epsilon * m.get(self.root_epsilon, index) * sixth;
        let coulomb = self.own_charge * m.get(self.charge, index) * inverse_square.sqrt();
        (Some(coulomb), attraction * sixth, attraction)
    }
}

/// Tables over two kinds: the row of one of them.
struct OfKind<'a, S> {
    repulsion: &'a [S],
    attraction: &'a [S],
}

impl<M: Machine> Parameters<M> for OfKind<'_, M::Stored> {
    #[inline(always)]
    fn energies(&self, m: M, index: usize, inverse_square: M::Lane) -> (Option<M::Lane>, M::Lane, M::Lane) {
        let sixth = inverse_square * inverse_square * inverse_square;
        (None, m.get(self.repulsion, index) * sixth * sixth, m.get(self.attraction, index) * sixth)
    }
}

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    m: M,
    of: RowsOf<'_, M::Real>,
    rows: &PairRows<M::Real>,
    chunk: &mut Chunk<M::Real>,
) {
    let Chunk { rows: atoms, gradient, own_gradient, energy, .. } = chunk;
    let mut columns = Columns::<M::Stored> {
        positions: columns(of.positions),
        gradient: columns_mut(gradient),
        weights: bytemuck::cast_slice(&rows.weights),
    };
    *energy = 0.0;
    for (place, atom) in atoms.clone().enumerate() {
        let (of_row, slope) = match &rows.parameters {
            PairColumns::Mixed { own_charge, charge, half_sigma, root_epsilon } => {
                let parameters = Mixed::<M> {
                    own_charge: m.splat(own_charge[atom]),
                    own_half_sigma: m.splat(half_sigma[atom]),
                    own_root_epsilon: m.splat(root_epsilon[atom]),
                    charge: bytemuck::cast_slice(charge),
                    half_sigma: bytemuck::cast_slice(half_sigma),
                    root_epsilon: bytemuck::cast_slice(root_epsilon),
                };
                row::<M, GRADIENT>(m, of, rows, &parameters, atom, &mut columns)
            }
            PairColumns::ByKind { kinds, of_kind } => {
                let [repulsion, attraction] = &of_kind[kinds[atom]];
                let parameters = OfKind::<M::Stored> {
                    repulsion: bytemuck::cast_slice(repulsion),
                    attraction: bytemuck::cast_slice(attraction),
                };
                row::<M, GRADIENT>(m, of, rows, &parameters, atom, &mut columns)
            }
        };
        *energy += m.sum(of_row).as_f64();
        if GRADIENT {
            take_away(m, own_gradient, place, slope);
        }
    }
}

/// Energy of a row, and what its atom gets of the gradient, with the opposite sign.
#[inline(always)]
fn row<M: Machine, const GRADIENT: bool>(
    m: M,
    of: RowsOf<'_, M::Real>,
    rows: &PairRows<M::Real>,
    parameters: &impl Parameters<M>,
    atom: usize,
    columns: &mut Columns<'_, M::Stored>,
) -> (M::Lane, Vector<M::Lane>) {
    let padded = of.program.padded();
    let (zero, one) = (m.constant(0.0), m.constant(1.0));
    let here = everywhere(m, of.positions, padded, atom);
    let mut energy = zero;
    let mut gradient = Vector { x: zero, y: zero, z: zero };
    let (mut special, end) = (rows.starts[atom] as usize, rows.starts[atom + 1] as usize);
    for index in atom / M::LANES..padded / M::LANES {
        let d = block(m, &columns.positions, index) - here;
        let mut square = d.dot(d);
        let mut weight = one;
        let is_special = special < end && rows.blocks[special] as usize == index;
        if is_special {
            weight = m.get(columns.weights, special);
            square = M::Lane::choose(m.constant(0.5).less(weight), square, one);
            special += 1;
        }
        let inverse_square = one / square;
        let (coulomb, repulsion, attraction) = parameters.energies(m, index, inverse_square);
        let mut of_block = repulsion - attraction;
        let mut slope = m.constant(6.0).mul_add(attraction, m.constant(-12.0) * repulsion);
        if let Some(coulomb) = coulomb {
            of_block = of_block + coulomb;
            slope = slope - coulomb;
        }
        if is_special {
            of_block = of_block * weight;
            slope = slope * weight;
        }
        energy = energy + of_block;
        if GRADIENT {
            let slope = slope * inverse_square;
            add_scaled(m, &mut columns.gradient, index, slope, d);
            gradient = gradient.plus_scaled(slope, d);
        }
    }
    (energy, gradient)
}
