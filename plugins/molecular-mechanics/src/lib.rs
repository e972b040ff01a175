//! Energy plugin `molecular-mechanics`: OpenMM Systems evaluated in SIMD registers, without OpenMM.
//!
//! From the file to the numbers: [`config`] says which molecule, [`xml`] reads OpenMM's System into [`system`] (forces in plain
//! numbers). Then there are two engines, both over [`lanes`], whose instruction set is chosen at run time, and with the formulas
//! of `kernel`:
//!
//! - `engine` takes batches: one configuration in every lane. `program` rounds and merges the forces for one precision.
//! - `solo` takes one configuration at a time: its atoms and terms are in the lanes.
//!
//! `engines` chooses between them, `threads` shares the work among cores and [`potential`] is what the host sees.
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
