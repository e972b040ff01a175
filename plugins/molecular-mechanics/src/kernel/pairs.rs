//! Coulomb and Lennard-Jones without a Born model.
use super::{Frame, Vector};
use crate::lanes::{Lane, Machine};
use crate::program::{PairTerm, Rows};

/// Energy of a pair, and its derivative divided by the distance.
#[inline(always)]
pub fn interaction<M: Machine, const GRADIENT: bool>(
    m: M,
    pair: &PairTerm<M::Real>,
    inverse: M::Lane,
    inverse_square: M::Lane,
) -> (M::Lane, M::Lane) {
    let sixth = inverse_square * inverse_square * inverse_square;
    let coulomb = m.splat(pair.charge_product) * inverse;
    let repulsion = m.splat(pair.repulsion) * sixth;
    let attraction = m.splat(pair.attraction);
    let energy = (repulsion - attraction).mul_add(sixth, coulomb);
    if !GRADIENT {
        return (energy, energy);
    }
    let lennard_jones = (m.constant(-12.0) * repulsion + m.constant(6.0) * attraction) * sixth;
    (energy, (lennard_jones - coulomb) * inverse_square)
}

/// `energies`: one sum per row.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    rows: &Rows<M::Real>,
    energies: &mut [M::Stored],
) {
    let m = frame.m;
    let (zero, one) = (m.constant(0.0), m.constant(1.0));
    for (i, bounds) in rows.starts.windows(2).enumerate() {
        let here = frame.position(i);
        let mut energy = zero;
        let mut gradient = Vector { x: zero, y: zero, z: zero };
        for pair in &rows.terms[bounds[0]..bounds[1]] {
            let d = frame.position(pair.second) - here;
            let inverse_square = one / d.dot(d);
            let (of_pair, slope) = interaction::<M, GRADIENT>(m, pair, inverse_square.sqrt(), inverse_square);
            energy = energy + of_pair;
            if GRADIENT {
                frame.add_scaled(pair.second, slope, d);
                gradient = gradient.plus_scaled(slope, d);
            }
        }
        m.put(energies, i, energy);
        if GRADIENT {
            frame.add_gradient(i, -gradient);
        }
    }
}
