//! What a run tells while it works.
use super::round::{Round, StartingRound};
use crate::train::ExampleRecord;

/// A moment inside a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// Starting data are being made.
    StartingData {
        /// Fraction done.
        fraction: f64,
    },
    /// An epoch by example ended.
    ByExample {
        /// Its record.
        record: ExampleRecord,
        /// Epochs in all.
        epochs: usize,
    },
    /// A step by energy ended.
    ByEnergy {
        /// Round, from 1.
        round: usize,
        /// Step of the round, from 1.
        step: usize,
        /// Steps of the round.
        steps: usize,
        /// Loss, kT.
        loss_kt: f64,
        /// Effective sample size of the step's weights, corrected by the last F where there is one.
        ess_fraction: f64,
        /// Draws of this step that failed.
        failed: usize,
        /// Spread of the last ensemble, kT.
        rms_std_kt: Option<f64>,
    },
}

/// Listens to a run. Every method may be left out.
pub trait Observer {
    /// Often, at least every few seconds. `energy_calls`: all so far.
    fn progress(&mut self, progress: &Progress, energy_calls: u64) {
        let _ = (progress, energy_calls);
    }
    /// Once, when starting data and training by example are done.
    fn started(&mut self, round: &StartingRound) {
        let _ = round;
    }
    /// After every round.
    fn round(&mut self, round: &Round) {
        let _ = round;
    }
}
