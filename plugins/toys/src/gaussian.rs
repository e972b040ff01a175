//! A normal distribution as a potential.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Potential,
};
use nalgebra::{Cholesky, DMatrix};

use crate::{TOY, facts, golden};

/// `U(x) = (x - m)ᵀ Σ⁻¹ (x - m) / 2`, n particles in one dimension; meant for temperature 1.
///
/// At temperature T, x is normal with mean m and covariance T Σ, and `Z = sqrt((2πT)ⁿ det Σ)`.
#[derive(Debug, Clone)]
pub struct Gaussian {
    mean: Vec<f64>,
    /// Rows of Σ⁻¹, one after the other.
    precision: Vec<f64>,
    log_determinant: f64,
    config: GaussianConfig,
}

/// Configuration of [`Gaussian`].
#[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GaussianConfig {
    /// Σ by rows: n rows of n numbers, symmetric and positive definite. The default is [[1, 0.5], [0.5, 2]].
    pub covariance: Vec<Vec<f64>>,
    /// m: n numbers. The default is zeros.
    pub mean: Option<Vec<f64>>,
}

impl Default for GaussianConfig {
    fn default() -> Self {
        Self { covariance: vec![vec![1.0, 0.5], vec![0.5, 2.0]], mean: None }
    }
}

impl Gaussian {
    /// `ln Z` at temperature 1: `(n ln 2π + ln det Σ) / 2`.
    pub fn log_partition_function(&self) -> f64 {
        0.5 * (self.mean.len() as f64 * (2.0 * std::f64::consts::PI).ln() + self.log_determinant)
    }

    /// U at `position`; its gradient is added to `gradient`. Both are `[n]`.
    pub fn add_gradient(&self, position: &[f64], gradient: &mut [f64]) -> f64 {
        let mut energy = 0.0;
        for (i, row) in self.precision.chunks_exact(self.mean.len()).enumerate() {
            let slope: f64 = row.iter().zip(position).zip(&self.mean).map(|((p, x), m)| p * (x - m)).sum();
            gradient[i] += slope;
            energy += 0.5 * slope * (position[i] - self.mean[i]);
        }
        energy
    }
}

impl Potential for Gaussian {
    type Config = GaussianConfig;
    const DESCRIPTION: Description =
        Description { id: "gaussian", name: "Multivariate normal distribution", ..TOY };

    fn create(CreateRequest { config, .. }: CreateRequest<GaussianConfig>) -> Result<Self, CreateError> {
        let bad = |text: String| Err(CreateError::BadConfig(text));
        let n = config.covariance.len();
        if n == 0 {
            return bad("covariance: at least one row is needed, found none".into());
        }
        if let Some((row, numbers)) =
            config.covariance.iter().enumerate().find(|(_, numbers)| numbers.len() != n)
        {
            let found = numbers.len();
            return bad(format!(
                "covariance[{row}]: expected {n} numbers, as there are {n} rows; found {found}"
            ));
        }
        let given = config.clone();
        let mean = config.mean.unwrap_or_else(|| vec![0.0; n]);
        if mean.len() != n {
            return bad(format!(
                "mean: expected {n} numbers, as covariance has {n} rows; found {}",
                mean.len()
            ));
        }
        let covariance = DMatrix::from_row_iterator(n, n, config.covariance.into_iter().flatten());
        if let Some((i, j)) = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).find(|&at| {
            let other = (at.1, at.0);
            covariance[at] != covariance[other]
        }) {
            let (lower, upper) = (covariance[(i, j)], covariance[(j, i)]);
            return bad(format!(
                "covariance: not symmetric, [{i}][{j}] is {lower} and [{j}][{i}] is {upper}"
            ));
        }
        let Some(cholesky) = Cholesky::new(covariance) else {
            return bad("covariance: not positive definite".into());
        };
        let log_determinant = 2.0 * cholesky.l_dirty().diagonal().map(f64::ln).sum();
        let precision = cholesky.inverse().transpose().as_slice().to_vec();
        Ok(Self {
            config: GaussianConfig { mean: Some(mean.clone()), ..given },
            mean,
            precision,
            log_determinant,
        })
    }

    fn info(&self) -> Info {
        facts::<Self>(&self.config, self.mean.len(), 1)
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, gradient| Ok(self.add_gradient(position, gradient)));
        Ok(())
    }

    fn reference(&self) -> Vec<GoldenSample> {
        // Rational numbers, rounded. They hold for the default parameters only.
        let default = GaussianConfig { mean: Some(vec![0.0; 2]), ..GaussianConfig::default() };
        if self.config != default {
            return Vec::new();
        }
        let sevenths = |a: f64, b: f64| [a / 7.0, b / 7.0];
        vec![
            golden(&[0.0, 0.0], 0.0, &[0.0, 0.0]),
            golden(&[1.0, 0.0], 4.0 / 7.0, &sevenths(8.0, -2.0)),
            golden(&[-0.5, 2.0], 11.0 / 7.0, &sevenths(-8.0, 9.0)),
        ]
    }
}
