//! Custom libtorch autograd functions for tch.
