//! All walkers of a run, in blocks that move independently of each other.
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::bias::Bias;
use super::error::DynamicsError;
use super::langevin::{Langevin, Walkers, WalkersState};
use super::minimise::bad_start;
use crate::system::{Phase, System};

/// Walkers of a block, at most: they fill the widest registers.
pub const LARGEST_BLOCK: usize = 16;

/// The walkers, their integrator, and the random numbers of the run. Each step of a block is one call of the plugin.
#[derive(Debug)]
pub struct Crowd {
    dynamics: Langevin,
    seed: u64,
    block: usize,
    blocks: Vec<Walkers>,
}

/// A stretch of a run between two checkpoints.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Its number in the run: part of what its random numbers are made from.
    pub index: u64,
    /// Steps of every walker.
    pub steps: usize,
    /// What its energy calls are counted under.
    pub phase: Phase,
}

/// A generator for one block in one segment of a run, so that a run may be interrupted between segments without keeping any
/// generator's state.
fn generator(seed: u64, segment: u64, block: usize) -> Xoshiro256PlusPlus {
    let mut chacha = ChaCha8Rng::seed_from_u64(seed);
    chacha.set_stream(segment);
    // A block of its own of the key stream: 16 words.
    chacha.set_word_pos(16 * block as u128);
    Xoshiro256PlusPlus::from_rng(&mut chacha)
}

impl Crowd {
    /// Nobody yet. `block`: walkers of a block.
    pub fn new(dynamics: Langevin, seed: u64, block: usize) -> Self {
        Self { dynamics, seed, block, blocks: Vec::new() }
    }

    /// Puts walkers at `positions`, `[walkers][atoms * dimensions]`, with fresh velocities, in place of all others. `bias`
    /// gives the bias of each block.
    ///
    /// # Errors
    /// A position has no energy, or the plugin fails as a whole.
    pub fn populate<'b>(
        &mut self,
        system: &System,
        positions: &[f64],
        segment: u64,
        phase: Phase,
        bias: &(dyn Fn(usize) -> Box<dyn Bias + 'b> + Sync),
    ) -> Result<(), DynamicsError> {
        let (dynamics, seed) = (&self.dynamics, self.seed);
        let blocks =
            positions.par_chunks(self.block * system.size()).enumerate().map(|(block, positions)| {
                let mut rng = generator(seed, segment, block);
                let bias = bias(block);
                dynamics.start(system, positions.to_vec(), Some(&*bias), phase, &mut rng)
            });
        self.blocks = blocks.collect::<Result<_, _>>()?;
        match self.blocks.iter().find(|walkers| walkers.restarts > 0) {
            Some(walkers) => Err(bad_start(walkers.last_status)),
            None => Ok(()),
        }
    }

    /// The steps of a segment, of all walkers. `observe` is called after every step of a block with the block's number, its own
    /// `tally`, and its walkers.
    ///
    /// # Errors
    /// The plugin fails as a whole.
    pub fn advance<'b, T: Send>(
        &mut self,
        system: &System,
        segment: Segment,
        bias: &(dyn Fn(usize) -> Box<dyn Bias + 'b> + Sync),
        tallies: &mut [T],
        observe: impl Fn(&mut T, usize, &Walkers) + Sync,
    ) -> Result<(), DynamicsError> {
        let (dynamics, seed) = (&self.dynamics, self.seed);
        let blocks = self.blocks.par_iter_mut().zip(tallies.par_iter_mut()).enumerate();
        blocks.try_for_each(|(block, (walkers, tally))| {
            let mut rng = generator(seed, segment.index, block);
            let bias = bias(block);
            for step in 1..=segment.steps {
                dynamics.step(system, walkers, Some(&*bias), segment.phase, &mut rng)?;
                observe(tally, step, walkers);
            }
            Ok(())
        })
    }

    /// Random numbers for decisions that belong to no block.
    pub fn shared_generator(&self, segment: u64) -> Xoshiro256PlusPlus {
        generator(self.seed, segment, u32::MAX as usize)
    }

    /// As [`Walkers::change_bias`], for walker `walker` of all.
    pub fn change_bias(&mut self, system: &System, walker: usize, slopes: impl FnOnce(&[f64], &mut [f64])) {
        self.blocks[walker / self.block].change_bias(system, walker % self.block, slopes);
    }

    /// Positions of all walkers, `[walkers][atoms * dimensions]`, nm.
    pub fn positions(&self) -> Vec<f64> {
        self.blocks.iter().flat_map(|walkers| walkers.positions().iter().copied()).collect()
    }

    /// The blocks, in order.
    pub fn blocks(&self) -> &[Walkers] {
        &self.blocks
    }

    /// Number of walkers.
    pub fn walkers(&self) -> usize {
        self.blocks.iter().map(Walkers::count).sum()
    }

    /// How often a walker was put back because its energy failed.
    pub fn restarts(&self) -> u64 {
        self.blocks.iter().map(|walkers| walkers.restarts).sum()
    }

    /// Everything of all walkers that a checkpoint needs.
    pub fn state(&self) -> WalkersState {
        let mut all = WalkersState { positions: Vec::new(), velocities: Vec::new(), gradient: Vec::new() };
        for state in self.blocks.iter().map(Walkers::state) {
            all.positions.extend(state.positions);
            all.velocities.extend(state.velocities);
            all.gradient.extend(state.gradient);
        }
        all
    }

    /// Puts back what [`state`](Self::state) gave, of so many `walkers`. `restarts`: the number so far.
    ///
    /// # Errors
    /// The lengths are not those of `walkers` in this system.
    pub fn restore(
        &mut self,
        system: &System,
        state: &WalkersState,
        walkers: usize,
        restarts: u64,
    ) -> Result<(), DynamicsError> {
        let expected = walkers.checked_mul(system.size());
        let mut lengths = [&state.positions, &state.velocities, &state.gradient].into_iter().map(Vec::len);
        if !lengths.all(|length| Some(length) == expected) {
            let what = format!(
                "its walkers are not {walkers} with {} numbers each, for place, velocity and gradient",
                system.size()
            );
            return Err(DynamicsError::OtherRun { what });
        }
        let block = self.block * system.size();
        let rows = (state.positions.chunks(block))
            .zip(state.velocities.chunks(block))
            .zip(state.gradient.chunks(block));
        self.blocks = rows
            .map(|((positions, velocities), gradient)| {
                let (positions, velocities) = (positions.to_vec(), velocities.to_vec());
                Walkers::from_state(
                    system,
                    WalkersState { positions, velocities, gradient: gradient.to_vec() },
                )
            })
            .collect();
        if let Some(first) = self.blocks.first_mut() {
            first.restarts = restarts;
        }
        Ok(())
    }
}
