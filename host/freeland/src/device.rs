//! Where tensors live: the one place that names a device, seeds libtorch's generator and sets its threads.

use std::sync::OnceLock;

use tch::{Device, Kind, Tensor};

/// Device and floating-point kind of every tensor of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backend {
    /// Where tensors are allocated.
    pub device: Device,
    /// `Kind::Float` or `Kind::Double`.
    pub kind: Kind,
}

/// A device that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeviceError {
    /// The name is not one this host knows.
    #[error("device '{found}' is not known: expected \"cpu\", \"cuda\" or \"cuda:N\"")]
    UnknownName {
        /// The name that was asked for.
        found: String,
    },
    /// Only two floating-point kinds make sense here.
    #[error("a backend computes in f32 or f64, got {found:?}")]
    UnsupportedKind {
        /// The kind that was asked for.
        found: Kind,
    },
    /// The CUDA half of libtorch could not be loaded.
    #[error(
        "device '{device}' needs libtorch_cuda.so of the same libtorch (tried {tried}): {reason}; install a libtorch with CUDA, \
         or use device \"cpu\""
    )]
    LibraryNotLoaded {
        /// The device that was asked for.
        device: String,
        /// Where the library was looked for.
        tried: String,
        /// The loader's own words.
        reason: String,
    },
    /// The library is there, a device is not.
    #[error(
        "device '{device}' does not exist: libtorch sees {found} CUDA device(s); check the driver, or use device \"cpu\""
    )]
    NotFound {
        /// The device that was asked for.
        device: String,
        /// Number of CUDA devices visible.
        found: i64,
    },
}

impl Backend {
    /// The processor, in the given kind (`Kind::Float` or `Kind::Double`).
    pub const fn cpu(kind: Kind) -> Backend {
        Backend { device: Device::Cpu, kind }
    }

    /// Opens a device by name: `"cpu"`, `"cuda"` (the first one) or `"cuda:N"`.
    ///
    /// A CUDA device loads `libtorch_cuda.so` into the process, once; nothing of it is linked.
    ///
    /// # Errors
    /// [`DeviceError`], when the name or the kind is unknown, the library cannot be loaded, or there is no such device.
    pub fn open(name: &str, kind: Kind) -> Result<Backend, DeviceError> {
        if !matches!(kind, Kind::Float | Kind::Double) {
            return Err(DeviceError::UnsupportedKind { found: kind });
        }
        let index = match name.split_once(':') {
            None if name == "cpu" => return Ok(Backend::cpu(kind)),
            None if name == "cuda" => 0,
            Some(("cuda", index)) if index.parse::<u8>().is_ok() => {
                index.parse().expect("checked by the guard")
            }
            _ => return Err(DeviceError::UnknownName { found: name.to_owned() }),
        };
        load_cuda(name)?;
        let found = tch::Cuda::device_count();
        if index as i64 >= found {
            return Err(DeviceError::NotFound { device: name.to_owned(), found });
        }
        Ok(Backend { device: Device::Cuda(index), kind })
    }

    /// Seeds libtorch's global generator.
    ///
    /// Nothing in the science draws from it: every random number comes from a generator handed in. It is seeded so that
    /// an operator of libtorch that draws by itself cannot make two runs differ.
    pub fn seed(&self, seed: u64) {
        tch::manual_seed(seed as i64);
    }

    /// Sets the number of threads libtorch uses inside one operator; at least 1.
    ///
    /// Results are bitwise reproducible for one thread count, not across counts.
    pub fn set_threads(threads: usize) {
        tch::set_num_threads(threads.max(1) as i32);
    }

    /// Copies rows of numbers to a tensor `[rows, columns]` of this backend.
    ///
    /// # Panics
    /// If `values.len()` is not `rows * columns`.
    pub fn matrix(&self, values: &[f64], rows: usize, columns: usize) -> Tensor {
        assert_eq!(values.len(), rows * columns, "a matrix of {rows} x {columns} values");
        Tensor::from_slice(values)
            .view([rows as i64, columns as i64])
            .to_device(self.device)
            .to_kind(self.kind)
    }
}

/// Loads `libtorch_cuda.so` from where libtorch_cpu.so was loaded, else from the loader's search path.
fn load_cuda(device: &str) -> Result<(), DeviceError> {
    static LOADED: OnceLock<Result<(), (String, String)>> = OnceLock::new();
    let outcome = LOADED.get_or_init(|| torch_ops::load_cuda().map_err(|error| (error.tried, error.reason)));
    outcome.clone().map_err(|(tried, reason)| DeviceError::LibraryNotLoaded {
        device: device.to_owned(),
        tried,
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(Backend::open("cpu", Kind::Float).unwrap(), Backend::cpu(Kind::Float));
        for name in ["gpu", "cuda:", "cuda:x", "CPU", ""] {
            assert!(
                matches!(Backend::open(name, Kind::Float), Err(DeviceError::UnknownName { .. })),
                "{name}"
            );
        }
        assert!(matches!(Backend::open("cpu", Kind::Int), Err(DeviceError::UnsupportedKind { .. })));
    }

    #[test]
    fn a_missing_cuda_says_what_to_do() {
        if let Err(error) = Backend::open("cuda", Kind::Float) {
            assert!(error.to_string().contains("use device \"cpu\""), "{error}");
        }
    }

    #[test]
    fn a_matrix_has_the_kind_of_its_backend() {
        let matrix = Backend::cpu(Kind::Float).matrix(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
        assert_eq!((matrix.size(), matrix.kind()), (vec![2, 3], Kind::Float));
        assert_eq!(matrix.double_value(&[1, 0]), 4.0);
    }
}
