//! Where a configuration's random numbers come from.

/// The stream of random numbers of one configuration: it draws from (seed, index) and nothing else, so that a host may
/// cut a batch into pieces without changing anything.
///
/// A generator with numbered streams takes both as they are:
///
/// ```
/// use rand_chacha::ChaCha8Rng;
/// use rand_chacha::rand_core::{RngCore, SeedableRng};
///
/// let stream = epp::sdk::Stream { seed: 7, index: 3 };
/// let mut generator = ChaCha8Rng::seed_from_u64(stream.seed);
/// generator.set_stream(stream.index);
/// let number = generator.next_u64();
/// ```
///
/// Say [`Info::uses_seed`](super::Info::uses_seed) where one is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Of the call.
    pub seed: u64,
    /// Of the configuration, counted by the host across calls.
    pub index: u64,
}
