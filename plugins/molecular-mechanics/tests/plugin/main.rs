//! The plugin as a host sees it, against OpenMM and against itself.
mod bonds;
mod built_in;
mod constraints;
mod copies;
mod custom_forces;
mod elementary;
mod large;
mod memory;
mod openmm;
mod outputs;
mod refusals;
mod robust;
mod terms;
