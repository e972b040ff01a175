//! The plugin as a host sees it, against OpenMM and against itself.
mod bonds;
mod built_in;
mod constraints;
mod custom_forces;
mod elementary;
mod memory;
mod openmm;
mod refusals;
mod robust;
