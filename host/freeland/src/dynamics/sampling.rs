//! `freeland sample`: from a system to F(s) by long dynamics.
use super::biased::Biased;
use super::error::DynamicsError;
use super::histogram::Sampled;
use super::langevin::Langevin;
use super::masses;
use super::minimise::minimise;
use super::rotamers::{RotamerSearch, Rotamers};
use super::snapshot::Snapshot;
use super::umbrella::Umbrella;
use crate::config::Config;
use crate::config::sampling::{Method, SamplingConfig};
use crate::system::{Phase, System};

/// A sampling run between two segments.
#[derive(Debug)]
pub struct Sampling {
    system: System,
    method: Method,
    seed: u64,
    scheme: Scheme,
    rotamers: RotamerSearch,
}

#[derive(Debug)]
enum Scheme {
    Biased(Biased),
    Umbrella(Umbrella),
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
    /// Umbrella windows so far.
    pub windows: Option<usize>,
}

impl Sampling {
    /// Checks the start, minimises if asked to, looks for rotamers at the start, and puts walkers there.
    ///
    /// # Errors
    /// A setting is missing, the start is no configuration of the molecule or has no energy, or the plugin fails as a whole.
    pub fn start(mut system: System, config: &Config, method: Method) -> Result<Self, DynamicsError> {
        system.check_for_dynamics()?;
        let mut run = Self::new(system, config, method)?;
        let mut start = run.system.start().to_vec();
        if config.sampling.minimise == Some(true) {
            start = minimise(&run.system, &start)?;
        }
        run.rotamers.begin(&run.system, &start)?;
        match &mut run.scheme {
            Scheme::Biased(scheme) => scheme.populate(&run.system, &start)?,
            Scheme::Umbrella(scheme) => scheme.populate(&run.system, &start)?,
        }
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
        mut snapshot: Snapshot,
    ) -> Result<Self, DynamicsError> {
        let mut run = Self::new(system, config, method)?;
        if !run.rotamers.restore(&run.system, std::mem::take(&mut snapshot.findings)) {
            let what = "its rotamers are those of another molecule".to_owned();
            return Err(DynamicsError::OtherRun { what });
        }
        match &mut run.scheme {
            Scheme::Biased(scheme) => scheme.restore(&run.system, snapshot)?,
            Scheme::Umbrella(scheme) => scheme.restore(&run.system, snapshot)?,
        }
        Ok(run)
    }

    fn new(system: System, config: &Config, method: Method) -> Result<Self, DynamicsError> {
        if system.coarse().is_empty() {
            return Err(DynamicsError::NoVariables);
        }
        let dynamics = dynamics(&system, &config.sampling)?;
        let (section, seed) = (&config.sampling, config.seed);
        let scheme = match method {
            Method::Umbrella => Scheme::Umbrella(Umbrella::new(&system, section, dynamics, seed)),
            Method::Langevin => Scheme::Biased(Biased::new(&system, section, false, dynamics, seed)?),
            Method::Metadynamics => Scheme::Biased(Biased::new(&system, section, true, dynamics, seed)?),
        };
        let rotamers = RotamerSearch::new(&system, budget(section, method));
        Ok(Self { system, method, seed: config.seed, scheme, rotamers })
    }

    /// Goes a segment further; `false` when there is nothing left to do.
    ///
    /// # Errors
    /// The plugin fails as a whole, or the integration does not hold.
    pub fn advance(&mut self) -> Result<bool, DynamicsError> {
        match &mut self.scheme {
            Scheme::Biased(scheme) => scheme.advance(&self.system)?,
            Scheme::Umbrella(scheme) => scheme.advance(&self.system)?,
        }
        let goes_on = self.progress().phase.is_some();
        if !self.rotamers.is_finished() {
            self.see(!goes_on)?;
        }
        Ok(goes_on)
    }

    /// Notes where walkers are; at the end, looks for rotamers there.
    fn see(&mut self, end: bool) -> Result<(), DynamicsError> {
        let positions = match &self.scheme {
            Scheme::Biased(scheme) => scheme.positions(),
            Scheme::Umbrella(scheme) => scheme.positions(),
        };
        let frames = positions.chunks_exact(self.system.size());
        if end {
            Ok(self.rotamers.finish(&self.system, &frames.collect::<Vec<_>>())?)
        } else {
            frames.for_each(|frame| self.rotamers.visit(&self.system, frame));
            Ok(())
        }
    }

    /// States of other torsions, and which of them no walker visited so far.
    pub fn rotamers(&self) -> Rotamers {
        self.rotamers.record(&self.system)
    }

    /// How far it is.
    pub fn progress(&self) -> SamplingProgress {
        let (phase, calls_left, windows) = match &self.scheme {
            Scheme::Biased(scheme) => (scheme.phase(), scheme.calls_left(), None),
            Scheme::Umbrella(scheme) => (scheme.phase(), scheme.calls_left(), Some(scheme.windows())),
        };
        SamplingProgress { phase, energy_calls: self.system.energy_calls().total(), calls_left, windows }
    }

    /// F of what was sampled so far.
    ///
    /// # Errors
    /// Nothing was counted yet.
    pub fn sampled(&self) -> Result<Sampled, DynamicsError> {
        match &self.scheme {
            Scheme::Biased(scheme) => scheme.sampled(),
            Scheme::Umbrella(scheme) => scheme.sampled(),
        }
    }

    /// Everything that is needed to go on, besides the counts of energy calls.
    pub fn snapshot(&self) -> Snapshot {
        let scheme = match &self.scheme {
            Scheme::Biased(scheme) => scheme.snapshot(),
            Scheme::Umbrella(scheme) => scheme.snapshot(),
        };
        Snapshot { findings: self.rotamers.findings(), ..scheme }
    }

    /// How often a walker was put back because its energy failed.
    pub fn restarts(&self) -> u64 {
        match &self.scheme {
            Scheme::Biased(scheme) => scheme.restarts(),
            Scheme::Umbrella(scheme) => scheme.restarts(),
        }
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

/// Energy calls of the walkers, as far as they are known before.
fn budget(config: &SamplingConfig, method: Method) -> u64 {
    let before = if method == Method::Metadynamics { config.metadynamics.build_up_steps } else { 0 };
    config.walkers as u64 * (before + config.equilibration_steps + config.steps) as u64
}

fn dynamics(system: &System, config: &SamplingConfig) -> Result<Langevin, DynamicsError> {
    let missing = |key, example| DynamicsError::Missing { key, example };
    let time_step = config.time_step.ok_or_else(|| missing("time-step", "1 fs"))?;
    let friction = config.friction.ok_or_else(|| missing("friction", "5 /ps"))?;
    let masses = masses::of_atoms(system, "sampling", config.hydrogen_mass.map(|mass| mass.0))?;
    Ok(Langevin::new(system, &masses, time_step.0, friction.0))
}
