//! A double well whose energy is an estimate, as that of a model or of a short Monte Carlo run is.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, Determinism, EvaluateError, Info, Output, Potential,
    Stream,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::{DoubleWell, DoubleWellConfig, TOY, facts};

/// `E = U(x1, x2) + s n`, with U of [`DoubleWell`] and a number n for each configuration that is drawn from the standard
/// normal distribution; the gradient is that of U.
///
/// The average of `exp(-E/T)` over n is `exp(-U/T + s²/2T²)`: weights by E lead to the distribution of U, and every free
/// energy is lower by `s²/2T`.
#[derive(Debug, Clone, Copy)]
pub struct NoisyWell {
    config: NoisyWellConfig,
    well: DoubleWell,
}

/// Configuration of [`NoisyWell`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct NoisyWellConfig {
    /// Depth of the wells: they lie near x1 = ±sqrt(b/2), about b²/4 below the barrier.
    pub b: f64,
    /// Tilt: the well at negative x1 is about c sqrt(2b) deeper.
    pub c: f64,
    /// Stiffness along x2, positive.
    pub d: f64,
    /// s, the standard deviation of the energy; not negative.
    pub noise: f64,
}

impl Default for NoisyWellConfig {
    fn default() -> Self {
        let DoubleWellConfig { b, c, d } = DoubleWellConfig::default();
        Self { b, c, d, noise: 0.5 }
    }
}

/// Its place among the outputs.
const ENERGY_VARIANCE: usize = 0;

impl NoisyWell {
    /// s n, from this stream.
    fn noise(&self, stream: Stream) -> f64 {
        let mut generator = ChaCha8Rng::seed_from_u64(stream.seed);
        generator.set_stream(stream.index);
        let number: f64 = StandardNormal.sample(&mut generator);
        self.config.noise * number
    }
}

impl Potential for NoisyWell {
    type Config = NoisyWellConfig;
    const DESCRIPTION: Description = Description {
        id: "noisy-well",
        name: "Double well with a noisy energy",
        determinism: Determinism::RunToRun,
        ..TOY
    };

    fn create(request: CreateRequest<NoisyWellConfig>) -> Result<Self, CreateError> {
        let config = request.config;
        if config.noise < 0.0 {
            return Err(CreateError::BadConfig(format!("noise: must not be negative, got {}", config.noise)));
        }
        let NoisyWellConfig { b, c, d, .. } = config;
        Ok(Self { config, well: DoubleWell::create(CreateRequest::new(DoubleWellConfig { b, c, d }))? })
    }

    fn info(&self) -> Info {
        Info { uses_seed: true, ..facts::<Self>(&self.config, 1, 2) }
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::energy_variance().describe("s², the same everywhere.")]
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each_sample(|sample, position, gradient| {
            let (energy, slope) = self.well.energy_and_gradient([position[0], position[1]]);
            gradient.copy_from_slice(&slope);
            if let Some(variance) = sample.output(ENERGY_VARIANCE) {
                variance[0] = self.config.noise * self.config.noise;
            }
            Ok(energy + self.noise(sample.stream()))
        });
        Ok(())
    }
}
