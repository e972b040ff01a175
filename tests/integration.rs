//! Everything through the real parts: the binary, and plugins as dynamic libraries.

mod bad_positions;
mod evaluate;
mod instances;
mod misbehaving;
mod molecule;
mod plugins;
mod support;
mod trajectories;
