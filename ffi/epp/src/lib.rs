//! The energy-plugin C ABI.
//!
//! - [`sys`] mirrors `include/epp.h`, field by field; [`versioned`] reads and writes its structs whatever their age.
//! - [`sdk`] is safe Rust for plugin authors: implement [`sdk::Potential`], name the type in [`export_plugin!`].
pub mod sdk;
pub mod sys;
pub mod versioned;
