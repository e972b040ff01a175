//! An energy computed outside libtorch, as a node of the graph.

use tch::Tensor;

use crate::bridge::{ffi, place, tensor};

/// `energies`, with `gradient` as their derivative in `x`.
///
/// `x`: `[n, ...]`; `energies`: `[n]`, any floating-point kind, kept; `gradient`: the shape of `x`. Returns `[n]`.
/// Backward multiplies `gradient` by what arrives, row by row; it is exact for one derivative, and a second one is refused.
///
/// # Panics
/// If the shapes do not fit.
///
/// ```
/// use tch::{Kind, Tensor};
///
/// let x = Tensor::from_slice(&[1.0, 2.0]).view([2, 1]).set_requires_grad(true);
/// let energies = torch_ops::foreign_energy(&x, &Tensor::from_slice(&[0.5, 2.0]), &x.detach());
/// energies.sum(Kind::Double).backward();
/// assert_eq!(x.grad().double_value(&[1, 0]), 2.0);
/// ```
pub fn foreign_energy(x: &Tensor, energies: &Tensor, gradient: &Tensor) -> Tensor {
    let mut out = Tensor::new();
    ffi::foreign_energy(tensor(x), tensor(energies), tensor(gradient), place(&mut out))
        .unwrap_or_else(|error| panic!("{error}"));
    out
}
