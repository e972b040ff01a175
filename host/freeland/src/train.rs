//! Objectives by example and by energy, as functions of a flow; schedules and the optimiser.
mod adam;
mod by_energy;
mod by_example;
mod replay;
mod schedule;
#[cfg(test)]
mod tests;

pub use adam::{Adam, AdamState};
pub use by_energy::{EnergyStep, by_energy};
pub use by_example::{ExampleRecord, by_example};
pub use replay::Replay;
pub use schedule::Schedule;
