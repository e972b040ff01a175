//! Operators that libtorch lacks, as differentiable nodes for [`tch`].
//!
//! Like tch's own operators they panic with libtorch's message when shapes or kinds do not fit.

mod bridge;
mod cuda;
mod spline;

pub use cuda::{CudaError, load_cuda};
pub use spline::{Direction, Ends, Spline};
