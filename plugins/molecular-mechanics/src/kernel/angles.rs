//! Harmonic angles.
use super::{Frame, Vector};
use crate::elementary::angle_above_axis;
use crate::lanes::{Lane, Machine, Real};
use crate::program::AngleTerm;

/// The angle of three atoms, from sine and cosine together, so that straight and folded angles are exact as well.
pub struct Bend<L> {
    u: Vector<L>,
    v: Vector<L>,
    normal: Vector<L>,
    sine: L,
    cosine: L,
}

impl<L: Lane> Bend<L> {
    #[inline(always)]
    pub fn new<M: Machine<Lane = L>>(frame: &Frame<'_, M>, [i, j, k]: [usize; 3]) -> Self {
        let centre = frame.position(j);
        let (u, v) = (frame.position(i) - centre, frame.position(k) - centre);
        let normal = u.cross(v);
        // Floored, so that a straight angle has a direction of length zero instead of none.
        let sine = normal.dot(normal).max(frame.m.splat(M::Real::COLLINEAR)).sqrt();
        Self { u, v, normal, sine, cosine: u.dot(v) }
    }

    /// rad.
    #[inline(always)]
    pub fn angle<M: Machine<Lane = L>>(&self, m: M) -> L {
        angle_above_axis(m, self.sine, self.cosine)
    }

    /// Adds `slope` times the gradient of the angle: `d theta / d r_i = u x (u x v) / (|u|^2 |u x v|)`, and the same for k.
    #[inline(always)]
    pub fn add_gradient<M: Machine<Lane = L>>(
        &self,
        frame: &mut Frame<'_, M>,
        [i, j, k]: [usize; 3],
        slope: L,
    ) {
        let tiny = frame.m.splat(M::Real::TINY_SQUARE);
        let (uu, vv) = (self.u.dot(self.u) + tiny, self.v.dot(self.v) + tiny);
        let factor = slope / (self.sine * uu * vv);
        let on_i = self.u.cross(self.normal).scaled(factor * vv);
        let on_k = self.normal.cross(self.v).scaled(factor * uu);
        frame.add_gradient(i, on_i);
        frame.add_gradient(k, on_k);
        frame.add_gradient(j, -(on_i + on_k));
    }
}

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    angles: &[AngleTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for term in angles {
        energy = add::<M, GRADIENT>(frame, term.atoms, [m.splat(term.angle), m.splat(term.half)], energy);
    }
    energy
}

/// Adds one angle at rest, with half its strength.
#[inline(always)]
pub fn add<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    atoms: [usize; 3],
    [at_rest, half]: [M::Lane; 2],
    energy: M::Lane,
) -> M::Lane {
    let bend = Bend::new(frame, atoms);
    let deviation = bend.angle(frame.m) - at_rest;
    let half_force = half * deviation;
    if GRADIENT {
        bend.add_gradient(frame, atoms, half_force + half_force);
    }
    half_force.mul_add(deviation, energy)
}
