//! `summary.json`: one object that says what a run was and how it ended.
use std::collections::BTreeMap;

use freeland_loader::{Faults, status_name};
use serde::{Deserialize, Serialize};

use super::verdict::Verdict;
use crate::active::{Driver, Outcome, Round};
use crate::dynamics::Rotamers;
use crate::landscape::Basins;
use crate::space::Grid;
use crate::system::{Phase, System};

/// The plugin a run used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginRecord {
    /// Id of the potential.
    pub id: String,
    /// Version it says.
    pub version: String,
    /// Of the library file.
    pub sha256: String,
    /// Of everything that decides its numbers, where it tells that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// A run that would go on with other energies than it began with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{id}' does not give the energies that this run began with (fingerprint {then} then, {now} now): its version, parameters, \
     weights or configuration have changed; put them back, or begin a new run"
)]
pub struct OtherEnergies {
    /// The potential.
    pub id: String,
    /// Its fingerprint when the run began.
    pub then: String,
    /// Its fingerprint now.
    pub now: String,
}

impl PluginRecord {
    /// Of the plugin a system has loaded.
    pub fn of(system: &System) -> Self {
        let potential = system.potential();
        let descriptor = potential.descriptor();
        let sha256 = potential.library().sha256().to_owned();
        let fingerprint = potential.info().fingerprint.clone();
        Self { id: descriptor.id.clone(), version: descriptor.version.clone(), sha256, fingerprint }
    }

    /// Whether a run that used this plugin may go on with the one that `system` has; what is odd about that, if anything.
    ///
    /// # Errors
    /// Both tell a fingerprint, and these differ.
    pub fn goes_on_with(&self, system: &System) -> Result<Option<String>, OtherEnergies> {
        let now = Self::of(system);
        match (&self.fingerprint, &now.fingerprint) {
            (Some(then), Some(now)) if then != now => {
                Err(OtherEnergies { id: self.id.clone(), then: then.clone(), now: now.clone() })
            }
            _ if self.sha256 != now.sha256 => Ok(Some(format!(
                "the plugin is not the build this run began with (sha256 {} then, {} now)",
                self.sha256, now.sha256
            ))),
            _ => Ok(None),
        }
    }
}

/// Basins that are less deep are not told, kT.
pub(super) const BASIN_DEPTH_KT: f64 = 1.0;

/// The whole of a run in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Why it stopped; absent while it goes on.
    pub outcome: Option<Outcome>,
    /// What the outcome means.
    pub advice: String,
    /// Whether the result can be trusted; absent before the first round.
    pub verdict: Option<Verdict>,
    /// Rounds of active learning.
    pub rounds: usize,
    /// Every configuration ever sent to the plugin.
    pub energy_calls: u64,
    /// The same by phase of the run.
    pub energy_calls_by_phase: BTreeMap<Phase, u64>,
    /// Those of them that had no energy, by the reason the plugin or the loader gave.
    pub failed_energy_calls: BTreeMap<String, u64>,
    /// States of other torsions, and which of them the starting data never visited.
    pub rotamers: Rotamers,
    /// Basins below the cap of the run that are deeper than 1 kT, and the passes between them; absent before the first round.
    pub basins: Option<Basins>,
    /// Draws whose energy failed, all rounds together.
    pub failed: usize,
    /// What went wrong in worker processes and was made good; absent where the plugin runs in the host's own process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// Wall-clock time of all rounds, in whatever sessions they ran.
    pub wall_seconds: f64,
    /// The plugin.
    pub plugin: PluginRecord,
    /// Version of freeland.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Quality of the result, by names of [`Round`]'s fields; null where one is no finite number.
    pub metrics: BTreeMap<String, f64>,
}

impl Summary {
    /// Of a driver between rounds.
    pub fn of(driver: &Driver, outcome: Option<Outcome>) -> Self {
        let state = driver.state();
        let mut metrics = BTreeMap::new();
        if let Some(round) = state.rounds.last() {
            metrics.insert("max_std_kt".to_owned(), round.max_std_kt);
            metrics.insert("rms_std_kt".to_owned(), round.rms_std_kt);
            metrics.insert("ess_fraction".to_owned(), round.ess_fraction);
            metrics.extend(round.change_kt.map(|change| ("change_kt".to_owned(), change)));
        }
        let rotamers = &state.started.rotamers;
        let cap_kt = driver.config().active_learning.max_free_energy.0;
        let verdict = (!state.rounds.is_empty() || driver.unusable().is_some())
            .then(|| Verdict::of_run(&state.rounds, driver.pmf(), cap_kt, driver.unusable()))
            .map(|verdict| verdict.with_unfolded_rotors(&state.started.checks))
            .map(|verdict| verdict.with_hidden_states(rotamers, "the starting data"));
        let grid = Grid::bins(driver.system().coarse());
        let basins = driver.pmf().map(|pmf| pmf.basins(&grid, BASIN_DEPTH_KT, cap_kt));
        let seconds = |round: &Round| round.wall_seconds;
        Self {
            outcome,
            advice: outcome
                .map_or_else(|| "the run is not finished".to_owned(), |outcome| outcome.to_string()),
            verdict,
            rounds: state.rounds.len(),
            energy_calls: driver.system().energy_calls().total(),
            energy_calls_by_phase: driver.system().energy_calls().by_phase(),
            failed_energy_calls: (driver.system().energy_calls().failed().into_iter())
                .map(|(status, count)| (status_name(status).to_owned(), count))
                .collect(),
            rotamers: rotamers.clone(),
            basins,
            failed: state.rounds.iter().map(|round| round.failed).sum(),
            faults: driver.system().faults(),
            wall_seconds: state.started.wall_seconds + state.rounds.iter().map(seconds).sum::<f64>(),
            plugin: PluginRecord::of(driver.system()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: driver.config().seed,
            metrics,
        }
    }
}
