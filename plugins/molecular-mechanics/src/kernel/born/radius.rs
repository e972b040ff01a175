//! Born radii, and what an atom has alone: its own polarisation and its surface.
use crate::elementary::{exp_minus, tanh};
use crate::lanes::{Lane, Machine, Real};
use crate::program::BornTerm;

impl<T: Real> BornTerm<T> {
    /// The same in all lanes.
    #[inline(always)]
    pub fn splat<M: Machine<Real = T>>(&self, m: M) -> BornTerm<M::Lane> {
        BornTerm {
            offset_radius: m.splat(self.offset_radius),
            inverse_offset_radius: m.splat(self.inverse_offset_radius),
            inverse_radius: m.splat(self.inverse_radius),
            scaled_radius: m.splat(self.scaled_radius),
            scaled_radius_square: m.splat(self.scaled_radius_square),
            coefficients: [
                m.splat(self.coefficients[0]),
                m.splat(self.coefficients[1]),
                m.splat(self.coefficients[2]),
            ],
            self_product: m.splat(self.self_product),
            surface: m.splat(self.surface),
        }
    }
}

/// Born radius, its inverse, and its derivative by the *doubled* integral.
#[inline(always)]
pub fn radius<M: Machine>(
    m: M,
    hct: bool,
    atom: &BornTerm<M::Lane>,
    doubled_integral: M::Lane,
) -> (M::Lane, M::Lane, M::Lane) {
    let (one, half) = (m.constant(1.0), m.constant(0.5));
    let integral = half * doubled_integral;
    let bare = atom.inverse_offset_radius;
    let (inverse, slope) = if hct {
        (bare - integral, one)
    } else {
        let [alpha, beta, gamma] = atom.coefficients;
        let rho = atom.offset_radius;
        let psi = integral * rho;
        let argument = psi * psi.mul_add(psi.mul_add(gamma, -beta), alpha);
        let growth = psi.mul_add(psi.mul_add(m.constant(3.0) * gamma, m.constant(-2.0) * beta), alpha);
        let bend = tanh(m, argument);
        let inverse_radius = atom.inverse_radius;
        let slope = bend.mul_add(-bend, one) * growth * rho * inverse_radius;
        (bend.mul_add(-inverse_radius, bare), slope)
    };
    let radius = one / inverse;
    (radius, inverse, half * radius * radius * slope)
}

/// Energy of the atom alone, and its derivative by the Born radius.
#[inline(always)]
pub fn own_energy<M: Machine>(
    m: M,
    salt: Option<(M::Real, M::Real, M::Real)>,
    atom: &BornTerm<M::Lane>,
    radius: M::Lane,
    inverse: M::Lane,
) -> (M::Lane, M::Lane) {
    let product = atom.self_product;
    let (polarisation, by_radius) = match salt {
        None => (product * inverse, -(product * inverse * inverse)),
        Some((kappa, solute, solvent)) => {
            let screened = m.splat(solvent) * exp_minus(m, m.splat(kappa) * radius.max(m.constant(0.0)));
            let energy = product * (m.splat(solute) - screened) * inverse;
            (energy, (product * m.splat(kappa) * screened - energy) * inverse)
        }
    };
    let square = inverse * inverse;
    let surface = atom.surface * square * square * square;
    (polarisation + surface, (m.constant(-6.0) * surface).mul_add(inverse, by_radius))
}
