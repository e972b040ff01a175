//! The angle at an atom.

use super::{CollectiveVariable, Measured, Unit};
use crate::system::geometry;

/// The angle `i-j-k` at atom `j`, rad, in `[0, pi]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Angle(pub [usize; 3]);

impl CollectiveVariable for Angle {
    fn value(&self, r: &[f64]) -> f64 {
        let [i, j, k] = self.0;
        geometry::angle(r, i, j, k)
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        geometry::add_angle_gradient(r, self.0, factor, gradient);
        self.value(r)
    }

    fn unit(&self) -> Unit {
        Unit::Radian
    }

    fn measured(&self) -> Option<Measured> {
        Some(Measured::Angle(self.0))
    }
}
