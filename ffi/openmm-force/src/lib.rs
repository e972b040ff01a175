//! `libepp_openmm.so`: an OpenMM Force that evaluates an energy plugin.
//!
//! The Force is C++, in `cpp`; OpenMM finds it by `registerKernelFactories`. The plugin behind it is opened and called by
//! the Rust half, through `freeland-loader`. Between the two lie the C functions of `cpp/seam.h`: no exception and no
//! panic crosses them.

// Linked for libOpenMM.so, which it names to the linker; none of its functions is called.
use openmm_sys as _;

mod exports;
mod instance;
mod log;
mod seam;
