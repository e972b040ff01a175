//! What a flow must know about its coordinates.

use serde::{Deserialize, Serialize};

use crate::config::flow::{Architecture, FlowConfig};
use crate::device::DeviceError;
use crate::space::Domain;

/// Coordinates of a flow: `S` coarse ones it is conditioned on, `D` fine ones it models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FlowShape {
    /// Where each coarse variable lives; empty for an unconditional flow.
    pub coarse: Vec<Domain>,
    /// `(low, high)` of each coarse variable: a line is scaled by it to `[-1, 1]`; ignored for circles.
    pub coarse_ranges: Vec<(f64, f64)>,
    /// Where each fine coordinate lives; lines are expected to be standardised.
    pub fine: Vec<Domain>,
}

/// A flow that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// There is no such device.
    #[error("flow.device: {0}")]
    Device(#[from] DeviceError),
    /// There is nothing to model.
    #[error("a flow needs at least one fine coordinate, got none; make the coarse map smaller")]
    NoFineCoordinates,
    /// Not one range per coarse variable.
    #[error("a flow over {coarse} coarse variables needs {coarse} ranges, got {ranges}")]
    RangeCount {
        /// Coarse variables.
        coarse: usize,
        /// Ranges given.
        ranges: usize,
    },
    /// The range of a coarse line is empty or not finite.
    #[error(
        "coarse variable {index} is on a line: expected a finite range with low < high, got ({low}, {high})"
    )]
    Range {
        /// Column in `s`.
        index: usize,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// An affine flow maps lines only.
    #[error(
        "fine coordinate {index} is a circle, and flow.kind = \"affine\" can only model lines; choose kind = \"spline\""
    )]
    AffineCircle {
        /// Column in `x`.
        index: usize,
    },
}

impl FlowShape {
    /// Checks the shape by itself and against an architecture.
    pub(super) fn check(&self, config: &FlowConfig) -> Result<(), FlowError> {
        if self.fine.is_empty() {
            return Err(FlowError::NoFineCoordinates);
        }
        if self.coarse.len() != self.coarse_ranges.len() {
            return Err(FlowError::RangeCount {
                coarse: self.coarse.len(),
                ranges: self.coarse_ranges.len(),
            });
        }
        let lines = self.coarse.iter().zip(&self.coarse_ranges).enumerate();
        for (index, (_, (low, high))) in lines.filter(|(_, (domain, _))| **domain == Domain::Line) {
            if !(low.is_finite() && high.is_finite() && low < high) {
                return Err(FlowError::Range { index, low: *low, high: *high });
            }
        }
        if matches!(config.architecture, Architecture::Affine(_))
            && let Some(index) = self.fine.iter().position(|domain| *domain == Domain::Circle)
        {
            return Err(FlowError::AffineCircle { index });
        }
        Ok(())
    }
}
