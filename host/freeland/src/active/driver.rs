//! The loop: sites, training by energy, labels, ensemble.
use std::time::Instant;

use ndarray::{Array2, ArrayView2, s};
use thiserror::Error;

use super::observer::{Observer, Progress};
use super::outcome::{Outcome, Unusable};
use super::round::{Round, StartingRound};
use super::seeding::{Purpose, generator};
use super::sites::{Frontier, SiteFinder, scatter, shuffled};
use super::state::State;
use crate::config::Config;
use crate::config::starting_data::StartingDataConfig;
use crate::device::Backend;
use crate::dynamics::{DynamicsError, RotamerSearch, Source};
use crate::flow::{ConditionalFlow, FlowError, FlowShape};
use crate::free_energy::{Draws, Ensemble, FitError, ess_fraction};
use crate::landscape::Landscape;
use crate::system::{System, SystemError};
use crate::train::{Adam, EnergyStep, Replay, Schedule, by_energy, by_example};

/// Steps whose weights count as of one flow.
const GENERATION_STEPS: usize = 10;
/// Of at least so many draws, the last of the run, the effective sample size is told: one draw that outweighs all others
/// has to show.
const FEWEST_LAST_DRAWS: usize = 500;
/// The learning rate ends at this fraction of its peak.
const LAST_RATE: f64 = 0.02;
/// This many steps in a row without a single finite energy end the run.
const FAILED_STEPS: usize = 5;

/// Why a run cannot go on.
#[derive(Debug, Error)]
pub enum ActiveError {
    /// Starting data.
    #[error(transparent)]
    Dynamics(#[from] DynamicsError),
    /// The potential or the coordinates.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The flow does not fit the system.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// No free energy can be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The potential fails everywhere: [`Driver::run`] makes an outcome of it.
    #[error("{0}")]
    Unusable(Unusable),
    /// Nothing that F is a function of: only a program that makes its own configuration comes here.
    #[error("coarse.variables: a run needs at least one coarse variable, got none")]
    NoVariables,
    /// Less than what comes before training by energy: nothing was spent.
    #[error(
        "active-learning.max-energy-calls: {limit} calls do not reach: the starting data take up to {starting_data}, checks and \
         looking for rotamers up to {before}, and a training step {batch}; give at least {}, or shorten starting-data",
        starting_data + before + *batch as u64
    )]
    BudgetTooSmall {
        /// The limit.
        limit: u64,
        /// Calls of the starting data, at most.
        starting_data: u64,
        /// Calls of checks and of the search for rotamers, at most.
        before: u64,
        /// Calls of a training step.
        batch: usize,
    },
    /// Nothing may be spent any more: a run that goes on with a smaller limit.
    #[error(
        "active-learning.max-energy-calls: {limit} calls, of which {used} are spent; nothing is left to train by energy"
    )]
    NoBudget {
        /// The limit.
        limit: u64,
        /// Calls so far.
        used: u64,
    },
}

/// A run that was tried and not begun.
#[derive(Debug)]
pub struct Checked {
    source: Source,
}

/// A run between rounds.
pub struct Driver {
    config: Config,
    system: System,
    flow: ConditionalFlow,
    adam: Adam,
    state: State,
    /// F on the grid, of the ensemble of the state.
    pmf: Option<Landscape>,
    /// Why the last round was not completed.
    unusable: Option<Unusable>,
}

impl Driver {
    /// What is tried before a folder is made for the run: its budget, the frames that it was given, the energy. Coordinates
    /// are those of the run afterwards.
    ///
    /// # Errors
    /// The budget does not reach for what comes before training by energy and for a step of that; the frames cannot be read;
    /// what [`System::check_for_flow`] refuses; dynamics cannot move the molecule; the flow's device is not there.
    pub fn check(config: &Config, system: &mut System) -> Result<Checked, ActiveError> {
        // Before anything of libtorch is used: it looks for CUDA once.
        Backend::try_from(&config.flow).map_err(FlowError::from)?;
        if system.coarse().is_empty() {
            return Err(ActiveError::NoVariables);
        }
        let active = &config.active_learning;
        let (limit, batch) = (active.max_energy_calls, active.batch);
        let starting_data = config.starting_data.calls();
        let frames = matches!(config.starting_data, StartingDataConfig::Frames(_));
        let before = system.most_check_calls(frames) + RotamerSearch::new(system, limit).most_calls();
        if limit < starting_data.saturating_add(before).saturating_add(batch as u64) {
            return Err(ActiveError::BudgetTooSmall { limit, starting_data, before, batch });
        }
        let source = Source::open(system, &config.starting_data)?;
        system.check_for_flow(&config.coordinates, source.given())?;
        Ok(Checked { source })
    }

