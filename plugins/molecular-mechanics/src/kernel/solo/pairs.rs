//! Coulomb and Lennard-Jones by the rule of Lorentz and Berthelot.
use super::{RowsOf, Vector, add_scaled, block, columns, columns_mut, everywhere, take_away};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{Chunk, PairRows};

/// An atom in all lanes, and what its row adds up to.
struct Row<M: Machine> {
    here: Vector<M::Lane>,
    charge: M::Lane,
    half_sigma: M::Lane,
    root_epsilon: M::Lane,
    energy: M::Lane,
    gradient: Vector<M::Lane>,
}

/// What a row runs through, block by block.
struct Columns<'a, S> {
    positions: [&'a [S]; 3],
    gradient: [&'a mut [S]; 3],
    charge: &'a [S],
    half_sigma: &'a [S],
    root_epsilon: &'a [S],
    weights: &'a [S],
}

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    m: M,
    of: RowsOf<'_, M::Real>,
    rows: &PairRows<M::Real>,
    chunk: &mut Chunk<M::Real>,
) {
    let padded = of.program.padded();
    let blocks = padded / M::LANES;
    let zero = m.constant(0.0);
    let mut columns = Columns::<M::Stored> {
        positions: columns(of.positions),
        gradient: columns_mut(&mut chunk.gradient),
        charge: bytemuck::cast_slice(&rows.charge),
        half_sigma: bytemuck::cast_slice(&rows.half_sigma),
        root_epsilon: bytemuck::cast_slice(&rows.root_epsilon),
        weights: bytemuck::cast_slice(&rows.weights),
    };
    let mut energy = 0.0;
    for atom in chunk.rows.clone() {
        let mut row = Row::<M> {
            here: everywhere(m, of.positions, padded, atom),
            charge: m.splat(rows.own_charge[atom]),
            half_sigma: m.splat(rows.half_sigma[atom]),
            root_epsilon: m.splat(rows.root_epsilon[atom]),
            energy: zero,
            gradient: Vector { x: zero, y: zero, z: zero },
        };
        let (mut special, end) = (rows.starts[atom] as usize, rows.starts[atom + 1] as usize);
        for index in atom / M::LANES..blocks {
            let mut weights = None;
            if special < end && rows.blocks[special] as usize == index {
                weights = Some(special);
                special += 1;
            }
            row.add::<GRADIENT>(m, &mut columns, index, weights);
        }
        energy += m.sum(row.energy).as_f64();
        if GRADIENT {
            take_away(m, &mut chunk.own_gradient, atom - chunk.rows.start, row.gradient);
        }
    }
    chunk.energy = energy;
}

impl<M: Machine> Row<M> {
    /// Adds a block; with weights, only the pairs whose weight is one.
    #[inline(always)]
    fn add<const GRADIENT: bool>(
        &mut self,
        m: M,
        columns: &mut Columns<'_, M::Stored>,
        index: usize,
        weights: Option<usize>,
    ) {
        let d = block(m, &columns.positions, index) - self.here;
        let mut square = d.dot(d);
        let mut charge = self.charge * m.get(columns.charge, index);
        let mut epsilon = self.root_epsilon * m.get(columns.root_epsilon, index);
        if let Some(weights) = weights {
            let weight = m.get(columns.weights, weights);
            square = M::Lane::choose(m.constant(0.5).less(weight), square, m.constant(1.0));
            charge = charge * weight;
            epsilon = epsilon * weight;
        }
        let inverse_square = m.constant(1.0) / square;
        let sigma = self.half_sigma + m.get(columns.half_sigma, index);
        let ratio = sigma * sigma * inverse_square;
        let sixth = ratio * ratio * ratio;
        let coulomb = charge * inverse_square.sqrt();
        let attraction = epsilon * sixth;
        let repulsion = attraction * sixth;
        self.energy = self.energy + ((repulsion - attraction) + coulomb);
        if GRADIENT {
            let lennard_jones = m.constant(6.0).mul_add(attraction, m.constant(-12.0) * repulsion);
            let slope = (lennard_jones - coulomb) * inverse_square;
            add_scaled(m, &mut columns.gradient, index, slope, d);
            self.gradient = self.gradient.plus_scaled(slope, d);
        }
    }
}
