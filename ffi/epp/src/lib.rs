//! The energy-plugin C ABI: [`sys`] mirrors `include/epp.h`, [`sdk`] is safe Rust for plugin authors.
pub mod sdk;
pub mod sys;
