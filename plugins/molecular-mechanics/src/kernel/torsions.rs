//! Torsions as Fourier series, without any trigonometric function: multiples of the angle by the addition theorem.
use super::{Frame, dihedral::Dihedral};
use crate::lanes::{Lane, Machine};
use crate::program::TorsionTerm;

/// Where the series of a torsion comes from.
pub trait Series<M: Machine> {
    /// Factors of cosine and sine of `n + 1` times the angle.
    fn factors(&self, m: M, n: usize) -> (M::Lane, M::Lane);
}

impl<M: Machine> Series<M> for &[(M::Real, M::Real)] {
    #[inline(always)]
    fn factors(&self, m: M, n: usize) -> (M::Lane, M::Lane) {
        (m.splat(self[n].0), m.splat(self[n].1))
    }
}

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    torsions: &[TorsionTerm<M::Real>],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for term in torsions {
        let series = &term.series[..term.order];
        energy = energy + m.splat(term.constant);
        energy = add::<M, GRADIENT>(frame, term.atoms, term.order, &series, energy);
    }
    energy
}

/// Adds one torsion with a series of so many frequencies.
#[inline(always)]
pub fn add<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    atoms: [usize; 4],
    order: usize,
    series: &impl Series<M>,
    mut energy: M::Lane,
) -> M::Lane {
    let m = frame.m;
    let dihedral = Dihedral::new(frame, atoms);
    let (mut cosine, mut sine) = (dihedral.cosine, dihedral.sine);
    let mut slope = m.constant(0.0);
    for n in 0..order {
        if n > 0 {
            let turned = cosine.mul_add(dihedral.cosine, -(sine * dihedral.sine));
            sine = sine.mul_add(dihedral.cosine, cosine * dihedral.sine);
            cosine = turned;
        }
        let (a, b) = series.factors(m, n);
        energy = a.mul_add(cosine, b.mul_add(sine, energy));
        if GRADIENT {
            slope = m.constant((n + 1) as f64).mul_add(b.mul_add(cosine, -(a * sine)), slope);
        }
    }
    if GRADIENT {
        dihedral.add_gradient(frame, atoms, slope);
    }
    energy
}
