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
        let dihedral = Dihedral::new(frame, term.atoms);
        let mut turn = angle(m, dihedral.sine, dihedral.cosine) - m.splat(term.angle);
        if let Some(whole) = term.turn {
            let whole = m.splat(whole);
            let half = m.constant(0.5) * whole;
            turn = M::Lane::choose(half.less(turn), turn - whole, turn);
            turn = M::Lane::choose(turn.less(-half), turn + whole, turn);
        }
        let force = m.splat(term.strength) * turn;
        energy = force.mul_add(turn, energy);
        if GRADIENT {
            dihedral.add_gradient(frame, term.atoms, force + force);
        }
    }
    energy
}
