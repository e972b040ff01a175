//! The potential of Müller and Brown: three wells in a plane.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Potential,
};

use crate::{GOLDEN_TOLERANCE, TOY, facts};

/// `V(x, y) = Σ_j A_j exp[a_j (x-X_j)² + b_j (x-X_j)(y-Y_j) + c_j (y-Y_j)²]`, one particle in two dimensions.
///
/// Energies are V itself. At temperature 10 (beta = 0.1, in the units of V) the three wells, about -147, -108 and -81
/// deep, are 15, 11 and 8 kT deep. Source: Müller and Brown, Theor. Chim. Acta 53, 75 (1979).
#[derive(Debug, Clone)]
pub struct MuellerBrown {
    config: MuellerBrownConfig,
}

/// Configuration of [`MuellerBrown`].
#[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MuellerBrownConfig {
    /// The sum's terms, `amplitude * exp(xx dx² + xy dx dy + yy dy²)` with `dx = x - centre[0]`, `dy = y - centre[1]`.
    /// The default are the four of Müller and Brown.
    pub terms: Vec<MuellerBrownTerm>,
}

/// One exponential of the sum.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MuellerBrownTerm {
    /// A, in units of energy.
    pub amplitude: f64,
    /// a, coefficient of dx².
    pub xx: f64,
    /// b, coefficient of dx dy.
    pub xy: f64,
    /// c, coefficient of dy².
    pub yy: f64,
    /// (X, Y).
    pub centre: [f64; 2],
}

const fn term(amplitude: f64, xx: f64, xy: f64, yy: f64, centre: [f64; 2]) -> MuellerBrownTerm {
    MuellerBrownTerm { amplitude, xx, xy, yy, centre }
}

impl Default for MuellerBrownConfig {
    fn default() -> Self {
        let terms = vec![
            term(-200.0, -1.0, 0.0, -10.0, [1.0, 0.0]),
            term(-100.0, -1.0, 0.0, -10.0, [0.0, 0.5]),
            term(-170.0, -6.5, 11.0, -6.5, [-0.5, 1.5]),
            term(15.0, 0.7, 0.6, 0.7, [-1.0, 1.0]),
        ];
        Self { terms }
    }
}

impl MuellerBrown {
    /// V and its gradient at `(x, y)`.
    pub fn energy_and_gradient(&self, [x, y]: [f64; 2]) -> (f64, [f64; 2]) {
        let (mut energy, mut gradient) = (0.0, [0.0; 2]);
        for term in &self.config.terms {
            let (dx, dy) = (x - term.centre[0], y - term.centre[1]);
            let value = term.amplitude * (dx * (term.xx * dx + term.xy * dy) + term.yy * dy * dy).exp();
            energy += value;
            gradient[0] += value * (2.0 * term.xx * dx + term.xy * dy);
            gradient[1] += value * (term.xy * dx + 2.0 * term.yy * dy);
        }
        (energy, gradient)
    }
}

impl Potential for MuellerBrown {
    type Config = MuellerBrownConfig;
    const DESCRIPTION: Description = Description {
        id: "mueller-brown",
        name: "Müller-Brown potential",
        citation: "K. Müller and L. D. Brown, Theor. Chim. Acta 53, 75-93 (1979)",
        ..TOY
    };

    fn create(CreateRequest { config, .. }: CreateRequest<MuellerBrownConfig>) -> Result<Self, CreateError> {
        if config.terms.is_empty() {
            return Err(CreateError::BadConfig("terms: at least one is needed, found none".into()));
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
        // With 50 decimal digits from the formula at these doubles: the three stationary points between the two deepest
        // wells, and three other places. They hold for the default terms only.
        if self.config != MuellerBrownConfig::default() {
            return Vec::new();
        }
        let known = [
            ([-0.558223634633024, 1.441725841804669], -146.699_517_209_954_01),
            ([-0.822001558732732, 0.624312802814871], -40.664_843_508_657_404),
            ([0.623499404930877, 0.028037758528686], -108.166_724_116_852_35),
            ([0.0, 0.0], -48.401_274_173_183_88),
            ([-1.5, 2.25], 36.664_176_238_941_73),
            ([1.0, -0.5], 180.551_087_482_491_44),
        ];
        known.map(|(position, energy)| GoldenSample::new(position, energy, GOLDEN_TOLERANCE)).to_vec()
    }
}
