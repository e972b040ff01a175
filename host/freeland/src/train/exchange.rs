//! Arrays of the science in double, tensors of the flow in its own precision.
use ndarray::{Array2, ArrayView2};
use tch::{Kind, Tensor};

use crate::device::Backend;

/// A tensor of the back end's kind on its device, of the same shape.
pub fn to_tensor(array: ArrayView2<f64>, backend: &Backend) -> Tensor {
    let shape = [array.nrows() as i64, array.ncols() as i64];
    let contiguous = array.as_standard_layout();
    let values = contiguous.as_slice().expect("standard layout is contiguous");
    Tensor::from_slice(values).view(shape).to_device(backend.device).to_kind(backend.kind)
}

/// A tensor of another's kind and device.
pub fn to_tensor_like(array: ArrayView2<f64>, like: &Tensor) -> Tensor {
    to_tensor(array, &Backend { device: like.device(), kind: like.kind() })
}

/// A two-dimensional tensor as an array.
pub fn to_array(tensor: &Tensor) -> Array2<f64> {
    let tensor = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Double).contiguous();
    let size = tensor.size();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    Array2::from_shape_vec((size[0] as usize, size[1] as usize), values).expect("a tensor of two dimensions")
}
