//! The arithmetic that every kernel is written in: one number per lane, one configuration per lane.
//!
//! A kernel is generic over a [`Machine`], which names the instruction set and the precision. The two families are
//! [`Single`] and [`Double`], each over any instruction set of `pulp`, which chooses it at run time.
mod double;
mod single;

pub use double::Double;
pub use single::Single;

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A scalar that lanes are made of: `f32` or `f64`, with the constants that depend on its precision.
pub trait Real:
    bytemuck::Pod + PartialOrd + Default + Send + Sync + std::fmt::Debug + Add<Output = Self> + Sub<Output = Self>
{
    /// `2^f` for `|f| <= 1/2`, ascending powers.
    const EXP2: &'static [Self];
    /// `2 atanh(s) / s` in `s^2`, for `|s| <= (sqrt 2 - 1) / (sqrt 2 + 1)`.
    const LN: &'static [Self];
    /// `atan(t) / t` in `t^2`, for `|t| <= sqrt 2 - 1`.
    const ATAN: &'static [Self];
    /// Added to a squared length before it divides anything, so that a vanishing bond gives finite numbers.
    /// Far below the rounding of any length that occurs (the root is 1e-12 nm for `f32`, 1e-18 nm for `f64`).
    const TINY_SQUARE: Self;
    /// Below this square (nm^4) the normal of three atoms counts as zero and their torsion has no direction.
    const COLLINEAR: Self;
    /// The largest argument of `exp2` whose result is an ordinary number.
    const LARGEST_EXPONENT: Self;

    /// Rounds to this precision.
    fn of(value: f64) -> Self;
    /// Exact.
    fn as_f64(self) -> f64;
}

/// One value per configuration, in a register.
pub trait Lane:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// One truth value per lane.
    type Mask: Copy;
    /// A whole number per lane, as [`Lane::split_integer`] returns and [`Lane::scale`] takes.
    type Integer: Copy;

    /// `self * factor + addend`, rounded once where the machine has a fused operation.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The larger; which of the two comes back for NaN depends on the machine.
    fn max(self, other: Self) -> Self;
    /// The smaller; which of the two comes back for NaN depends on the machine.
    fn min(self, other: Self) -> Self;
    /// `self < other`, false for NaN.
    fn less(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, else `no`.
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// Nearest integer and what is left, for `|self| < 1000`.
    fn split_integer(self) -> (Self::Integer, Self);
    /// `self * 2^power`, for a normal number whose result is normal.
    fn scale(self, power: Self::Integer) -> Self;
    /// `(e, m)` with `self = m * 2^e` and `sqrt(1/2) <= m < sqrt 2`, for a positive normal number.
    fn split_exponent(self) -> (Self, Self);
}

/// An instruction set at one precision; a value of it is the proof that the instructions exist here.
pub trait Machine: Copy {
    /// The scalar.
    type Real: Real;
    /// One value per configuration.
    type Lane: Lane;
    /// The same in memory.
    type Stored: bytemuck::Pod;
    /// Configurations per register.
    const LANES: usize;

    /// The same value in every lane.
    fn splat(self, value: Self::Real) -> Self::Lane;
    /// Reads the vector at `index`.
    fn get(self, memory: &[Self::Stored], index: usize) -> Self::Lane;
    /// Writes the vector at `index`.
    fn put(self, memory: &mut [Self::Stored], index: usize, value: Self::Lane);

    /// The sum of all lanes, in an order that depends on nothing but the machine.
    fn sum(self, value: Self::Lane) -> Self::Real;

    /// A constant; rounded when it is compiled, so it costs nothing.
    #[inline(always)]
    fn constant(self, value: f64) -> Self::Lane {
        self.splat(Self::Real::of(value))
    }
}

/// Operators of a lane type through the named functions of `pulp`.
macro_rules! operators {
    ($lane:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $neg:ident) => {
        impl<S: pulp::Simd> std::ops::Add for $lane<S> {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self { simd: self.simd, value: self.simd.$add(self.value, other.value) }
            }
        }
        impl<S: pulp::Simd> std::ops::Sub for $lane<S> {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self { simd: self.simd, value: self.simd.$sub(self.value, other.value) }
            }
        }
        impl<S: pulp::Simd> std::ops::Mul for $lane<S> {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self { simd: self.simd, value: self.simd.$mul(self.value, other.value) }
            }
        }
        impl<S: pulp::Simd> std::ops::Div for $lane<S> {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                Self { simd: self.simd, value: self.simd.$div(self.value, other.value) }
            }
        }
        impl<S: pulp::Simd> std::ops::Neg for $lane<S> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self { simd: self.simd, value: self.simd.$neg(self.value) }
            }
        }
    };
}
use operators;
