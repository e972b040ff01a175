//! Energy terms by name: the extension `epp.components/1`.
use super::{Batch, EvaluateError};

/// The terms whose sum is the energy.
pub trait Components {
    /// Names of the terms. Asked once, when the instance is created.
    fn names(&self) -> Vec<String>;

    /// Writes the terms of every configuration and finishes its sample (`sample.finish(0.0, &[])`: the batch wants
    /// neither energy nor gradient).
    ///
    /// `terms`: `[count][names]`, kJ/mol; NaN on entry, and afterwards for every configuration that failed.
    fn evaluate(&self, batch: &mut Batch<'_>, terms: &mut [f64]) -> Result<(), EvaluateError>;
}
