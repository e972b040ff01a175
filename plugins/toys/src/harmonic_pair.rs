//! Two particles on a spring, the first of them in a box with hard walls.
use epp::sdk::{
    Batch, CreateError, Description, EvaluateError, GoldenSample, Info, Potential, Reference, SampleStatus,
    Topology,
};

use crate::{TOY, golden};

/// `U(x1, x2) = k (x2 - x1)²` for `0 <= x1 <= L`, two particles in one dimension; meant for temperature 1.
///
/// Where x1 is outside the box the energy is infinite: the status is "outside the domain". x2 is free. At temperature
/// T, `Z = L sqrt(π T/k)` and `p = exp(-k (x2 - x1)²/T) / Z`.
#[derive(Debug, Clone)]
pub struct HarmonicPair {
    config: HarmonicPairConfig,
    golden: Vec<GoldenSample>,
}

/// Configuration of [`HarmonicPair`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct HarmonicPairConfig {
    /// k of k (x2 - x1)², positive. The customary factor 1/2 is not there.
    pub stiffness: f64,
    /// L, positive.
    pub length: f64,
}

impl Default for HarmonicPairConfig {
    fn default() -> Self {
        Self { stiffness: 2.0, length: 4.0 }
    }
}

impl HarmonicPair {
    /// U and its gradient at `(x1, x2)`; `None` outside the box.
    pub fn energy_and_gradient(&self, [x1, x2]: [f64; 2]) -> Option<(f64, [f64; 2])> {
        let HarmonicPairConfig { stiffness, length } = self.config;
        let extension = x2 - x1;
        let slope = 2.0 * stiffness * extension;
        (0.0..=length).contains(&x1).then_some((stiffness * extension * extension, [-slope, slope]))
    }
}

impl Potential for HarmonicPair {
    type Config = HarmonicPairConfig;
    const DESCRIPTION: Description =
        Description { id: "harmonic-pair", name: "Two particles in a box on a spring", ..TOY };

    fn create(config: HarmonicPairConfig, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        for (key, value) in [("stiffness", config.stiffness), ("length", config.length)] {
            if value <= 0.0 {
                return Err(CreateError::BadConfig(format!("{key}: must be positive, got {value}")));
            }
        }
        // Exact. They hold for the default parameters only.
        let golden = if config == HarmonicPairConfig::default() {
            golden(&[(&[0.5, 0.75], 0.125), (&[0.0, -1.5], 4.5), (&[4.0, 4.25], 0.125)])
        } else {
            Vec::new()
        };
        Ok(Self { config, golden })
    }

    fn info(&self) -> Info {
        Info { atoms: 2, dimensions: 1, ..Info::default() }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, gradient| {
            let (energy, slope) =
                self.energy_and_gradient([position[0], position[1]]).ok_or(SampleStatus::OutsideDomain)?;
            gradient.copy_from_slice(&slope);
            Ok(energy)
        });
        Ok(())
    }

    fn reference(&self) -> Option<&dyn Reference> {
        (!self.golden.is_empty()).then_some(&self.golden as &dyn Reference)
    }
}
