//! Torsions as Fourier series, without any trigonometric function: multiples of the angle by the addition theorem.
use super::{Frame, dihedral::Dihedral};
use crate::lanes::{Lane, Machine};
use crate::program::TorsionTerm;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    torsions: &[TorsionTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for term in torsions {
        let dihedral = Dihedral::new(frame, term.atoms);
        let (mut cosine, mut sine) = (dihedral.cosine, dihedral.sine);
        let mut slope = m.constant(0.0);
        energy = energy + m.splat(term.constant);
        for (n, &(a, b)) in term.series[..term.order].iter().enumerate() {
            if n > 0 {
                let turned = cosine.mul_add(dihedral.cosine, -(sine * dihedral.sine));
                sine = sine.mul_add(dihedral.cosine, cosine * dihedral.sine);
                cosine = turned;
            }
            let (a, b) = (m.splat(a), m.splat(b));
            energy = a.mul_add(cosine, b.mul_add(sine, energy));
            if GRADIENT {
                slope = m.constant((n + 1) as f64).mul_add(b.mul_add(cosine, -(a * sine)), slope);
            }
        }
        if GRADIENT {
            dihedral.add_gradient(frame, term.atoms, slope);
        }
    }
    energy
}
