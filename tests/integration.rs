//! Everything through the real parts: the binary, and plugins as dynamic libraries.

mod bad_positions;
#[cfg(feature = "science")]
mod beforehand;
mod boxes;
mod check;
mod evaluate;
mod fuzz;
mod instances;
mod isolation;
mod layers;
mod loading;
#[cfg(feature = "science")]
mod lock;
#[cfg(feature = "science")]
mod masses;
mod misbehaving;
mod molecule;
mod openmm;
mod plugins;
#[cfg(feature = "science")]
mod resume;
#[cfg(feature = "science")]
mod rotamers;
#[cfg(feature = "science")]
mod run;
#[cfg(feature = "science")]
mod sample;
#[cfg(feature = "science")]
mod science;
#[cfg(feature = "science")]
mod sessions;
#[cfg(feature = "science")]
mod soak;
mod support;
mod templates;
mod trajectories;
#[cfg(feature = "science")]
mod variables;
mod virial;
