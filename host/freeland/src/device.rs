//! The border to libtorch: where tensors live, and how numbers of the science become tensors and come back.

use std::sync::OnceLock;

use ndarray::{Array1, Array2, ArrayView, Dimension};
use tch::kind::Element;
use tch::nn::Path;
use tch::{Device, Kind, Tensor};

/// Device and floating-point kind of every tensor of a flow.
///
/// No operator that the flow uses draws random numbers: every one comes from a generator that is handed in, and libtorch's
/// own needs no seed. On the CPU results are the same bits for one number of threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backend {
    /// Where tensors are allocated.
    pub device: Device,
    /// `Kind::Float` or `Kind::Double`.
    pub kind: Kind,
}

/// A device that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// The CUDA half of libtorch could not be loaded.
    #[error(
        "device 'cuda:{index}' needs libtorch_cuda.so of the same libtorch (tried {tried}): {reason}; install a libtorch with \
         CUDA, or use device \"cpu\""
    )]
    LibraryNotLoaded {
        /// The device that was asked for.
        index: u8,
        /// Where the library was looked for.
        tried: String,
        /// The loader's own words.
        reason: String,
    },
    /// The library is there, a device is not.
    #[error(
        "device 'cuda:{index}' does not exist: libtorch sees {found} CUDA device(s); check the driver, or use device \"cpu\""
    )]
    NotFound {
        /// The device that was asked for.
        index: u8,
        /// Number of CUDA devices visible.
        found: i64,
    },
}

impl Backend {
    /// The processor, in the given kind.
    pub const fn cpu(kind: Kind) -> Backend {
        Backend { device: Device::Cpu, kind }
    }

    /// The CUDA device of an index, counted from 0. Loads `libtorch_cuda.so` into the process, once; nothing of it is linked.
    ///
    /// libtorch asks once per process whether it has CUDA: the first call comes before the first tensor.
    ///
    /// # Errors
    /// [`DeviceError`], when the library cannot be loaded or there is no such device.
    pub fn cuda(index: u8, kind: Kind) -> Result<Backend, DeviceError> {
        static LOADED: OnceLock<Result<(), torch_ops::CudaError>> = OnceLock::new();
        let loaded = LOADED.get_or_init(torch_ops::load_cuda).clone();
        loaded.map_err(|torch_ops::CudaError { tried, reason }| DeviceError::LibraryNotLoaded {
            index,
            tried,
            reason,
        })?;
        let found = tch::Cuda::device_count();
        if i64::from(index) >= found {
            return Err(DeviceError::NotFound { index, found });
        }
        Ok(Backend { device: Device::Cuda(index.into()), kind })
    }

    /// A tensor of this backend with the shape and the numbers of an array.
    pub fn tensor<T: Element + Clone, D: Dimension>(&self, array: ArrayView<'_, T, D>) -> Tensor {
        let shape: Vec<i64> = array.shape().iter().map(|size| *size as i64).collect();
        let contiguous = array.as_standard_layout();
        self.vector(contiguous.as_slice().expect("standard layout is contiguous")).view(shape.as_slice())
    }

    /// A tensor of this backend in one dimension.
    pub fn vector<T: Element>(&self, values: &[T]) -> Tensor {
        Tensor::from_slice(values).to_device(self.device).to_kind(self.kind)
    }

    /// Numbers of rows or columns on the device of this backend.
    pub fn indices(&self, values: &[i64]) -> Tensor {
        Tensor::from_slice(values).to_device(self.device)
    }

    /// The numbers of a tensor `[n, d]` of any backend.
    ///
    /// # Panics
    /// If it has another number of dimensions.
    pub fn array(tensor: &Tensor) -> Array2<f64> {
        let size = tensor.size2().expect("a tensor of two dimensions");
        Array2::from_shape_vec((size.0 as usize, size.1 as usize), numbers(tensor))
            .expect("as many as its shape says")
    }

    /// The numbers of a tensor `[n]` of any backend.
    ///
    /// # Panics
    /// If it has another number of dimensions.
    pub fn column(tensor: &Tensor) -> Array1<f64> {
        assert_eq!(tensor.dim(), 1, "a tensor of one dimension");
        Array1::from_vec(numbers(tensor))
    }
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Double).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}

/// That of the variables below a path.
impl From<&Path<'_>> for Backend {
    fn from(path: &Path<'_>) -> Backend {
        Backend { device: path.device(), kind: path.kind() }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn a_missing_cuda_says_what_to_do() {
        match Backend::cuda(200, Kind::Float) {
            Ok(_) => panic!("no machine has so many devices"),
            Err(error) => assert!(error.to_string().contains("use device \"cpu\""), "{error}"),
        }
    }

    /// There and back on every device there is; a transposed array is not the order of its memory.
    #[test]
    fn numbers_survive_the_border() {
        let numbers = array![[1.0, 2.5, -3.0], [4.0, f64::INFINITY, 6.0]];
        for backend in [Ok(Backend::cpu(Kind::Float)), Backend::cuda(0, Kind::Float)] {
            let backend = match backend {
                Ok(backend) => backend,
                Err(error) => {
                    println!("skipped: {error}");
                    continue;
                }
            };
            let tensor = backend.tensor(numbers.t());
            assert_eq!(
                (tensor.size(), tensor.kind(), tensor.device()),
                (vec![3, 2], backend.kind, backend.device)
            );
            assert_eq!(Backend::array(&tensor), numbers.t());
            assert_eq!(Backend::array(&tensor.tr()), numbers);
            assert_eq!(Backend::column(&tensor.select(1, 0)), numbers.row(0));
            let rows = tensor.index_select(0, &backend.indices(&[2, 0]));
            assert_eq!(Backend::array(&rows), array![[-3.0, 6.0], [1.0, 4.0]]);
            let none = backend.tensor(Array2::<f32>::zeros((0, 4)).view());
            assert_eq!((none.size(), Backend::array(&none).dim()), (vec![0, 4], (0, 4)));
        }
    }
}
