//! What a transform is, its inverse and its composition.

use tch::Tensor;

/// An invertible map of rows, together with the logarithm of its Jacobian determinant.
///
/// Both directions take `[n, d]` and return `([n, d], ladj [n])`, differentiable in their input and in the parameters
/// behind the transform. The pair convention follows zuko's `call_and_ladj`.
pub trait Transform {
    /// `y = f(x)` and `ln |det df/dx|`.
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor);

    /// `x = f⁻¹(y)` and `ln |det df⁻¹/dy|`.
    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor);
}

/// Transforms one after the other, the first one first.
pub struct Compose<T>(pub Vec<T>);

impl<T: Transform> Transform for Compose<T> {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        chain(x, self.0.iter().map(|transform| |x: &Tensor| transform.forward(x)))
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        chain(y, self.0.iter().rev().map(|transform| |y: &Tensor| transform.inverse(y)))
    }
}

impl Transform for Box<dyn Transform + '_> {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        self.as_ref().forward(x)
    }

    fn inverse(&self, y: &Tensor) -> (Tensor, Tensor) {
        self.as_ref().inverse(y)
    }
}

fn chain<F: Fn(&Tensor) -> (Tensor, Tensor)>(x: &Tensor, steps: impl Iterator<Item = F>) -> (Tensor, Tensor) {
    let mut value = x.shallow_clone();
    let mut total: Option<Tensor> = None;
    for step in steps {
        let (next, ladj) = step(&value);
        value = next;
        total = Some(match total {
            Some(total) => total + ladj,
            None => ladj,
        });
    }
    let total = total.unwrap_or_else(|| Tensor::zeros([x.size()[0]], (x.kind(), x.device())));
    (value, total)
}
