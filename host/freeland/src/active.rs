//! Active learning: train by energy where it is worth it, fit the ensemble, walk to where it disagrees, and repeat.

mod driver;
mod observer;
mod outcome;
mod round;
mod seeding;
mod sites;
mod state;

pub use driver::{ActiveError, Checked, Driver, new_flow};
pub use observer::{Observer, Progress};
pub use outcome::{Outcome, Unusable};
pub use round::{Round, StartingRound};
pub use state::State;
