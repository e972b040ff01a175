//! Coulomb and Lennard-Jones by the rule of Lorentz and Berthelot.
use super::{SoloWorkspace, Vector, add_scaled, block, columns, columns_mut, everywhere, take_away};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{PairRows, SoloProgram};

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
    program: &SoloProgram<M::Real>,
    rows: &PairRows<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) -> f64 {
    let padded = program.padded();
    let blocks = padded / M::LANES;
    let zero = m.constant(0.0);
    let mut columns = Columns::<M::Stored> {
        positions: columns(workspace.positions),
        gradient: columns_mut(workspace.gradient),
        charge: bytemuck::cast_slice(&rows.charge),
        half_sigma: bytemuck::cast_slice(&rows.half_sigma),
        root_epsilon: bytemuck::cast_slice(&rows.root_epsilon),
        weights: bytemuck::cast_slice(&rows.weights),
    };
    let mut energy = 0.0;
    for atom in 0..program.atoms {
        let mut row = Row::<M> {
            here: everywhere(m, workspace.positions, padded, atom),
            charge: m.splat(rows.own_charge[atom]),
            half_sigma: m.splat(rows.half_sigma[atom]),
            root_epsilon: m.splat(rows.root_epsilon[atom]),
            energy: zero,
            gradient: Vector { x: zero, y: zero, z: zero },
        };
        let mut next = atom / M::LANES;
        for special in rows.starts[atom] as usize..rows.starts[atom + 1] as usize {
            let block = rows.blocks[special] as usize;
            for plain in next..block {
                row.add::<GRADIENT>(m, &mut columns, plain, None);
            }
            row.add::<GRADIENT>(m, &mut columns, block, Some(special));
            next = block + 1;
        }
        for plain in next..blocks {
            row.add::<GRADIENT>(m, &mut columns, plain, None);
        }
        energy += m.sum(row.energy).as_f64();
        if GRADIENT {
            take_away(m, workspace.own, padded, atom, row.gradient);
        }
    }
    energy
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
