//! The energy plugin `openmm`: any OpenMM System, with alanine dipeptide built in.
//!
//! Units: nm, kJ/mol. See [`Config`] for what can be set.

mod alanine;
mod config;
mod element;
mod forcefield;
mod molecule;
mod pdb;
mod pool;
mod potential;
mod terms;

pub use config::{BuiltIn, Config, Constraints, Implicit};
pub use potential::OpenMm;

epp::export_plugin!(OpenMm);
