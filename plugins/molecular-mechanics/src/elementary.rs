//! Elementary functions over lanes, as polynomials.
//!
//! The coefficients (tables of [`Real`]) interpolate at Chebyshev nodes; `scripts/fit-polynomials.py` makes them. Relative error of the
//! polynomials: exp2 2.5e-9 in `f32` and 4e-18 in `f64`, ln 7e-10 and 8e-21, atan 6e-10 and 1e-18; what remains is rounding, at most
//! two units in the last place (the tests hold them to that against the standard library).
use crate::lanes::{Lane, Machine, Real};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, PI, SQRT_2};

/// Horner's rule; `coefficients` by ascending power.
#[inline(always)]
fn polynomial<M: Machine>(m: M, x: M::Lane, coefficients: &'static [M::Real]) -> M::Lane {
    let mut sum = m.splat(coefficients[coefficients.len() - 1]);
    for &coefficient in coefficients[..coefficients.len() - 1].iter().rev() {
        sum = sum.mul_add(x, m.splat(coefficient));
    }
    sum
}

/// `exp(-x)` for `x >= 0`; from about `x` = 87 (`f32`) or 693 (`f64`) on it stays at the smallest value rather than zero.
#[inline(always)]
pub fn exp_minus<M: Machine>(m: M, x: M::Lane) -> M::Lane {
    let exponent = (x * m.constant(-LOG2_E)).max(-m.splat(M::Real::LARGEST_EXPONENT));
    let (whole, fraction) = exponent.split_integer();
    polynomial(m, fraction, M::Real::EXP2).scale(whole)
}

/// Natural logarithms of two positive normal numbers, for one division.
#[inline(always)]
pub fn ln_of_two<M: Machine>(m: M, x: [M::Lane; 2]) -> [M::Lane; 2] {
    let one = m.constant(1.0);
    let (exponent_1, mantissa_1) = x[0].split_exponent();
    let (exponent_2, mantissa_2) = x[1].split_exponent();
    let (above_1, above_2) = (mantissa_1 + one, mantissa_2 + one);
    let inverse = one / (above_1 * above_2);
    let s_1 = (mantissa_1 - one) * (inverse * above_2);
    let s_2 = (mantissa_2 - one) * (inverse * above_1);
    let ln_2 = m.constant(LN_2);
    [
        exponent_1.mul_add(ln_2, s_1 * polynomial(m, s_1 * s_1, M::Real::LN)),
        exponent_2.mul_add(ln_2, s_2 * polynomial(m, s_2 * s_2, M::Real::LN)),
    ]
}

/// Hyperbolic tangent, absolute error of a few roundings of 1.
#[inline(always)]
pub fn tanh<M: Machine>(m: M, x: M::Lane) -> M::Lane {
    let one = m.constant(1.0);
    let size = x.abs();
    let e = exp_minus(m, size + size);
    let t = (one - e) / (one + e);
    M::Lane::choose(x.less(m.constant(0.0)), -t, t)
}

/// Angle of the point `(x, y)` with `y >= 0`, in `[0, pi]`; zero for the origin.
#[inline(always)]
pub fn angle_above_axis<M: Machine>(m: M, y: M::Lane, x: M::Lane) -> M::Lane {
    let size = x.abs();
    let (low, high) = (size.min(y), size.max(y));
    // low / high <= 1, brought below sqrt 2 - 1 by atan t = pi/4 + atan((t - 1) / (t + 1)).
    let large = (high * m.constant(SQRT_2 - 1.0)).less(low);
    let above = M::Lane::choose(large, low - high, low);
    let below = M::Lane::choose(large, low + high, high);
    let t = above / below.max(m.splat(M::Real::TINY_SQUARE));
    let atan = t * polynomial(m, t * t, M::Real::ATAN);
    let atan = M::Lane::choose(large, atan + m.constant(FRAC_PI_4), atan);
    let atan = M::Lane::choose(size.less(y), m.constant(FRAC_PI_2) - atan, atan);
    M::Lane::choose(x.less(m.constant(0.0)), m.constant(PI) - atan, atan)
}

/// Angle of the point `(x, y)` in `(-pi, pi]`; zero for the origin.
#[inline(always)]
pub fn angle<M: Machine>(m: M, y: M::Lane, x: M::Lane) -> M::Lane {
    let angle = angle_above_axis(m, y.abs(), x);
    M::Lane::choose(y.less(m.constant(0.0)), -angle, angle)
}
