//! Many walkers on a [`System`](crate::system::System): Langevin dynamics, metadynamics, umbrella sampling, and the frames a
//! run starts from.
mod bias;
mod biased;
mod bins;
mod crowd;
mod error;
mod grid_bias;
mod hills;
mod hold;
mod inefficiency;
mod langevin;
mod masses;
mod mbar;
mod minimise;
mod profile;
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
pub use langevin::{Langevin, Walkers, WalkersState};
pub use profile::Profile;
pub use rotamers::{Findings, HiddenState, KeptTorsion, RotamerSearch, Rotamers, StateTorsion};
pub use sampling::{Sampling, SamplingProgress};
pub use snapshot::{Numbers, Snapshot};
pub use starting_data::{Source, StartingData, StartingSummary};
