//! Umbrella sampling: windows are added where F is low enough, then all of them are sampled and put together.
use rand::Rng;

use super::bias::{Bias, Walls};
use super::crowd::{Crowd, LARGEST_BLOCK, Segment};
use super::error::DynamicsError;
use super::histogram::Sampled;
use super::langevin::{Langevin, WalkersState};
use super::rotamers::Findings;
use super::snapshot::{Numbers, Snapshot};
use super::stability::stable;
use super::window_data::WindowData;
use super::windows::{WindowBias, Windows};
use crate::config::sampling::SamplingConfig;
use crate::space::Grid;
use crate::system::{Phase, System};

/// A run with one walker in each window.
///
/// It begins with the window around the start. Every round all windows are sampled for a short time, MBAR gives their free
/// energies, and windows are added around those that are low enough; a new window gets a copy of its neighbour's walker. When
/// none is to be added, production begins. Windows next to each other exchange their walkers by the Metropolis rule, so that
/// walkers go around barriers in the coordinates that are not biased.
#[derive(Debug)]
pub struct Umbrella {
    bins: Grid,
    walls: Walls,
    crowd: Crowd,
    windows: Windows,
    /// The window of each walker.
    of_walkers: Vec<usize>,
    section: SamplingConfig,
    phase: Option<Phase>,
    /// Steps of this phase, or of this round of growth.
    done: usize,
    segment: u64,
    /// Steps of all walkers before this phase or round.
    steps_before: u64,
    /// Coarse coordinates, `[kept steps][windows][S]`.
    samples: Vec<f64>,
}

impl Umbrella {
    /// No windows yet.
    pub fn new(system: &System, config: &SamplingConfig, dynamics: Langevin, seed: u64) -> Self {
        let (variables, section) = (system.coarse(), &config.umbrella);
        Self {
            bins: Grid::bins(variables),
            walls: Walls::new(variables),
            crowd: Crowd::new(dynamics, seed, LARGEST_BLOCK),
            windows: Windows::new(variables, section.relative_spacing, section.relative_width),
            of_walkers: Vec::new(),
            section: config.clone(),
            phase: Some(Phase::BuildUp),
            done: 0,
            segment: 0,
            steps_before: 0,
            samples: Vec::new(),
        }
    }

    /// The first window, with a walker at `start`; one energy call.
    pub fn populate(&mut self, system: &System, start: &[f64]) -> Result<(), DynamicsError> {
        let mut site = vec![0.0; system.coarse().len()];
        let mut jacobian = vec![0.0; site.len() * start.len()];
        system.coarse_with_gradient(start, &mut site, &mut jacobian);
        self.windows.add(self.windows.nearest(&site))?;
        self.settle(system, start)
    }

    /// Puts the walker of window k at row k of `positions`; one energy call each.
    fn settle(&mut self, system: &System, positions: &[f64]) -> Result<(), DynamicsError> {
        self.of_walkers = (0..self.windows.count()).collect();
        let bias = bias_of(&self.windows, &self.of_walkers, &self.walls);
        self.crowd.populate(system, positions, self.segment, Phase::BuildUp, &bias)?;
        self.segment += 1;
        Ok(())
    }

    /// The phase that the next segment is in; `None` at the end.
    pub fn phase(&self) -> Option<Phase> {
        self.phase
    }

    /// Steps of each window in a phase, or in a round of growth.
    fn steps_of(&self, phase: Phase) -> usize {
        let every = self.section.umbrella.keep_every;
        match phase {
            Phase::BuildUp => self.section.umbrella.growth_steps,
            Phase::Equilibration => self.section.equilibration_steps,
            _ => {
                let share = (self.section.walkers * self.section.steps).div_ceil(self.windows.count().max(1));
                share.next_multiple_of(every)
            }
        }
    }

    /// Samples are kept behind this step of a phase.
    fn first_kept(&self, phase: Phase) -> usize {
        match phase {
            // Of growth the second half counts: new windows have to move to their place.
            Phase::BuildUp => self.steps_of(phase) / 2,
            Phase::Equilibration => self.steps_of(phase),
            _ => 0,
        }
    }

    /// How many samples of each window there are by now.
    fn frames_kept(&self) -> usize {
        let every = self.section.umbrella.keep_every;
        let Some(phase) = self.phase else { return self.steps_of(Phase::Production) / every };
        self.done / every - self.first_kept(phase).min(self.done) / every
    }

    /// Energy calls still to come with the windows there are.
    pub fn calls_left(&self) -> u64 {
        let Some(phase) = self.phase else { return 0 };
        let later = match phase {
            Phase::BuildUp => self.steps_of(Phase::Equilibration) + self.steps_of(Phase::Production),
            Phase::Equilibration => self.steps_of(Phase::Production),
            _ => 0,
        };
        (self.steps_of(phase) - self.done + later) as u64 * self.windows.count() as u64
    }

