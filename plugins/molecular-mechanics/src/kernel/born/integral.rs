//! What one atom hides of the solvent from another.
use crate::elementary::ln;
use crate::lanes::{Lane, Machine};
use crate::program::BornTerm;

/// Twice the descreening integral of `atom` by `other`, and twice its derivative by the distance.
///
/// With `U = r + s`, `L = max(rho, |r - s|)`, and zero where `U <= rho`:
/// `2 I = 1/L - 1/U + (r - s^2/r) (1/U^2 - 1/L^2) / 4 + ln(L/U) / (2 r)`.
/// The slopes of U and L drop out of the derivative, except where `other` swallows the atom (`rho < s - r`).
/// Source: Hawkins, Cramer, Truhlar, J. Phys. Chem. 100, 19824 (1996), as OpenMM's `customgbforces.py` writes it.
#[inline(always)]
pub fn descreening<M: Machine, const GRADIENT: bool>(
    m: M,
    distance: M::Lane,
    inverse: M::Lane,
    atom: &BornTerm<M::Real>,
    other: &BornTerm<M::Real>,
    swallowed_correction: bool,
) -> (M::Lane, M::Lane) {
    let (zero, half, quarter) = (m.constant(0.0), m.constant(0.5), m.constant(0.25));
    let rho = m.splat(atom.offset_radius);
    let reach = m.splat(other.scaled_radius);
    let upper = distance + reach;
    let depth = distance - reach;
    let lower = depth.abs().max(rho);
    // One division gives both inverses.
    let both = m.constant(1.0) / (upper * lower);
    let (u, l) = (both * lower, both * upper);
    let logarithm = half * ln(m, lower * u);
    let difference = u.mul_add(u, -(l * l));
    let ratio = m.splat(other.scaled_radius_square) * inverse;
    let mut integral = ((distance - ratio) * quarter).mul_add(difference, logarithm.mul_add(inverse, l - u));
    let mut slope = zero;
    if GRADIENT {
        let weight = ratio.mul_add(inverse * quarter, quarter);
        slope = weight.mul_add(difference, -(logarithm * inverse * inverse));
    }
    // Only an atom with a wider reach can swallow; a wider atom can only be out of reach.
    if atom.offset_radius < other.scaled_radius {
        let swallowed = depth.less(-rho);
        if swallowed_correction {
            let correction = m.splat(atom.inverse_offset_radius) - l;
            let correction = correction + correction;
            integral = integral + M::Lane::choose(swallowed, correction, zero);
        } else if GRADIENT {
            let extra = (l + l) * l;
            slope = slope + M::Lane::choose(swallowed, extra, zero);
        }
    } else {
        let within = rho.less(upper);
        integral = M::Lane::choose(within, integral, zero);
        slope = M::Lane::choose(within, slope, zero);
    }
    (integral, slope)
}

/// The neck correction and its derivative by the distance, both doubled by `strength`, inside its reach.
#[inline(always)]
pub fn neck<M: Machine>(m: M, distance: M::Lane, strength: M::Real, centre: M::Real) -> (M::Lane, M::Lane) {
    let one = m.constant(1.0);
    let x = distance - m.splat(centre);
    let square = x * x;
    let fourth = square * square;
    let inverse = one / (m.constant(3e5) * square).mul_add(fourth, m.constant(100.0).mul_add(square, one));
    let value = m.splat(strength) * inverse;
    let growth = x * m.constant(1.8e6).mul_add(fourth, m.constant(200.0));
    (value, -(value * inverse * growth))
}
