//! Wip.
pub mod angle;
mod derive;
mod geometry;
mod internal;
mod rotor;
pub mod scale;
mod vector;
mod z_matrix;
