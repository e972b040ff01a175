//! A double well along x1 and a harmonic one along x2.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Potential,
};

use crate::{TOY, facts, golden};

/// `U(x1, x2) = x1⁴ - b x1² + c x1 + d x2²/2`, one particle in two dimensions; meant for temperature 1.
///
/// The free energy along x1 is `x1⁴ - b x1² + c x1` at every temperature, up to a constant.
#[derive(Debug, Clone, Copy)]
pub struct DoubleWell {
    config: DoubleWellConfig,
}

/// Configuration of [`DoubleWell`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DoubleWellConfig {
    /// Depth of the wells: they lie near x1 = ±sqrt(b/2), about b²/4 below the barrier.
    pub b: f64,
    /// Tilt: the well at negative x1 is about c sqrt(2b) deeper.
    pub c: f64,
    /// Stiffness along x2, positive.
    pub d: f64,
}

impl Default for DoubleWellConfig {
    fn default() -> Self {
        Self { b: 6.0, c: 1.0, d: 1.0 }
    }
}

impl DoubleWell {
    /// U and its gradient at `(x1, x2)`.
    pub fn energy_and_gradient(&self, [x1, x2]: [f64; 2]) -> (f64, [f64; 2]) {
        let DoubleWellConfig { b, c, d } = self.config;
        let square = x1 * x1;
        let energy = (square - b) * square + c * x1 + 0.5 * d * x2 * x2;
        (energy, [(4.0 * square - 2.0 * b) * x1 + c, d * x2])
    }
}

impl Potential for DoubleWell {
    type Config = DoubleWellConfig;
    const DESCRIPTION: Description = Description { id: "double-well", name: "Double well", ..TOY };

    fn create(CreateRequest { config, .. }: CreateRequest<DoubleWellConfig>) -> Result<Self, CreateError> {
        if config.d <= 0.0 {
            let text = format!("d: must be positive, or x2 is not confined; got {}", config.d);
            return Err(CreateError::BadConfig(text));
        }
        Ok(Self { config })
    }

    fn info(&self) -> Info {
        facts::<Self>(&self.config, 1, 2)
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, gradient| {
            let (energy, slope) = self.energy_and_gradient([position[0], position[1]]);
            gradient.copy_from_slice(&slope);
            Ok(energy)
        });
        Ok(())
    }

    fn reference(&self) -> Vec<GoldenSample> {
        // Exact. They hold for the default parameters only.
        if self.config != DoubleWellConfig::default() {
            return Vec::new();
        }
        vec![
            golden(&[-1.75, 0.5], -10.62109375, &[0.5625, 0.5]),
            golden(&[1.5, -1.25], -6.15625, &[-3.5, -1.25]),
            golden(&[0.0, 0.0], 0.0, &[1.0, 0.0]),
            golden(&[2.5, 3.0], 8.5625, &[33.5, 3.0]),
        ]
    }
}
