//! Many walkers on a [`System`](crate::system::System): Langevin dynamics, metadynamics, and the frames a run starts from.
mod bias;
mod langevin;
mod starting_data;

pub use bias::GridBias;
pub use langevin::{Langevin, Walkers};
pub use starting_data::{DynamicsError, StartingData, StartingSummary, prepare};
