//! Harmonic angles, from sine and cosine together, so that straight and folded angles are exact as well.
use super::Frame;
use crate::elementary::angle_above_axis;
use crate::lanes::{Lane, Machine, Real};
use crate::program::AngleTerm;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    angles: &[AngleTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let tiny = m.splat(M::Real::TINY_SQUARE);
    let collinear = m.splat(M::Real::COLLINEAR);
    let mut energy = m.constant(0.0);
    for term in angles {
        let [i, j, k] = term.atoms;
        let centre = frame.position(j);
        let (u, v) = (frame.position(i) - centre, frame.position(k) - centre);
        let normal = u.cross(v);
        // Floored, so that a straight angle has a direction of length zero instead of none.
        let sine = normal.dot(normal).max(collinear).sqrt();
        let cosine = u.dot(v);
        let bend = angle_above_axis(m, sine, cosine) - m.splat(term.angle);
        let half_force = m.splat(term.half) * bend;
        energy = half_force.mul_add(bend, energy);
        if GRADIENT {
            // d theta / d r_i = u x (u x v) / (|u|^2 |u x v|), and the same for k.
            let (uu, vv) = (u.dot(u) + tiny, v.dot(v) + tiny);
            let factor = (half_force + half_force) / (sine * uu * vv);
            let on_i = u.cross(normal).scaled(factor * vv);
            let on_k = normal.cross(v).scaled(factor * uu);
            frame.add_gradient(i, on_i);
            frame.add_gradient(k, on_k);
            frame.add_gradient(j, -(on_i + on_k));
        }
    }
    energy
}