    /// A segment: up to the next exchange.
    pub fn advance(&mut self, system: &System) -> Result<(), DynamicsError> {
        let Some(phase) = self.phase else { return Ok(()) };
        let total = self.steps_of(phase);
        let steps = self.section.umbrella.exchange_every.min(total - self.done);
        let (every, done) = (self.section.umbrella.keep_every, self.done);
        let first = self.first_kept(phase);
        let bias = bias_of(&self.windows, &self.of_walkers, &self.walls);
        let mut kept = vec![Vec::new(); self.crowd.blocks().len()];
        let segment = Segment { index: self.segment, steps, phase };
        self.crowd.advance(system, segment, &bias, &mut kept, |kept, step, walkers| {
            if done + step > first && (done + step).is_multiple_of(every) {
                kept.extend_from_slice(walkers.sites());
            }
        })?;
        drop(bias);
        self.keep(&kept, system.coarse().len());
        self.exchange(system);
        self.segment += 1;
        self.done += steps;
        let all = self.steps_before + (self.done * self.crowd.walkers()) as u64;
        stable("sampling", self.crowd.restarts(), all)?;
        if self.done == total {
            self.steps_before = all;
            self.done = 0;
            self.phase = self.next(system, phase)?;
        }
        Ok(())
    }

    /// Sorts what the blocks kept, `[blocks][kept steps][walkers][S]`, by window.
    fn keep(&mut self, kept: &[Vec<f64>], coarse: usize) {
        let widths: Vec<usize> = self.crowd.blocks().iter().map(|walkers| walkers.count() * coarse).collect();
        let frames = kept.first().map_or(0, |first| first.len() / widths[0]);
        for frame in 0..frames {
            let begin = self.samples.len();
            self.samples.resize(begin + self.windows.count() * coarse, 0.0);
            let rows = kept
                .iter()
                .zip(&widths)
                .flat_map(|(kept, width)| kept[frame * width..(frame + 1) * width].chunks_exact(coarse));
            for (site, window) in rows.zip(&self.of_walkers) {
                self.samples[begin + window * coarse..][..coarse].copy_from_slice(site);
            }
        }
    }

    /// Tries to exchange the walkers of neighbouring windows, along one axis at a time.
    fn exchange(&mut self, system: &System) {
        let coarse = system.coarse().len();
        let sites: Vec<f64> =
            self.crowd.blocks().iter().flat_map(|walkers| walkers.sites().iter().copied()).collect();
        let mut walker_of = vec![0; self.windows.count()];
        for (walker, window) in self.of_walkers.iter().enumerate() {
            walker_of[*window] = walker;
        }
        let mut rng = self.crowd.shared_generator(self.segment);
        let axis = self.segment as usize % coarse;
        let odd = (self.segment as usize / coarse) % 2 == 1;
        for (a, b) in self.windows.pairs(axis, odd) {
            let (on_a, on_b) = (walker_of[a], walker_of[b]);
            let site = |walker: usize| &sites[walker * coarse..(walker + 1) * coarse];
            let energy = |window, walker| self.windows.bias(window, site(walker), None);
            let rise = energy(a, on_b) + energy(b, on_a) - energy(a, on_a) - energy(b, on_b);
            let accepted = rng.random::<f64>() < (-rise).exp();
            if !accepted {
                continue;
            }
            for (walker, from, to) in [(on_a, a, b), (on_b, b, a)] {
                self.of_walkers[walker] = to;
                let windows = &self.windows;
                self.crowd.change_bias(system, walker, |s, slopes| {
                    windows.bias(from, s, Some(slopes));
                    slopes.iter_mut().for_each(|slope| *slope = -*slope);
                    windows.bias(to, s, Some(slopes));
                });
            }
        }
    }

    /// What comes after a phase, or a round of growth, that is complete.
    fn next(&mut self, system: &System, phase: Phase) -> Result<Option<Phase>, DynamicsError> {
        Ok(match phase {
            Phase::BuildUp if self.grow(system)? => Some(Phase::BuildUp),
            Phase::BuildUp if self.section.equilibration_steps > 0 => Some(Phase::Equilibration),
            Phase::BuildUp | Phase::Equilibration => Some(Phase::Production),
            _ => None,
        })
    }

    /// Adds windows around those whose free energy is below the cap; `false` if there are none to add.
    fn grow(&mut self, system: &System) -> Result<bool, DynamicsError> {
        let cap_kt = self.section.umbrella.max_free_energy.map_or(f64::INFINITY, |cap| cap.0);
        let f_kt = self.data().free_energies()?;
        self.samples.clear();
        let lowest = f_kt.iter().copied().fold(f64::INFINITY, f64::min);
        let old = self.crowd.positions();
        let size = system.size();
        // Walkers in the order of their windows.
        let mut positions = vec![0.0; old.len()];
        for (walker, window) in self.of_walkers.iter().enumerate() {
            positions[window * size..(window + 1) * size]
                .copy_from_slice(&old[walker * size..(walker + 1) * size]);
        }
        let mut low: Vec<usize> = (0..f_kt.len()).filter(|window| f_kt[*window] - lowest < cap_kt).collect();
        // A new window gets the walker of its lowest neighbour.
        low.sort_by(|a, b| f_kt[*a].total_cmp(&f_kt[*b]));
        for window in low {
            for at in self.windows.neighbours(window) {
                if self.windows.add(at)? {
                    positions.extend_from_within(window * size..(window + 1) * size);
                }
            }
        }
        if self.windows.count() == f_kt.len() {
            return Ok(false);
        }
        self.settle(system, &positions)?;
        Ok(true)
    }

