//! One coordinate as the rest of the program sees it.

use std::f64::consts::PI;

use super::angle::nearest;
use super::scale::Scale;
use crate::config::domain::Domain;
use crate::units::Unit;

/// Standard deviations a standardised coordinate is expected within.
const EXPECTED_SPREAD: f64 = 5.0;

/// A coarse or fine coordinate.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Unique among the coarse, and among the fine.
    pub name: String,
    /// The set of its values.
    pub domain: Domain,
    /// Its unit; a standardised coordinate has none.
    pub unit: Unit,
    /// Coarse: the ends of the grid of F. Fine: where values are expected. The circle is `(-pi, pi)`.
    pub range: (f64, f64),
    /// Coarse: bins of the grid. Fine: bins of a histogram.
    pub bins: usize,
}

impl Variable {
    pub(super) fn fine(name: &str, scale: &Scale) -> Self {
        let domain = scale.domain();
        let (unit, half) = match domain {
            Domain::Circle => (Unit::Radian, PI),
            Domain::Line => (Unit::Reduced, EXPECTED_SPREAD),
        };
        Self { name: name.to_owned(), domain, unit, range: (-half, half), bins: 100 }
    }

    /// A torsion, for tests.
    #[cfg(test)]
    pub(crate) fn circle(name: &str) -> Self {
        let (domain, unit) = (Domain::Circle, Unit::Radian);
        Self { name: name.to_owned(), domain, unit, range: (-PI, PI), bins: 100 }
    }

    /// `to - from`, the short way round on a circle.
    pub fn difference(&self, from: f64, to: f64) -> f64 {
        match self.domain {
            Domain::Circle => nearest(to - from),
            Domain::Line => to - from,
        }
    }

    /// Centres of the bins.
    pub fn centres(&self) -> Vec<f64> {
        let width = (self.range.1 - self.range.0) / self.bins as f64;
        (0..self.bins).map(|bin| self.range.0 + (bin as f64 + 0.5) * width).collect()
    }
}
