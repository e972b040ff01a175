//! Impropers, quadratic in the angle itself.
use super::{Frame, dihedral::Dihedral};
use crate::elementary::angle;
use crate::lanes::{Lane, Machine};
use crate::program::ImproperTerm;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    impropers: &[ImproperTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for term in impropers {
        let parameters = [m.splat(term.angle), m.splat(term.strength)];
        let turn = match term.turn {
            Some(turn) => Some(m.splat(turn)),
            None => None,
        };
        energy = add::<M, GRADIENT>(frame, term.atoms, parameters, turn, energy);
    }
    energy
}

/// Adds one improper at rest, with its strength.
#[inline(always)]
pub fn add<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    atoms: [usize; 4],
    [at_rest, strength]: [M::Lane; 2],
    turn: Option<M::Lane>,
    energy: M::Lane,
) -> M::Lane {
    let m = frame.m;
    let dihedral = Dihedral::new(frame, atoms);
    let mut deviation = angle(m, dihedral.sine, dihedral.cosine) - at_rest;
    if let Some(whole) = turn {
        let half = m.constant(0.5) * whole;
        deviation = M::Lane::choose(half.less(deviation), deviation - whole, deviation);
        deviation = M::Lane::choose(deviation.less(-half), deviation + whole, deviation);
    }
    let force = strength * deviation;
    if GRADIENT {
        dihedral.add_gradient(frame, atoms, force + force);
    }
    force.mul_add(deviation, energy)
}
