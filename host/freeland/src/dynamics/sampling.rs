//! `freeland sample`: from a system to F(s) by long dynamics.
use super::biased::Biased;
use super::error::DynamicsError;
use super::langevin::Langevin;
use super::masses::repartitioned;
use super::minimise::minimise;
use super::profile::Profile;
use super::snapshot::Snapshot;
use crate::config::Config;
use crate::config::sampling::{Method, SamplingConfig};
use crate::system::{Phase, System};

/// A sampling run between two segments.
#[derive(Debug)]
pub struct Sampling {
    system: System,
    method: Method,
    seed: u64,
    scheme: Biased,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplingProgress {
    /// What the next segment does; `None`: the run is complete.
    pub phase: Option<Phase>,
    /// Energy calls so far.
    pub energy_calls: u64,
    /// Energy calls that are known to come.
    pub calls_left: u64,
}

impl Sampling {
    /// Minimises if asked to, and puts walkers at the start.
    ///
    /// # Errors
    /// A setting is missing, the start has no energy, or the plugin fails as a whole.
    pub fn start(system: System, config: &Config, method: Method) -> Result<Self, DynamicsError> {
        let mut run = Self::new(system, config, method)?;
        let mut start = run.system.start().to_vec();
        if config.sampling.minimise == Some(true) {
            start = minimise(&run.system, &start)?;
        }
        run.scheme.populate(&run.system, &start, config.sampling.walkers)?;
        Ok(run)
    }

    /// Goes on from a snapshot; `system` has its counts of energy calls already.
    ///
    /// # Errors
    /// The snapshot is of another run, or a setting is missing.
    pub fn resume(
        system: System,
        config: &Config,
        method: Method,
        snapshot: Snapshot,
    ) -> Result<Self, DynamicsError> {
        let mut run = Self::new(system, config, method)?;
        run.scheme.restore(&run.system, snapshot)?;
        Ok(run)
    }

    fn new(system: System, config: &Config, method: Method) -> Result<Self, DynamicsError> {
        if system.coarse().is_empty() {
            return Err(DynamicsError::NoVariables);
        }
        let dynamics = dynamics(&system, &config.sampling)?;
        let hills = method == Method::Metadynamics;
        let scheme = Biased::new(&system, &config.sampling, hills, dynamics, config.seed)?;
        Ok(Self { system, method, seed: config.seed, scheme })
    }

    /// Goes a segment further; `false` when there is nothing left to do.
    ///
    /// # Errors
    /// The plugin fails as a whole, or the integration does not hold.
    pub fn advance(&mut self) -> Result<bool, DynamicsError> {
        if self.scheme.phase().is_none() {
            return Ok(false);
        }
        self.scheme.advance(&self.system)?;
        Ok(self.scheme.phase().is_some())
    }

    /// How far it is.
    pub fn progress(&self) -> SamplingProgress {
        SamplingProgress {
            phase: self.scheme.phase(),
            energy_calls: self.system.energy_calls().total(),
            calls_left: self.scheme.calls_left(),
        }
    }

    /// F of what was sampled so far.
    ///
    /// # Errors
    /// Nothing was counted yet.
    pub fn profile(&self) -> Result<Profile, DynamicsError> {
        self.scheme.profile()
    }

    /// Everything that is needed to go on, besides the counts of energy calls.
    pub fn snapshot(&self) -> Snapshot {
        self.scheme.snapshot()
    }

    /// How often a walker was put back because its energy failed.
    pub fn restarts(&self) -> u64 {
        self.scheme.restarts()
    }

    /// The system.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

fn dynamics(system: &System, config: &SamplingConfig) -> Result<Langevin, DynamicsError> {
    let missing = |key, example| DynamicsError::Missing { key, example };
    let time_step = config.time_step.ok_or_else(|| missing("time-step", "1 fs"))?;
    let friction = config.friction.ok_or_else(|| missing("friction", "5 /ps"))?;
    let masses = repartitioned(system, config.hydrogen_mass.map(|mass| mass.0));
    Ok(Langevin::new(system, &masses, time_step.0, friction.0))
}
