//! Coulomb and Lennard-Jones without a Born model.
use super::{Frame, Vector};
use crate::lanes::{Lane, Machine, Real};
use crate::program::{PairTerm, Rows};

/// Energy of a pair with a product of charges, repulsion and attraction, and its derivative divided by the distance.
#[inline(always)]
pub fn interaction<M: Machine, const GRADIENT: bool>(
    m: M,
    [coulomb, repulsion, attraction]: [M::Lane; 3],
    inverse: M::Lane,
    inverse_square: M::Lane,
) -> (M::Lane, M::Lane) {
    let sixth = inverse_square * inverse_square * inverse_square;
    let coulomb = coulomb * inverse;
    let repulsion = repulsion * sixth;
    let energy = (repulsion - attraction).mul_add(sixth, coulomb);
    if !GRADIENT {
        return (energy, energy);
    }
    let lennard_jones = (m.constant(-12.0) * repulsion + m.constant(6.0) * attraction) * sixth;
    (energy, (lennard_jones - coulomb) * inverse_square)
}

impl<T: Real> PairTerm<T> {
    /// What [`interaction`] takes, the same in all lanes.
    #[inline(always)]
    pub fn splat<M: Machine<Real = T>>(&self, m: M) -> [M::Lane; 3] {
        [m.splat(self.charge_product), m.splat(self.repulsion), m.splat(self.attraction)]
    }
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
            let (of_pair, slope) =
                interaction::<M, GRADIENT>(m, pair.splat(m), inverse_square.sqrt(), inverse_square);
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
