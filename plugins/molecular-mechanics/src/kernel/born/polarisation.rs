//! The Born energy of two atoms: `product / f` with `f = sqrt(r^2 + B1 B2 exp(-r^2 / (4 B1 B2)))`.
use crate::elementary::exp_minus;
use crate::lanes::{Lane, Machine};

/// Two atoms at a distance.
pub struct Polarisation<L> {
    pub energy: L,
    /// Minus twice the derivative of the energy by `f^2`.
    pub pull: L,
    /// The exponential.
    pub damping: L,
}

/// From the squared distance, `r^2 / (4 B1 B2)` and `B1 B2`; the medium is in `product` unless there is `SALT`.
#[inline(always)]
pub fn polarisation<M: Machine, const SALT: bool>(
    m: M,
    salt: Option<(M::Real, M::Real, M::Real)>,
    product: M::Lane,
    square: M::Lane,
    exponent: M::Lane,
    product_of_radii: M::Lane,
) -> Polarisation<M::Lane> {
    let damping = exp_minus(m, exponent);
    let length_square = product_of_radii.mul_add(damping, square);
    let inverse_square = m.constant(1.0) / length_square;
    let inverse_length = inverse_square.sqrt();
    match salt {
        Some((kappa, solute, solvent)) if SALT => {
            let kappa = m.splat(kappa);
            let screened = m.splat(solvent) * exp_minus(m, kappa * length_square * inverse_length);
            let energy = product * (m.splat(solute) - screened) * inverse_length;
            let pull = (product * kappa * screened).mul_add(-inverse_square, energy * inverse_square);
            Polarisation { energy, pull, damping }
        }
        _ => {
            let energy = product * inverse_length;
            Polarisation { energy, pull: energy * inverse_square, damping }
        }
    }
}

/// The derivative of the energy by `B1 B2`, from `pull` times `damping`.
#[inline(always)]
pub fn by_product_of_radii<M: Machine>(m: M, damped_pull: M::Lane, exponent: M::Lane) -> M::Lane {
    damped_pull * exponent.mul_add(m.constant(-0.5), m.constant(-0.5))
}
