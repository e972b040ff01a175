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
    let tiny = m.splat(M::Real::TINY_SQUARE);
    let mut energy = m.constant(0.0);
    for bond in bonds {
        let [i, j] = bond.atoms;
        let d = frame.position(j) - frame.position(i);
        let length = (d.dot(d) + tiny).sqrt();
        let stretch = length - m.splat(bond.length);
        let half_force = m.splat(bond.half) * stretch;
        energy = half_force.mul_add(stretch, energy);
        if GRADIENT {
            let factor = (half_force + half_force) / length;
            frame.add_scaled(j, factor, d);
            frame.add_scaled(i, -factor, d);
        }
    }
    energy
}
