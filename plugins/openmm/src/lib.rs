//! The energy plugin `openmm`: any OpenMM System, with alanine dipeptide built in.
//!
//! Units: nm, kJ/mol. See [`Config`] for what can be set.

mod config;
mod forcefield;
mod molecule;
mod orientation;
mod outputs;
mod pool;
mod potential;
mod terms;

pub use config::Config;
pub use potential::OpenMm;

epp::export_plugin!(OpenMm);