    fn data(&self) -> WindowData<'_> {
        WindowData { bins: &self.bins, windows: &self.windows, samples: &self.samples }
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.windows.count()
    }

    /// Steps of all walkers that began anew because an energy failed.
    pub fn restarts(&self) -> u64 {
        self.crowd.restarts()
    }

    /// F of what production has kept so far.
    ///
    /// # Errors
    /// There is too little of it, or windows do not overlap.
    pub fn sampled(&self) -> Result<Sampled, DynamicsError> {
        if matches!(self.phase, Some(Phase::BuildUp | Phase::Equilibration)) {
            return Err(DynamicsError::NothingInside);
        }
        self.data().sampled()
    }

    /// Positions of all walkers, `[walkers][atoms * dimensions]`, nm.
    pub fn positions(&self) -> Vec<f64> {
        self.crowd.positions()
    }

    /// Everything that is needed to go on.
    pub fn snapshot(&self) -> Snapshot {
        let WalkersState { positions, velocities, gradient } = self.crowd.state();
        let index = |index: usize| index as f64;
        let numbers = Numbers::from([
            ("positions".to_owned(), positions),
            ("velocities".to_owned(), velocities),
            ("gradient".to_owned(), gradient),
            ("samples".to_owned(), self.samples.clone()),
            ("lattice".to_owned(), self.windows.points().iter().copied().map(index).collect()),
            ("windows-of-walkers".to_owned(), self.of_walkers.iter().copied().map(index).collect()),
        ]);
        let phase = match self.phase {
            Some(Phase::BuildUp) => 0,
            Some(Phase::Equilibration) => 1,
            Some(_) => 2,
            None => 3,
        };
        let counts = [
            ("phase", phase),
            ("done", self.done as u64),
            ("segment", self.segment),
            ("steps-before", self.steps_before),
            ("restarts", self.restarts()),
        ];
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
        let other = |what: &str| DynamicsError::OtherRun { what: what.to_owned() };
        let coarse = system.coarse().len();
        let (state, samples) = (snapshot.take_walkers()?, snapshot.take_finite("samples")?);
        if !self.windows.restore(&snapshot.take("lattice")?)? {
            return Err(other("its windows are on another lattice"));
        }
        let windows = self.windows.count();
        self.of_walkers = permutation(&snapshot.take("windows-of-walkers")?, windows)
            .ok_or_else(|| other("it has not one walker for each window"))?;
        self.crowd.restore(system, &state, windows, snapshot.count("restarts")?)?;
        self.phase = match snapshot.count("phase")? {
            0 => Some(Phase::BuildUp),
            1 => Some(Phase::Equilibration),
            2 => Some(Phase::Production),
            3 => None,
            _ => return Err(other("it is in a phase that there is not")),
        };
        self.done = snapshot.count("done")? as usize;
        if self.done >= self.phase.map_or(1, |phase| self.steps_of(phase)) {
            return Err(other("it has done more steps of its phase than the run has"));
        }
        if samples.len() != self.frames_kept() * windows * coarse {
            return Err(other("it has not kept as many samples as the run has by now"));
        }
        self.samples = samples;
        self.segment = snapshot.count("segment")?;
        self.steps_before = snapshot.count("steps-before")?;
        Ok(())
    }
}

/// The numbers `0..count` in some order, as a checkpoint keeps them; `None` if they are others.
fn permutation(numbers: &[f64], count: usize) -> Option<Vec<usize>> {
    let mut seen = vec![false; count];
    let index = |number: &f64| {
        let index = *number as usize;
        let new = index < count && index as f64 == *number && !std::mem::replace(&mut seen[index], true);
        new.then_some(index)
    };
    let indices: Vec<usize> = numbers.iter().map(index).collect::<Option<_>>()?;
    (indices.len() == count).then_some(indices)
}

/// The biases of a block's walkers.
fn bias_of<'a>(
    windows: &'a Windows,
    of_walkers: &'a [usize],
    walls: &'a Walls,
) -> impl Fn(usize) -> Box<dyn Bias + 'a> + Sync {
    move |block| {
        let of_walkers = &of_walkers[block * LARGEST_BLOCK..];
        Box::new(WindowBias { windows, of_walkers, walls })
    }
}
