//! Energy plugin `molecular-mechanics`: OpenMM Systems evaluated in SIMD batches, without OpenMM.
//!
//! One configuration per lane of a register, so that every configuration runs through the same arithmetic and gives the same
//! bits whatever else is in the batch. From the file to the numbers:
//! [`config`] says which molecule, [`xml`] reads OpenMM's System into [`system`] (forces in plain numbers), `program` rounds
//! and merges them for one precision, `kernel` evaluates a program over [`lanes`], `engine` chooses the instruction set at run
//! time, `threads` shares a batch among cores and [`potential`] is what the host sees.
pub mod config;
#[doc(hidden)]
pub mod count;
pub mod elementary;
mod engine;
mod engines;
pub mod expression;
mod kernel;
pub mod lanes;
mod molecule;
mod outputs;
pub mod potential;
mod program;
mod room;
mod solo;
pub mod system;
mod threads;
pub mod xml;

pub use potential::MolecularMechanics;

epp::export_plugin!(MolecularMechanics);
