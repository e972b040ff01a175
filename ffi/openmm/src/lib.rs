//! Safe OpenMM System and Context; every exception becomes a Result.