    /// Starting data, standardisation, and training by example.
    ///
    /// `checked`: of the same configuration and system.
    pub fn start(
        config: Config,
        mut system: System,
        checked: Checked,
        observer: &mut dyn Observer,
    ) -> Result<Self, ActiveError> {
        let clock = Instant::now();
        let mut rotamers = RotamerSearch::new(&system, config.active_learning.max_energy_calls);
        rotamers.begin(&system, system.start())?;
        let mut rng = generator(config.seed, 0, Purpose::Start);
        let data = checked.source.frames(&system, &mut rng, &mut |fraction| {
            observer.progress(&Progress::StartingData { fraction }, system.energy_calls().total());
        })?;
        let frames = data.frames.as_slice().expect("frames are in standard layout");
        rotamers.finish(&system, &frames.chunks_exact(system.size()).collect::<Vec<_>>())?;
        let rotamers = rotamers.record(&system);
        system.standardise(data.frames.view())?;
        let internal = system.to_internal(data.frames.view())?;
        let flow = new_flow(&config, &system)?;
        let mut rng = generator(config.seed, 0, Purpose::ByExample);
        let calls = system.energy_calls().total();
        let epochs = config.training.by_example.epochs;
        let records = by_example(
            &flow,
            internal.s.view(),
            internal.x.view(),
            &config.training.by_example,
            &mut rng,
            &mut |record| observer.progress(&Progress::ByExample { record: *record, epochs }, calls),
        );
        let started = StartingRound {
            index: 0,
            starting_data: data.summary,
            checks: system.checks().clone(),
            rotamers,
            held_out_loss: records.iter().map(|r| r.held_out).fold(f64::INFINITY, f64::min),
            epochs: records.len(),
            energy_calls: calls,
            wall_seconds: clock.elapsed().as_secs_f64(),
        };
        observer.started(&started);
        let adam = Adam::new(flow.parameters());
        let state = State {
            started,
            rounds: Vec::new(),
            start_sites: internal.s.iter().copied().collect(),
            draws: Draws::new(system.coarse().len()),
            replay: Replay::new(system.coarse().len(), system.fine().len(), config.training.replay.capacity),
            ensemble: None,
        };
        Ok(Self { config, system, flow, adam, state, pmf: None, unusable: None })
    }

    /// Goes on from a checkpoint: `system`, `flow`, `adam` and `state` as they were after some round.
    pub fn resume(config: Config, system: System, flow: ConditionalFlow, adam: Adam, state: State) -> Self {
        let pmf = state.ensemble.as_ref().map(|ensemble| ensemble.landscape(system.coarse()));
        Self { config, system, flow, adam, state, pmf, unusable: None }
    }

