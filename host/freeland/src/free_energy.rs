//! From importance weights to free energies: [`Draws`] are the labels, [`Ensemble`] is what is fitted to them, whose
//! [`Ensemble::landscape`] is what a person reads.
mod basis;
mod draws;
mod ensemble;
mod fit;
mod on_grid;
#[cfg(test)]
mod tests;

pub use basis::Basis;
pub use draws::{Draws, ess_fraction};
pub use ensemble::{Coefficients, Ensemble, Prediction, Scratch};
pub use fit::FitError;
