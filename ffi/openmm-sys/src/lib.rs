//! Raw bindings to OpenMM's C wrapper, made by bindgen from `OpenMMCWrapper.h` at build time; nothing here is written
//! by hand.
//!
//! The C wrapper lets C++ exceptions through, so only functions that do not throw when their arguments are in range
//! are bound: counts, names, masses, parameters by index. Everything that can throw is in crate `openmm`, behind a shim
//! that catches.

#![allow(non_upper_case_globals, non_camel_case_types, non_snake_case, missing_docs)]

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
