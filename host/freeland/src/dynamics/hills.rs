//! Gaussian hills that make a bias grow where walkers have been.
use super::error::DynamicsError;
use super::grid_bias::GridBias;
use crate::system::Variable;

/// Hills of well-tempered metadynamics.
///
/// Source: Barducci, Bussi and Parrinello, Physical Review Letters 2008, 100, 020603.
#[derive(Debug, Clone)]
pub struct Hills {
    height_kt: f64,
    widths: Vec<f64>,
    bias_factor: f64,
}

impl Hills {
    /// `relative_width`: standard deviation of a hill as a fraction of each variable's range. `bias_factor`:
    /// `(T + dT) / T`, above 1.
    pub fn new(variables: &[Variable], height_kt: f64, relative_width: f64, bias_factor: f64) -> Self {
        let widths = variables.iter().map(|v| relative_width * (v.range.1 - v.range.0)).collect();
        Self { height_kt, widths, bias_factor }
    }

    /// An empty bias, fine enough for these hills.
    ///
    /// # Errors
    /// Its grid would be too large.
    pub fn grid(&self, variables: &[Variable]) -> Result<GridBias, DynamicsError> {
        GridBias::new(variables, &self.widths)
    }

    /// Adds one hill at `s`, the lower the higher the bias is there.
    pub fn deposit(&self, bias: &mut GridBias, s: &[f64]) {
        let tempering = (-bias.value(s, None) / (self.bias_factor - 1.0)).exp();
        bias.add_hill(s, self.height_kt * tempering, &self.widths);
    }
}
