//! What one atom hides of the solvent from another.
use crate::elementary::ln_of_two;
use crate::lanes::{Lane, Machine};
use crate::program::BornTerm;

/// Two atoms at a distance, from both sides.
pub struct Descreening<L> {
    /// The distance.
    pub distance: L,
    /// 1 / distance.
    pub inverse: L,
    /// Twice the integral of the first atom by the second, and of the second by the first.
    pub integrals: [L; 2],
    /// Twice their derivatives by the distance.
    pub slopes: [L; 2],
}

/// What the integrals of two atoms, from both sides, depend on.
#[derive(Clone, Copy)]
pub struct Sides<L> {
    /// rho of the atom that feels.
    pub rho: [L; 2],
    /// Scaled radius of the other, and its square.
    pub reach: [L; 2],
    pub reach_square: [L; 2],
    /// 1 / rho.
    pub inverse_rho: [L; 2],
    /// Whether the other atom can swallow this one (it has the wider reach), or can only be out of its reach; unknown where
    /// lanes differ.
    pub can_be_swallowed: [Option<bool>; 2],
}

impl<L: Lane> Sides<L> {
    /// The same two atoms in all lanes.
    #[inline(always)]
    pub fn splat<M: Machine<Lane = L>>(m: M, atoms: [&BornTerm<M::Real>; 2]) -> Self {
        let [a, b] = atoms;
        Self {
            rho: [m.splat(a.offset_radius), m.splat(b.offset_radius)],
            reach: [m.splat(b.scaled_radius), m.splat(a.scaled_radius)],
            reach_square: [m.splat(b.scaled_radius_square), m.splat(a.scaled_radius_square)],
            inverse_rho: [m.splat(a.inverse_offset_radius), m.splat(b.inverse_offset_radius)],
            can_be_swallowed: [
                Some(a.offset_radius < b.scaled_radius),
                Some(b.offset_radius < a.scaled_radius),
            ],
        }
    }
}

/// The first half of [`descreening`]: what has to be waited for, a root and a division.
pub struct Approach<L> {
    pub square: L,
    distance: L,
    lower: [L; 2],
    products: [L; 2],
    all: L,
}

/// Starts with two atoms whose squared distance is `square`.
#[inline(always)]
pub fn approach<M: Machine>(m: M, square: M::Lane, sides: &Sides<M::Lane>) -> Approach<M::Lane> {
    let distance = square.sqrt();
    let Sides { rho, reach, .. } = *sides;
    let lower = [(distance - reach[0]).abs().max(rho[0]), (distance - reach[1]).abs().max(rho[1])];
    // One division gives all five inverses.
    let products = [(distance + reach[0]) * lower[0], (distance + reach[1]) * lower[1]];
    let all = m.constant(1.0) / (products[0] * products[1] * distance);
    Approach { square, distance, lower, products, all }
}

/// The descreening integrals of two atoms.
///
/// With `U = r + s`, `L = max(rho, |r - s|)`, and zero where `U <= rho`:
/// `2 I = 1/L - 1/U + (r - s^2/r) (1/U^2 - 1/L^2) / 4 + ln(L/U) / (2 r)`.
/// The slopes of U and L drop out of the derivative, except where the other atom swallows this one (`rho < s - r`).
/// Source: Hawkins, Cramer, Truhlar, J. Phys. Chem. 100, 19824 (1996), as OpenMM's `customgbforces.py` writes it.
#[inline(always)]
pub fn descreening<M: Machine, const GRADIENT: bool>(
    m: M,
    start: &Approach<M::Lane>,
    sides: &Sides<M::Lane>,
    swallowed_correction: bool,
) -> Descreening<M::Lane> {
    let (zero, half, quarter) = (m.constant(0.0), m.constant(0.5), m.constant(0.25));
    let Approach { distance, lower, products, all, .. } = *start;
    let Sides { rho, reach, .. } = *sides;
    let upper = [distance + reach[0], distance + reach[1]];
    let depth = [distance - reach[0], distance - reach[1]];
    let inverse = all * (products[0] * products[1]);
    let of_both = all * distance;
    let inverses = [of_both * products[1], of_both * products[0]];
    let u = [inverses[0] * lower[0], inverses[1] * lower[1]];
    let l = [inverses[0] * upper[0], inverses[1] * upper[1]];
    let logarithms = ln_of_two(m, [lower[0] * u[0], lower[1] * u[1]]);

    let mut result = Descreening { distance, inverse, integrals: [zero; 2], slopes: [zero; 2] };
    for side in 0..2 {
        let (u, l) = (u[side], l[side]);
        let logarithm = half * logarithms[side] * inverse;
        let difference = u.mul_add(u, -(l * l));
        let ratio = sides.reach_square[side] * inverse;
        let mut integral = ((distance - ratio) * quarter).mul_add(difference, logarithm + (l - u));
        let mut slope = zero;
        if GRADIENT {
            let weight = ratio.mul_add(inverse * quarter, quarter);
            slope = weight.mul_add(difference, -(logarithm * inverse));
        }
        // Only an atom with a wider reach can swallow; a wider atom can only be out of reach.
        let can_be_swallowed = sides.can_be_swallowed[side];
        if can_be_swallowed != Some(false) {
            let swallowed = depth[side].less(-rho[side]);
            if swallowed_correction {
                let correction = sides.inverse_rho[side] - l;
                integral = integral + M::Lane::choose(swallowed, correction + correction, zero);
            } else if GRADIENT {
                slope = slope + M::Lane::choose(swallowed, (l + l) * l, zero);
            }
        }
        if can_be_swallowed != Some(true) {
            let within = rho[side].less(upper[side]);
            integral = M::Lane::choose(within, integral, zero);
            slope = M::Lane::choose(within, slope, zero);
        }
        result.integrals[side] = integral;
        result.slopes[side] = slope;
    }
    result
}

/// The neck correction and its derivative by the distance, both doubled by `strength`, inside its reach.
#[inline(always)]
pub fn neck<M: Machine>(m: M, distance: M::Lane, strength: M::Lane, centre: M::Lane) -> (M::Lane, M::Lane) {
    let one = m.constant(1.0);
    let x = distance - centre;
    let square = x * x;
    let fourth = square * square;
    let inverse = one / (m.constant(3e5) * square).mul_add(fourth, m.constant(100.0).mul_add(square, one));
    let value = strength * inverse;
    let growth = x * m.constant(1.8e6).mul_add(fourth, m.constant(200.0));
    (value, -(value * inverse * growth))
}
