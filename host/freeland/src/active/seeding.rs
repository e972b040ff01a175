//! Random generators made afresh for every round and phase.
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a generator is for. Numbers are part of what makes a run reproducible: never renumber.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Starting data.
    Start = 1,
    /// Training by example.
    ByExample = 2,
    /// Sites around the frontier, and the order of all.
    Sites = 3,
    /// Training by energy.
    ByEnergy = 4,
    /// Members of the ensemble.
    Members = 5,
    /// Walkers to the frontier.
    Explore = 6,
    /// Walkers inside of what is known.
    Refine = 7,
}

/// The generator of (seed, round, purpose); so a resumed run needs no generator state.
pub fn generator(seed: u64, round: usize, purpose: Purpose) -> ChaCha8Rng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(round as u64).to_le_bytes());
    bytes[16..24].copy_from_slice(&(purpose as u64).to_le_bytes());
    ChaCha8Rng::from_seed(bytes)
}
