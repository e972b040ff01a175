//! Objectives by example and by energy, as functions of a flow; schedules and the optimiser.
mod adam;
mod by_energy;
mod by_example;
mod defensive;
mod exchange;
mod replay;
mod schedule;

pub use adam::{Adam, AdamState};
pub use by_energy::{EnergyStep, by_energy};
pub use by_example::{ExampleRecord, by_example};
pub use defensive::Defensive;
pub use exchange::{to_array, to_tensor};
pub use replay::Replay;
pub use schedule::Schedule;
