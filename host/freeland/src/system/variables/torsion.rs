//! The torsion about the bond of two atoms.

use super::{CollectiveVariable, Measured, Unit};
use crate::space::Domain;
use crate::space::circle;
use crate::system::geometry;

/// The torsion `i-j-k-l`, rad, in `[-pi, pi)`, with the IUPAC sign (0 is cis).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Torsion(pub [usize; 4]);

impl CollectiveVariable for Torsion {
    fn value(&self, r: &[f64]) -> f64 {
        let [i, j, k, l] = self.0;
        circle::wrap(geometry::torsion(r, i, j, k, l))
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        geometry::add_torsion_gradient(r, self.0, factor, gradient);
        self.value(r)
    }

    fn unit(&self) -> Unit {
        Unit::Radian
    }

    fn domain(&self) -> Domain {
        Domain::Circle
    }

    fn measured(&self) -> Option<Measured> {
        Some(Measured::Torsion(self.0))
    }
}
