//! Langevin dynamics and metadynamics: one bias for all walkers, which grows, is frozen, and is reweighted.
use super::bias::{Bias, Walls};
use super::bins::Bins;
use super::crowd::{Crowd, LARGEST_BLOCK, Segment};
use super::error::DynamicsError;
use super::grid_bias::{GridBias, Walled};
use super::hills::Hills;
use super::langevin::{Langevin, WalkersState};
use super::profile::Profile;
use super::snapshot::{Numbers, Snapshot};
use super::stability::stable;
use crate::config::sampling::SamplingConfig;
use crate::system::{Phase, System};

/// Groups of walkers that errors are taken from, at least, where there are as many walkers.
const GROUPS: usize = 16;
/// Steps between two moments at which a run may be interrupted, once the bias is frozen.
const SEGMENT: usize = 200;

/// A run with one bias, or none, for all walkers.
///
/// While hills are added nothing is counted. With the bias frozen, walkers sample `exp(-u - V(s))` in equilibrium, so that every
/// step counts with weight `exp(V(s))`, exactly; walkers are independent of each other, and groups of them give the error.
#[derive(Debug)]
pub struct Biased {
    bins: Bins,
    walls: Walls,
    crowd: Crowd,
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
        let bins = Bins::new(system.coarse());
        let build_up = if hills.is_some() { section.build_up_steps } else { 0 };
        Ok(Self {
            walls: Walls::new(system.coarse()),
            crowd: Crowd::new(dynamics, seed, block),
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
    pub fn populate(&mut self, system: &System, start: &[f64], walkers: usize) -> Result<(), DynamicsError> {
        let (phase, _) = self.now().unwrap_or((Phase::Production, 0));
        let bias = bias_of(&self.hills, &self.walls);
        self.crowd.populate(system, &start.repeat(walkers), self.segment, phase, &bias)?;
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
        let total: usize = self.phases.iter().map(|(_, steps)| steps).sum();
        (total - self.done) as u64 * self.crowd.walkers() as u64
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
    pub fn profile(&self) -> Result<Profile, DynamicsError> {
        Profile::of_groups(&self.bins, &self.tallies)
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
        Snapshot { counts: counts.map(|(name, count)| (name.to_owned(), count)).into(), numbers }
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// It is of another run.
    pub fn restore(&mut self, system: &System, mut snapshot: Snapshot) -> Result<(), DynamicsError> {
        let state = WalkersState {
            positions: snapshot.take("positions")?,
            velocities: snapshot.take("velocities")?,
            gradient: snapshot.take("gradient")?,
        };
        let tallies = snapshot.take("tallies")?;
        let expected: usize = self.tallies.iter().map(Vec::len).sum();
        if tallies.len() != expected {
            let what = format!("it has {} weights by bin, the run {expected}", tallies.len());
            return Err(DynamicsError::OtherRun { what });
        }
        if let Some((_, grid)) = &mut self.hills
            && !grid.restore(snapshot.take("bias")?)
        {
            return Err(DynamicsError::OtherRun { what: "its bias is on another grid".to_owned() });
        }
        self.crowd.restore(system, &state, snapshot.count("restarts")?)?;
        self.tallies = tallies.chunks_exact(self.bins.count()).map(<[f64]>::to_vec).collect();
        self.done = snapshot.count("done")? as usize;
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