    /// Rounds until there is a reason to stop. `save` is called after every complete round.
    pub fn run<E: From<ActiveError>>(
        &mut self,
        observer: &mut dyn Observer,
        save: &mut dyn FnMut(&Self) -> Result<(), E>,
    ) -> Result<Outcome, E> {
        loop {
            if let Some(outcome) = self.outcome() {
                return Ok(outcome);
            }
            match self.round(observer) {
                Ok(_) => save(self)?,
                Err(ActiveError::Unusable(unusable)) => {
                    self.unusable = Some(unusable);
                    return Ok(Outcome::NoUsableDraw);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Why to stop now, if there is a reason.
    pub fn outcome(&self) -> Option<Outcome> {
        let last = self.state.rounds.last()?;
        Outcome::of(last, self.system.energy_calls().total(), &self.config.active_learning)
    }

    /// Steps without a single usable draw, if they ended the run.
    pub fn unusable(&self) -> Option<&Unusable> {
        self.unusable.as_ref()
    }

    /// One round: choose sites, train by energy on them, fit the ensemble to all draws.
    pub fn round(&mut self, observer: &mut dyn Observer) -> Result<Round, ActiveError> {
        let clock = Instant::now();
        let index = self.state.rounds.len() + 1;
        let active = self.config.active_learning.clone();
        let used = self.system.energy_calls().total();
        let affordable = active.max_energy_calls.saturating_sub(used) as usize / active.batch;
        let steps = active.steps_per_round.min(affordable);
        if steps == 0 {
            return Err(ActiveError::NoBudget { limit: active.max_energy_calls, used });
        }
        let (sites, frontier) = self.sites(index, steps * active.batch);

        let (mut failed, mut clipped, mut filtered, mut losses) = (0, 0, 0, Vec::new());
        let mut rng = generator(self.config.seed, index, Purpose::ByEnergy);
        let (mut failed_in_a_row, mut last_status) = (0, 0);
        for step in 0..steps {
            let batch = sites.slice(s![step * active.batch..(step + 1) * active.batch, ..]);
            let rate = self.learning_rate();
            let result = by_energy(
                &self.flow,
                &self.system,
                batch,
                &self.config.training.by_energy,
                &mut self.adam,
                rate,
                &mut rng,
            )?;
            failed_in_a_row = if result.failed == batch.nrows() { failed_in_a_row + 1 } else { 0 };
            last_status = if result.failed > 0 { result.last_status } else { last_status };
            if failed_in_a_row == FAILED_STEPS {
                let draws = FAILED_STEPS * batch.nrows();
                let unusable = Unusable { steps: FAILED_STEPS, draws, status: last_status };
                return Err(ActiveError::Unusable(unusable));
            }
            if step % GENERATION_STEPS == 0 {
                self.state.draws.start_generation();
            }
            let ess_fraction = self.keep(batch, &result);
            for _ in 0..self.replay_steps() {
                let limits = (rate, self.config.training.by_energy.clip_norm);
                let replay = &self.config.training.replay;
                self.state.replay.step(&self.flow, replay, active.batch, &mut self.adam, limits, &mut rng);
            }
            failed += result.failed;
            clipped += result.clipped;
            filtered += result.filtered;
            losses.push(result.loss_kt);
            let progress = Progress::ByEnergy {
                round: index,
                step: step + 1,
                steps,
                loss_kt: result.loss_kt,
                ess_fraction,
                failed: result.failed,
                rms_std_kt: self.state.rounds.last().map(|round| round.rms_std_kt),
            };
            observer.progress(&progress, self.system.energy_calls().total());
        }

        let mut rng = generator(self.config.seed, index, Purpose::Members);
        if self.state.draws.log_w().iter().all(|log_w| !log_w.is_finite()) {
            let unusable = Unusable { steps, draws: self.state.draws.len(), status: last_status };
            return Err(ActiveError::Unusable(unusable));
        }
        let ensemble =
            Ensemble::fit(self.system.coarse(), &self.state.draws, &self.config.free_energy, &mut rng)?;
        let mut scratch = ensemble.scratch();
        let largest = self.config.training.replay.largest_ratio;
        self.state.replay.normalise(largest, |s| ensemble.f_kt(s, &mut scratch));
        let pmf = ensemble.landscape(self.system.coarse());
        let last = (GENERATION_STEPS * active.batch).max(FEWEST_LAST_DRAWS);
        let ess_fraction = ensemble.ess_fraction(&self.state.draws, last);
        self.state.ensemble = Some(ensemble);
        let spread = pmf.spread_below(active.max_free_energy.0);
        let tail = &losses[losses.len() - losses.len().div_ceil(10)..];
        let round = Round {
            index,
            added: frontier.centres.len() / self.system.coarse().len(),
            walkers_at_frontier: frontier.walkers as f64 / active.walkers as f64,
            draws: sites.nrows(),
            failed,
            clipped,
            filtered,
            loss_kt: tail.iter().sum::<f64>() / tail.len() as f64,
            ess_fraction,
            max_std_kt: spread.largest_kt,
            rms_std_kt: spread.rms_kt,
            change_kt: (self.pmf.as_ref()).map(|before| pmf.change_below(before, active.max_free_energy.0)),
            energy_calls: self.system.energy_calls().total(),
            wall_seconds: clock.elapsed().as_secs_f64(),
        };
        observer.round(&round);
        self.state.rounds.push(round.clone());
        self.pmf = Some(pmf);
        Ok(round)
    }

    /// F on the grid, once there is an ensemble.
    pub fn pmf(&self) -> Option<&Landscape> {
        self.pmf.as_ref()
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The system, with its counters.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The flow as it is now.
    pub fn flow(&self) -> &ConditionalFlow {
        &self.flow
    }

    /// The optimiser as it is now.
    pub fn optimiser(&self) -> &Adam {
        &self.adam
    }

    /// Records, draws and ensemble.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Draws of one step, for the labels and for replay. Returns the effective sample size of their weights, normalised by
    /// the F of the ensemble where there is one, as a fraction.
    fn keep(&mut self, sites: ArrayView2<f64>, result: &EnergyStep) -> f64 {
        let mut known = self.state.ensemble.as_ref().map(|ensemble| (ensemble, ensemble.scratch()));
        let largest = self.config.training.replay.largest_ratio;
        let mut normalised = result.log_w.clone();
        for ((s, x), log_w) in sites.rows().into_iter().zip(result.x.rows()).zip(&mut normalised) {
            let site = s.as_slice().expect("sites are in standard layout");
            self.state.draws.push(site, *log_w);
            let f_kt = known.as_mut().map(|(ensemble, scratch)| ensemble.f_kt(site, scratch));
            self.state.replay.push(s, x, *log_w, f_kt, largest);
            *log_w += f_kt.unwrap_or(0.0);
        }
        ess_fraction(&normalised)
    }

    fn replay_steps(&self) -> usize {
        if self.state.ensemble.is_some() { self.config.training.replay.steps } else { 0 }
    }

    /// Sites of a round: around the frontier as far as there is one, and the rest inside of what is known.
    fn sites(&self, index: usize, count: usize) -> (Array2<f64>, Frontier) {
        let (seed, active) = (self.config.seed, &self.config.active_learning);
        let variables = self.system.coarse();
        let mut rng = generator(seed, index, Purpose::Sites);
        let Some(ensemble) = &self.state.ensemble else {
            let sites = scatter(&self.state.start_sites, variables, 0.5 * active.radius, count, &mut rng);
            return (shuffled(sites, variables.len(), &mut rng), Frontier::default());
        };
        let visited = self.state.draws.columns().0;
        let minimum_kt = self.pmf_minimum(ensemble);
        let finder = SiteFinder { variables, ensemble, config: active, visited, minimum_kt };
        let frontier = finder.explore(seed, index);
        let centres = frontier.centres.len() / variables.len();
        let at_frontier =
            (centres * active.sites_per_centre).min((active.frontier_share * count as f64) as usize);
        let uniform_share = if centres == 0 { active.uniform_share } else { active.uniform_share_exploring };
        let mut sites = scatter(&frontier.centres, variables, active.radius, at_frontier, &mut rng);
        sites.extend(finder.refine(count - at_frontier, seed, index, uniform_share));
        (shuffled(sites, variables.len(), &mut rng), frontier)
    }

    /// The smallest F at a site that is known well.
    fn pmf_minimum(&self, ensemble: &Ensemble) -> f64 {
        let mut scratch = ensemble.scratch();
        let draws = &self.state.draws;
        let stride = draws.len().div_ceil(20_000);
        (0..draws.len())
            .step_by(stride)
            .map(|i| ensemble.predict(draws.s(i), &mut scratch))
            .filter(|p| p.std_kt < self.config.active_learning.spread_threshold.0)
            .map(|p| p.f_kt)
            .fold(f64::INFINITY, f64::min)
    }

    /// A cosine over the budget of energy calls, after a warm-up.
    fn learning_rate(&self) -> f64 {
        let (active, training) = (&self.config.active_learning, &self.config.training.by_energy);
        let begun = self.state.started.energy_calls;
        let steps = |calls: u64| calls.saturating_sub(begun) as usize / active.batch;
        let schedule = Schedule {
            peak: training.learning_rate,
            last: LAST_RATE * training.learning_rate,
            warm_up: training.warm_up_steps,
            steps: steps(active.max_energy_calls),
        };
        schedule.at(steps(self.system.energy_calls().total()))
    }
}

/// The flow a run starts with.
pub fn new_flow(config: &Config, system: &System) -> Result<ConditionalFlow, FlowError> {
    let shape = FlowShape {
        coarse: system.coarse().iter().map(|v| v.domain).collect(),
        coarse_ranges: system.coarse().iter().map(|v| v.range).collect(),
        fine: system.fine().iter().map(|fine| fine.scale.domain()).collect(),
    };
    ConditionalFlow::new(&shape, &config.flow, config.seed)
}
