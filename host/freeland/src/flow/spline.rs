//! Monotone rational-quadratic splines on an interval and on the circle.
//!
//! Between two knots `(x_k, y_k)`, `(x_k + w, y_k + h)` with derivatives `d0`, `d1`, and `s = h / w`, `t = (x - x_k) / w`:
//! `y = y_k + h (s t² + d0 t (1 - t)) / (s + (d0 + d1 - 2 s) t (1 - t))`.
//! Source: Durkan et al., Neural Spline Flows (2019); on the circle Rezende et al., Normalizing Flows on Tori and Spheres (2020).

use std::f64::consts::PI;

use tch::{Kind, Tensor};

use super::affine::row_sum;
use super::transform::Transform;

/// Smallest width and height of a bin, as a part of the interval.
pub const SMALLEST_BIN: f64 = 1e-3;
/// Smallest derivative at a knot.
pub const SMALLEST_SLOPE: f64 = 1e-3;

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

    fn knots(&self) -> Knots {
        let bins = (self.raw.size()[2] + 1) / 3;
        let slopes = slope(&self.raw.narrow(2, 2 * bins, bins - 1)) - 1.0;
        Knots::new(&self.raw, bins, self.tail, slopes.constant_pad_nd([1, 1]) + 1.0)
    }
}

impl Transform for LineSpline {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        with_tails(x, self.tail, |x| self.knots().forward(x))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        with_tails(y, self.tail, |y| self.knots().inverse(y))
    }
}

impl CircleSpline {
    /// Parameters per dimension for a number of bins.
    pub const fn parameters(bins: i64) -> i64 {
        3 * bins
    }

    fn knots(&self) -> Knots {
        let bins = self.raw.size()[2] / 3;
        let slopes = slope(&self.raw.narrow(2, 2 * bins, bins));
        let slopes = Tensor::cat(&[&slopes, &slopes.narrow(2, 0, 1)], 2);
        Knots::new(&self.raw, bins, PI, slopes)
    }
}

impl Transform for CircleSpline {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let (y, ladj) = self.knots().forward(&x.clamp(-PI, PI));
        (y, row_sum(&ladj))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        let (x, ladj) = self.knots().inverse(&y.clamp(-PI, PI));
        (x, row_sum(&ladj))
    }
}

/// Applies an elementwise map inside `[-tail, tail]` and the identity outside.
fn with_tails(x: &Tensor, tail: f64, map: impl Fn(&Tensor) -> (Tensor, Tensor)) -> (Tensor, Tensor) {
    let inside = x.abs().le(tail);
    let (y, ladj) = map(&x.clamp(-tail, tail));
    (y.where_self(&inside, x), row_sum(&(ladj * inside.to_kind(x.kind()))))
}

/// A positive derivative; 1 for `raw = 0`.
fn slope(raw: &Tensor) -> Tensor {
    let at_zero = (1.0 - SMALLEST_SLOPE).exp_m1().ln();
    (raw + at_zero).softplus() + SMALLEST_SLOPE
}

/// Positions and derivatives at the knots, each `[n, d, bins + 1]`.
struct Knots {
    x: Tensor,
    y: Tensor,
    slope: Tensor,
}

/// The bin each element lies in; every field is `[n, d]`.
struct Bin {
    x: Tensor,
    y: Tensor,
    width: Tensor,
    height: Tensor,
    left: Tensor,
    right: Tensor,
}

impl Knots {
    fn new(raw: &Tensor, bins: i64, half_width: f64, slope: Tensor) -> Knots {
        let edges = |start: i64| {
            let part = raw.narrow(2, start, bins).softmax(-1, None::<Kind>);
            let part = part * (1.0 - SMALLEST_BIN * bins as f64) + SMALLEST_BIN;
            part.cumsum(-1, None::<Kind>).constant_pad_nd([1, 0]) * (2.0 * half_width) - half_width
        };
        Knots { x: edges(0), y: edges(bins), slope }
    }

    /// Finds the bins of `value` among the given edges.
    fn bin(&self, value: &Tensor, edges: &Tensor) -> Bin {
        let bins = edges.size()[2] - 1;
        let below = value.unsqueeze(-1).ge_tensor(&edges.narrow(2, 1, bins - 1));
        let index = below.sum_dim_intlist([-1i64].as_slice(), true, Kind::Int64);
        let next = &index + 1;
        let at = |tensor: &Tensor, index: &Tensor| tensor.gather(2, index, false).squeeze_dim(-1);
        let (x, y) = (at(&self.x, &index), at(&self.y, &index));
        Bin {
            width: at(&self.x, &next) - &x,
            height: at(&self.y, &next) - &y,
            left: at(&self.slope, &index),
            right: at(&self.slope, &next),
            x,
            y,
        }
    }

    /// `([n, d], ladj [n, d])`.
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let bin = self.bin(x, &self.x);
        let t = (x - &bin.x) / &bin.width;
        bin.at(&t)
    }

    /// `([n, d], ladj [n, d])`.
    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        let bin = self.bin(y, &self.y);
        let mean = &bin.height / &bin.width;
        let rise = y - &bin.y;
        let bend = &rise * (&bin.left + &bin.right - &mean * 2.0);
        let a = &bin.height * (&mean - &bin.left) + &bend;
        let b = &bin.height * &bin.left - bend;
        let c = -&mean * rise;
        // The discriminant is never negative for a monotone spline, up to rounding.
        let root = (b.square() - a * &c * 4.0).clamp_min(0.0).sqrt();
        let t = c * 2.0 / (-b - root);
        let (_, ladj) = bin.at(&t);
        (t * bin.width + bin.x, -ladj)
    }
}

impl Bin {
    /// Value and log-derivative at the fraction `t` of the bin.
    fn at(&self, t: &Tensor) -> (Tensor, Tensor) {
        let mean = &self.height / &self.width;
        let rest = 1.0 - t;
        let between = t * &rest;
        let square = t.square();
        let below = &mean + (&self.left + &self.right - &mean * 2.0) * &between;
        let above = &square * &mean + &self.left * &between;
        let y = &self.y + &self.height * above / &below;
        let slope = &self.right * square + &mean * between * 2.0 + &self.left * rest.square();
        let ladj = mean.log() * 2.0 + slope.log() - below.log() * 2.0;
        (y, ladj)
    }
}
