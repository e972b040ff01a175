//! Rotations of circles.

use std::f64::consts::{PI, TAU};

use tch::Tensor;

use super::transform::Transform;

/// `y = x + angle`, brought back to `[-pi, pi)`; `angle` is `[n, d]` or `[d]`. It preserves volume.
pub struct Rotation {
    /// Radian, any real number.
    pub angle: Tensor,
}

impl Transform for Rotation {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        (wrap(&(x + &self.angle)), no_volume_change(x))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        (wrap(&(y - &self.angle)), no_volume_change(y))
    }
}

/// The representative of an angle in `[-pi, pi)`; differentiable, with derivative 1.
pub fn wrap(angle: &Tensor) -> Tensor {
    (angle + PI).remainder(TAU) - PI
}

fn no_volume_change(x: &Tensor) -> Tensor {
    Tensor::zeros([x.size()[0]], (x.kind(), x.device()))
}
