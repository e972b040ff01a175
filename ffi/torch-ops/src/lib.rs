//! Operators that libtorch lacks, as differentiable nodes for [`tch`].
//!
//! Like tch's own operators they panic with libtorch's message when shapes or kinds do not fit.

mod bridge;
mod cuda;
mod foreign_energy;
mod spline;

pub use cuda::{CudaError, load_cuda};
pub use foreign_energy::foreign_energy;
pub use spline::{Direction, Ends, Spline};
