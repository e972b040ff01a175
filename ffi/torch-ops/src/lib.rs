//! Custom libtorch autograd functions for tch.

mod cuda;

pub use cuda::{CudaError, load_cuda};
