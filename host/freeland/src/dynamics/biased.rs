//! Langevin dynamics and metadynamics: one bias for all walkers, which grows, is frozen, and is reweighted.
use super::bias::{Bias, Walls};
use super::crowd::{Crowd, LARGEST_BLOCK, Segment};
use super::error::DynamicsError;
use super::grid_bias::{GridBias, Walled};
use super::hills::Hills;
use super::histogram::Sampled;
use super::langevin::{Langevin, WalkersState};
use super::rotamers::Findings;
use super::snapshot::{Numbers, Snapshot};
use super::stability::stable;
use crate::config::sampling::SamplingConfig;
use crate::space::Grid;
use crate::system::{Phase, System};

/// Groups of walkers that errors are taken from, at least, where there are as many walkers.
const GROUPS: usize = 16;
/// More than the weights of all steps of a run can be in one bin: each is 1 at most.
const LARGEST_TALLY: f64 = 1e18;
/// Steps between two moments at which a run may be interrupted, once the bias is frozen.
const SEGMENT: usize = 200;

/// A run with one bias, or none, for all walkers.
///
/// While hills are added nothing is counted. With the bias frozen, walkers sample `exp(-u - V(s))` in equilibrium, so that every
/// step counts with weight `exp(V(s))`, exactly; walkers are independent of each other, and groups of them give the error.
#[derive(Debug)]
pub struct Biased {
    bins: Grid,
    walls: Walls,
    crowd: Crowd,
    walkers: usize,
    hills: Option<(Hills, GridBias)>,
    /// Steps of each walker: while hills are added, before counting, counted.
    phases: [(Phase, usize); 3],
    pace: usize,
    done: usize,
    segment: u64,
    /// Weights by bin of every block.
    tallies: Vec<Vec<f64>>,
}

impl Biased {
    /// Nothing done yet. With `hills` it is metadynamics.
    ///
    /// # Errors
    /// The grid of the bias would be too large.
    pub fn new(
        system: &System,
        config: &SamplingConfig,
        hills: bool,
        dynamics: Langevin,
        seed: u64,
    ) -> Result<Self, DynamicsError> {
        let section = &config.metadynamics;
        let hills = hills.then(|| {
            let height_kt = section.height.in_kt(system.kt());
            Hills::new(system.coarse(), height_kt, section.relative_width, section.bias_factor)
        });
        let hills = hills.map(|hills| hills.grid(system.coarse()).map(|grid| (hills, grid))).transpose()?;
        let block = (config.walkers / GROUPS).clamp(1, LARGEST_BLOCK);
        let bins = Grid::bins(system.coarse());
        let build_up = if hills.is_some() { section.build_up_steps } else { 0 };
        Ok(Self {
            walls: Walls::new(system.coarse()),
            crowd: Crowd::new(dynamics, seed, block),
            walkers: config.walkers,
            hills,
            phases: [
                (Phase::BuildUp, build_up),
                (Phase::Equilibration, config.equilibration_steps),
                (Phase::Production, config.steps),
            ],
            pace: section.pace,
            done: 0,
            segment: 0,
            tallies: vec![vec![0.0; bins.count()]; config.walkers.div_ceil(block)],
            bins,
        })
    }

    /// Puts all walkers at `start`; one energy call each.
    pub fn populate(&mut self, system: &System, start: &[f64]) -> Result<(), DynamicsError> {
        let (phase, _) = self.now().unwrap_or((Phase::Production, 0));
        let bias = bias_of(&self.hills, &self.walls);
        self.crowd.populate(system, &start.repeat(self.walkers), self.segment, phase, &bias)?;
        self.segment += 1;
        Ok(())
    }

    /// The phase of the next step and how many steps of it are left; `None` at the end.
    fn now(&self) -> Option<(Phase, usize)> {
        let mut end = 0;
        for (phase, steps) in self.phases {
            end += steps;
            if self.done < end {
                return Some((phase, end - self.done));
            }
        }
        None
    }

    /// The phase that the next segment is in; `None` at the end.
    pub fn phase(&self) -> Option<Phase> {
        self.now().map(|(phase, _)| phase)
    }

    /// Energy calls still to come.
    pub fn calls_left(&self) -> u64 {
        (self.steps() - self.done) as u64 * self.crowd.walkers() as u64
    }

    /// Steps of each walker, all phases together.
    fn steps(&self) -> usize {
        self.phases.iter().map(|(_, steps)| steps).sum()
    }

