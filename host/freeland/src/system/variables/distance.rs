//! The distance of two atoms, bonded or not.

use super::{CollectiveVariable, Measured, Unit};
use crate::system::geometry;

/// `|r_i - r_j|`, nm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance(pub [usize; 2]);

impl CollectiveVariable for Distance {
    fn value(&self, r: &[f64]) -> f64 {
        geometry::distance(r, self.0[0], self.0[1])
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        geometry::add_distance_gradient(r, self.0, factor, gradient);
        self.value(r)
    }

    fn unit(&self) -> Unit {
        Unit::Nanometre
    }

    fn measured(&self) -> Option<Measured> {
        Some(Measured::Bond(self.0))
    }
}
