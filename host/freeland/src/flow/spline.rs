//! Monotone rational-quadratic splines on an interval and on the circle.
//!
//! Between two knots `(x_k, y_k)`, `(x_k + w, y_k + h)` with derivatives `d0`, `d1`, and `s = h / w`, `t = (x - x_k) / w`:
//! `y = y_k + h (s t² + d0 t (1 - t)) / (s + (d0 + d1 - 2 s) t (1 - t))`.
//! Source: Durkan et al., Neural Spline Flows (2019); on the circle Rezende et al., Normalizing Flows on Tori and Spheres (2020).

use std::f64::consts::PI;

use tch::{Device, Tensor};
use torch_ops::{Direction, Ends, Spline};

use super::knots::{Knots, SMALLEST_BIN, SMALLEST_SLOPE};
use super::transform::Transform;

/// A spline on `[-tail, tail]` with slope 1 at both ends, and the identity outside.
pub struct LineSpline {
    /// `[n, d, 3 bins - 1]`: widths, heights, derivatives at inner knots, before normalisation; zeros give the identity.
    pub raw: Tensor,
    /// Half width of the interval.
    pub tail: f64,
}

/// A spline of the circle `[-pi, pi]` that keeps the seam in place and has equal derivatives on both sides of it.
pub struct CircleSpline {
    /// `[n, d, 3 bins]`: widths, heights, derivatives at knots, before normalisation; zeros give the identity.
    pub raw: Tensor,
}

impl LineSpline {
    /// Parameters per dimension for a number of bins.
    pub const fn parameters(bins: i64) -> i64 {
        3 * bins - 1
    }

    fn fused(&self) -> Spline {
        family((self.raw.size()[2] + 1) / 3, self.tail, Ends::Tails)
    }

    pub(super) fn knots(&self) -> Knots {
        Knots::with_tails(&self.raw, self.tail)
    }
}

impl Transform for LineSpline {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        match x.device() {
            Device::Cpu => self.fused().apply(x, &self.raw, Direction::Forward),
            _ => self.knots().forward(x),
        }
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        match y.device() {
            Device::Cpu => self.fused().apply(y, &self.raw, Direction::Inverse),
            _ => self.knots().inverse(y),
        }
    }
}

impl CircleSpline {
    /// Parameters per dimension for a number of bins.
    pub const fn parameters(bins: i64) -> i64 {
        3 * bins
    }

    fn fused(&self) -> Spline {
        family(self.raw.size()[2] / 3, PI, Ends::Matched)
    }

    pub(super) fn knots(&self) -> Knots {
        Knots::with_matched_ends(&self.raw, PI)
    }
}

impl Transform for CircleSpline {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        match x.device() {
            Device::Cpu => self.fused().apply(x, &self.raw, Direction::Forward),
            _ => self.knots().forward(&x.clamp(-PI, PI)),
        }
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        match y.device() {
            Device::Cpu => self.fused().apply(y, &self.raw, Direction::Inverse),
            _ => self.knots().inverse(&y.clamp(-PI, PI)),
        }
    }
}

fn family(bins: i64, half_width: f64, ends: Ends) -> Spline {
    Spline { bins, half_width, ends, smallest_bin: SMALLEST_BIN, smallest_slope: SMALLEST_SLOPE }
}
