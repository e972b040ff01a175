//! Many walkers on a [`System`](crate::system::System): Langevin dynamics, metadynamics, umbrella sampling, and the frames a
//! run starts from.
mod bias;
mod biased;
mod crowd;
mod error;
mod grid_bias;
mod hills;
mod histogram;
mod hold;
mod langevin;
mod masses;
mod minimise;
mod rotamers;
mod sampling;
mod snapshot;
mod stability;
mod starting_data;
mod umbrella;
mod window_data;
mod windows;

pub use bias::{Bias, Walls};
pub use error::DynamicsError;
pub use grid_bias::{GridBias, Walled};
pub use histogram::Sampled;
pub use langevin::{Langevin, Walkers, WalkersState};
pub use rotamers::{Findings, HiddenState, KeptTorsion, RotamerSearch, Rotamers, StateTorsion};
pub use sampling::{Sampling, SamplingProgress};
pub use snapshot::{Numbers, Snapshot};
pub use starting_data::{Source, StartingData, StartingSummary};
