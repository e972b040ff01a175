//! Shift and scale on lines.

use tch::Tensor;

use super::transform::Transform;

/// `y = x exp(log_scale) + shift`, element by element; both parameters are `[n, d]`.
pub struct Affine {
    /// Added after scaling.
    pub shift: Tensor,
    /// Logarithm of the scale.
    pub log_scale: Tensor,
}

impl Transform for Affine {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        (x * self.log_scale.exp() + &self.shift, row_sum(&self.log_scale))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        ((y - &self.shift) * (-&self.log_scale).exp(), -row_sum(&self.log_scale))
    }
}

/// Sum over the last dimension, `[n, d]` to `[n]`.
pub fn row_sum(x: &Tensor) -> Tensor {
    x.sum_dim_intlist([-1i64].as_slice(), false, x.kind())
}
