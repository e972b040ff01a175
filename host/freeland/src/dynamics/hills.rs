//! Gaussian hills that make a bias grow where walkers have been.
use super::error::DynamicsError;
use super::grid_bias::GridBias;
use crate::space::Axis;
use crate::space::Domain;

/// Hills of well-tempered metadynamics.
///
/// Source: Barducci, Bussi and Parrinello, Physical Review Letters 2008, 100, 020603.
#[derive(Debug, Clone)]
pub struct Hills {
    height_kt: f64,
    widths: Vec<f64>,
    /// Ends between which hills are wanted, for each variable on a line.
    ends: Vec<Option<(f64, f64)>>,
    bias_factor: f64,
}

/// Hills are wanted up to this many widths outside the range of a line: fewer, and the bias would fall off within.
const WIDTHS_OUTSIDE: f64 = 2.0;

impl Hills {
    /// `relative_width`: standard deviation of a hill as a fraction of each variable's range. `bias_factor`:
    /// `(T + dT) / T`, above 1.
    pub fn new(variables: &[Axis], height_kt: f64, relative_width: f64, bias_factor: f64) -> Self {
        let widths: Vec<f64> = variables.iter().map(|v| relative_width * (v.range.1 - v.range.0)).collect();
        let ends = variables.iter().zip(&widths).map(|(variable, width)| {
            let (low, high) = variable.range;
            let outside = WIDTHS_OUTSIDE * width;
            (variable.domain == Domain::Line).then_some((low - outside, high + outside))
        });
        Self { height_kt, ends: ends.collect(), widths, bias_factor }
    }

    /// An empty bias, fine enough for these hills.
    ///
    /// # Errors
    /// Its grid would be too large.
    pub fn grid(&self, variables: &[Axis]) -> Result<GridBias, DynamicsError> {
        GridBias::new(variables, &self.widths)
    }

    /// Whether a hill at `s` serves F within the ranges of the variables.
    pub fn wanted(&self, s: &[f64]) -> bool {
        let inside =
            |(s, ends): (&f64, &Option<(f64, f64)>)| ends.is_none_or(|(low, high)| (low..=high).contains(s));
        s.iter().zip(&self.ends).all(inside)
    }

    /// Adds one hill at `s`, the lower the higher the bias is there.
    pub fn deposit(&self, bias: &mut GridBias, s: &[f64]) {
        let tempering = (-bias.value(s, None) / (self.bias_factor - 1.0)).exp();
        bias.add_hill(s, self.height_kt * tempering, &self.widths);
    }
}
