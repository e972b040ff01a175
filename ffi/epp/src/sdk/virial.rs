//! The derivative of the energy by a strain: the extension `epp.virial/1`.
use super::{Batch, EvaluateError};

/// `W[i][j] = dE/d(strain[i][j])` where positions and box rows alike become `r (1 + strain)`, at strain 0.
///
/// Without a box that is `Σ r[i] dE/dr[j]` over atoms; with one, `Σ d[i] dE/dd[j]` over what interacts at a distance d.
pub trait Virial {
    /// As [`Potential::evaluate`](super::Potential::evaluate), finishing every sample with its energy and gradient, and
    /// writes the virials too.
    ///
    /// `virials`: `[count][3][3]`, kJ/mol; NaN on entry, and afterwards for every configuration that failed.
    fn evaluate(&self, batch: &mut Batch<'_>, virials: &mut [[[f64; 3]; 3]]) -> Result<(), EvaluateError>;
}
