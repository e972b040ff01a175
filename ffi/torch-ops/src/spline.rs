//! Monotone rational-quadratic splines, fused into one pass over the parameters.

use tch::Tensor;

use crate::bridge::{ffi, place, tensor};

/// What happens at the ends of the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Slope 1 at both ends, the identity outside; `3 bins - 1` parameters.
    Tails,
    /// Equal slopes at both ends, a circle; `3 bins` parameters. An input that rounding put outside the interval counts
    /// as its end, with the slope there.
    Matched,
}

/// Which way the spline is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `x` to `y`.
    Forward,
    /// `y` to `x`.
    Inverse,
}

/// A family of splines on `[-half_width, half_width]`; raw zeros are the identity.
///
/// Raw parameters of an element: `bins` widths and `bins` heights before softmax, then derivatives before softplus, at
/// inner knots or, for [`Ends::Matched`], at all knots but the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spline {
    /// 2 to 64.
    pub bins: i64,
    /// Half of the interval's width.
    pub half_width: f64,
    /// What happens at the ends.
    pub ends: Ends,
    /// Smallest width and height of a bin, as a part of the interval.
    pub smallest_bin: f64,
    /// Smallest derivative at a knot.
    pub smallest_slope: f64,
}

impl Spline {
    /// `x [n, d]` and `raw [n, d, parameters]` to `(y [n, d], ladj [n])`, summed over columns; on the CPU, f32 or f64.
    ///
    /// Differentiable once in `x` and `raw`. A row's bits depend on that row only.
    ///
    /// # Panics
    /// If shapes, kinds or devices do not fit.
    pub fn apply(&self, x: &Tensor, raw: &Tensor, direction: Direction) -> (Tensor, Tensor) {
        let (mut y, mut ladj) = (Tensor::new(), Tensor::new());
        ffi::spline(
            tensor(x),
            tensor(raw),
            self.bins,
            self.half_width,
            self.ends == Ends::Matched,
            direction == Direction::Inverse,
            self.smallest_bin,
            self.smallest_slope,
            place(&mut y),
            place(&mut ladj),
        )
        .unwrap_or_else(|error| panic!("{error}"));
        (y, ladj)
    }
}
