//! How a run ended, and what to do about it.
use std::fmt;

use serde::{Deserialize, Serialize};

use super::round::Round;
use crate::config::active_learning::ActiveLearningConfig;

/// Why the rounds stopped. The text is advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing new in reach, spread and change of F below the tolerance, weights good.
    Converged,
    /// The budget of energy calls is spent.
    EnergyBudget,
    /// The limit of rounds is reached.
    RoundLimit,
    /// Not one draw has a weight: there is nothing to go on with.
    NoUsableDraw,
}

/// Training steps none of whose draws had an energy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Steps in a row.
    pub steps: usize,
    /// Their energy calls.
    pub draws: usize,
    /// Status of the last configuration that failed; 0 if energies were there, and the flow's density was not.
    pub status: i32,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, draws, status } = self;
        let meaning = freeland_loader::status_name(*status);
        write!(
            f,
            "the potential failed for every configuration of {steps} training steps in a row ({draws} energy calls); the last \
             status was {status} ({meaning}); check it with `freeland evaluate` on the starting data"
        )
    }
}

impl Outcome {
    /// Decides after a round whether to stop, without any knowledge of the true F.
    pub fn of(round: &Round, energy_calls: u64, config: &ActiveLearningConfig) -> Option<Self> {
        let settled = round.change_kt.is_some_and(|change| change < config.tolerance.0);
        let agreed = round.rms_std_kt < config.tolerance.0;
        let sampled = round.ess_fraction > config.least_ess_fraction;
        if round.added == 0 && settled && agreed && sampled {
            Some(Self::Converged)
        } else if energy_calls + config.batch as u64 > config.max_energy_calls {
            Some(Self::EnergyBudget)
        } else if round.index >= config.max_rounds {
            Some(Self::RoundLimit)
        } else {
            None
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => {
                "converged: no walker finds anything new below the cap, and the ensemble agrees within the tolerance"
            }
            Self::EnergyBudget => {
                "the budget of energy calls is spent; look at the spread in the report, and go on with \
                 --resume and a larger --max-energy-calls if it is too large"
            }
            Self::RoundLimit => {
                "the limit of rounds is reached; look at the spread in the report, and go on with --resume after raising \
                 active-learning.max-rounds in the run folder's config.toml if it is too large"
            }
            Self::NoUsableDraw => "no draw has an energy: there is nothing to learn from",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ActiveLearningConfig {
        let text = "max-energy-calls = 1000\nmax-free-energy = \"10 kT\"\nbatch = 100\nmax-rounds = 5\ntolerance = \"0.1 kT\"\n\
                    least-ess-fraction = 0.2";
        toml::from_str(text).unwrap()
    }

    /// A round that converges the run, as it stands.
    fn round() -> Round {
        Round {
            index: 3,
            added: 0,
            walkers_at_frontier: 0.0,
            draws: 100,
            failed: 0,
            clipped: 0,
            filtered: 0,
            loss_kt: 1.0,
            ess_fraction: 0.5,
            max_std_kt: 1.0,
            rms_std_kt: 0.05,
            change_kt: Some(0.05),
            energy_calls: 500,
            wall_seconds: 1.0,
        }
    }

    #[test]
    fn every_outcome_has_its_reason() {
        let converged = Some(Outcome::Converged);
        let cases: [(Round, u64, Option<Outcome>); 11] = [
            (round(), 500, converged),
            (round(), 1000, converged),
            (Round { added: 1, ..round() }, 500, None),
            (Round { change_kt: None, ..round() }, 500, None),
            (Round { change_kt: Some(0.2), ..round() }, 500, None),
            (Round { rms_std_kt: 0.2, ..round() }, 500, None),
            (Round { rms_std_kt: f64::NAN, ..round() }, 500, None),
            (Round { ess_fraction: 0.1, ..round() }, 500, None),
            (Round { ess_fraction: f64::NAN, ..round() }, 900, None),
            (Round { added: 1, index: 5, ..round() }, 901, Some(Outcome::EnergyBudget)),
            (Round { added: 1, index: 5, ..round() }, 900, Some(Outcome::RoundLimit)),
        ];
        for (round, calls, expected) in cases {
            assert_eq!(Outcome::of(&round, calls, &config()), expected, "{round:?} {calls}");
        }
    }
}
