//! What a run is between two rounds, beside its flow, its optimiser and its system.
use super::round::{Round, StartingRound};
use crate::free_energy::{Draws, Ensemble};
use crate::train::Replay;

/// Records, draws and ensemble after some round.
#[derive(Debug, Clone)]
pub struct State {
    /// How the run started.
    pub started: StartingRound,
    /// Rounds so far.
    pub rounds: Vec<Round>,
    /// Coarse points of the starting data, `[frames][coarse]`.
    pub start_sites: Vec<f64>,
    /// All draws.
    pub draws: Draws,
    /// The latest draws, for training.
    pub replay: Replay,
    /// The ensemble fitted to them.
    pub ensemble: Option<Ensemble>,
}
