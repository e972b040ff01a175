//! Harmonic bonds. Without length a bond has no direction, and its gradient is zero.
use super::Frame;
use crate::lanes::{Lane, Machine, Real};
use crate::program::BondTerm;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    bonds: &[BondTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for bond in bonds {
        energy = add::<M, GRADIENT>(frame, bond.atoms, [m.splat(bond.length), m.splat(bond.half)], energy);
    }
    energy
}

/// Adds one bond of a length, with half its strength.
#[inline(always)]
pub fn add<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    [i, j]: [usize; 2],
    [at_rest, half]: [M::Lane; 2],
    energy: M::Lane,
) -> M::Lane {
    let d = frame.position(j) - frame.position(i);
    let length = (d.dot(d) + frame.m.splat(M::Real::TINY_SQUARE)).sqrt();
    let stretch = length - at_rest;
    let half_force = half * stretch;
    if GRADIENT {
        let factor = (half_force + half_force) / length;
        frame.add_scaled(j, factor, d);
        frame.add_scaled(i, -factor, d);
    }
    half_force.mul_add(stretch, energy)
}
