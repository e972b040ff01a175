//! Two particles on a spring, the first of them in a box with hard walls.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Output, Potential,
    SampleStatus,
};

use crate::{TOY, facts, golden};

/// `U(x1, x2) = k (x2 - x1)²` for `0 <= x1 <= L`, two particles in one dimension; meant for temperature 1.
///
/// Where x1 is outside the box the energy is infinite: the status is "outside the domain". x2 is free. At temperature
/// T, `Z = L sqrt(π T/k)` and `p = exp(-k (x2 - x1)²/T) / Z`.
#[derive(Debug, Clone, Copy)]
pub struct HarmonicPair {
    config: HarmonicPairConfig,
}

/// Its place among the outputs.
const VIRIAL: usize = 0;

/// Configuration of [`HarmonicPair`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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

    fn create(CreateRequest { config, .. }: CreateRequest<HarmonicPairConfig>) -> Result<Self, CreateError> {
        for (key, value) in [("stiffness", config.stiffness), ("length", config.length)] {
            if value <= 0.0 {
                return Err(CreateError::BadConfig(format!("{key}: must be positive, got {value}")));
            }
        }
        Ok(Self { config })
    }

    fn info(&self) -> Info {
        facts::<Self>(&self.config, 2, 1)
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::virial().describe("Of the spring: the walls are hard and have none.")]
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        if !batch.wants_output(VIRIAL) {
            batch.for_each(|position, gradient| {
                let place = [position[0], position[1]];
                let (energy, slope) = self.energy_and_gradient(place).ok_or(SampleStatus::OutsideDomain)?;
                gradient.copy_from_slice(&slope);
                Ok(energy)
            });
            return Ok(());
        }
        batch.for_each_sample(|sample, position, gradient| {
            let place = [position[0], position[1]];
            let (energy, slope) = self.energy_and_gradient(place).ok_or(SampleStatus::OutsideDomain)?;
            gradient.copy_from_slice(&slope);
            if let Some(virial) = sample.output(VIRIAL) {
                virial.fill(0.0);
                virial[0] = place[0] * slope[0] + place[1] * slope[1];
            }
            Ok(energy)
        });
        Ok(())
    }

    fn reference(&self) -> Vec<GoldenSample> {
        // Exact. They hold for the default parameters only.
        if self.config != HarmonicPairConfig::default() {
            return Vec::new();
        }
        vec![
            golden(&[0.5, 0.75], 0.125, &[-1.0, 1.0]),
            golden(&[0.0, -1.5], 4.5, &[6.0, -6.0]),
            golden(&[4.0, 4.25], 0.125, &[-1.0, 1.0]),
        ]
    }
}