    /// A segment: up to the next hills, or some steps.
    pub fn advance(&mut self, system: &System) -> Result<(), DynamicsError> {
        let Some((phase, left)) = self.now() else { return Ok(()) };
        let steps = left.min(if phase == Phase::BuildUp { self.pace } else { SEGMENT });
        let largest = self.hills.as_ref().map_or(0.0, |(_, grid)| grid.largest());
        let (bins, coarse) = (&self.bins, system.coarse().len());
        let bias = bias_of(&self.hills, &self.walls);
        let counts = phase == Phase::Production;
        self.crowd.advance(
            system,
            Segment { index: self.segment, steps, phase },
            &bias,
            &mut self.tallies,
            |tally, _, walkers| {
                if !counts {
                    return;
                }
                for (site, bias_kt) in walkers.sites().chunks_exact(coarse).zip(walkers.bias_kt()) {
                    if let Some(bin) = bins.index(site) {
                        tally[bin] += (bias_kt - largest).exp();
                    }
                }
            },
        )?;
        drop(bias);
        self.segment += 1;
        self.done += steps;
        if let (Phase::BuildUp, Some((hills, grid))) = (phase, &mut self.hills)
            && steps == self.pace
        {
            let sites = self.crowd.blocks().iter().flat_map(|walkers| walkers.sites().chunks_exact(coarse));
            for site in sites.filter(|site| hills.wanted(site)) {
                hills.deposit(grid, site);
            }
        }
        stable("sampling", self.crowd.restarts(), (self.done * self.crowd.walkers()) as u64)
    }

    /// Steps of all walkers that began anew because an energy failed.
    pub fn restarts(&self) -> u64 {
        self.crowd.restarts()
    }

    /// F of what was counted so far.
    ///
    /// # Errors
    /// Nothing was counted inside the ranges of the coarse variables.
    pub fn sampled(&self) -> Result<Sampled, DynamicsError> {
        Sampled::of_groups(&self.bins, &self.tallies)
    }

    /// Positions of all walkers, `[walkers][atoms * dimensions]`, nm.
    pub fn positions(&self) -> Vec<f64> {
        self.crowd.positions()
    }

    /// Everything that is needed to go on.
    pub fn snapshot(&self) -> Snapshot {
        let WalkersState { positions, velocities, gradient } = self.crowd.state();
        let mut numbers = Numbers::from([
            ("positions".to_owned(), positions),
            ("velocities".to_owned(), velocities),
            ("gradient".to_owned(), gradient),
            ("tallies".to_owned(), self.tallies.concat()),
        ]);
        if let Some((_, grid)) = &self.hills {
            numbers.insert("bias".to_owned(), grid.values().to_vec());
        }
        let counts = [("done", self.done as u64), ("segment", self.segment), ("restarts", self.restarts())];
        Snapshot {
            counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
            numbers,
            findings: Findings::default(),
        }
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// It is of another run.
    pub fn restore(&mut self, system: &System, mut snapshot: Snapshot) -> Result<(), DynamicsError> {
        let other = |what: String| DynamicsError::OtherRun { what };
        let (state, tallies) = (snapshot.take_walkers()?, snapshot.take_finite("tallies")?);
        let expected: usize = self.tallies.iter().map(Vec::len).sum();
        if tallies.len() != expected {
            return Err(other(format!("it has {} weights by bin, the run {expected}", tallies.len())));
        }
        if tallies.iter().any(|weight| !(0.0..=LARGEST_TALLY).contains(weight)) {
            return Err(other("its weights by bin are not those of steps".to_owned()));
        }
        if let Some((_, grid)) = &mut self.hills {
            let bias = snapshot.take_finite("bias")?;
            if bias.iter().any(|bias_kt| *bias_kt < 0.0) || !grid.restore(bias) {
                return Err(other("its bias is on another grid, or below zero".to_owned()));
            }
        }
        let (done, total) = (snapshot.count("done")?, self.steps() as u64);
        if done > total {
            return Err(other(format!("it has done {done} steps of each walker, the run has {total}")));
        }
        self.crowd.restore(system, &state, self.walkers, snapshot.count("restarts")?)?;
        self.tallies = tallies.chunks_exact(self.bins.count()).map(<[f64]>::to_vec).collect();
        self.done = done as usize;
        self.segment = snapshot.count("segment")?;
        Ok(())
    }
}

/// The same for all blocks.
fn bias_of<'a>(
    hills: &'a Option<(Hills, GridBias)>,
    walls: &'a Walls,
) -> impl Fn(usize) -> Box<dyn Bias + 'a> + Sync {
    move |_| match hills {
        Some((_, grid)) => Box::new(Walled { grid, walls }),
        None => Box::new(walls.clone()),
    }
}
