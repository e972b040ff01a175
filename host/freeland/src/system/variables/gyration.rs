//! The radius of gyration of some atoms.

use super::{CollectiveVariable, Unit};
use crate::system::vector::{Vector, add_at, add_scaled, at, dot, scale, sub};

/// Atoms or weights that have no radius of gyration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GyrationError {
    /// One atom has none.
    #[error("a radius of gyration needs at least 2 atoms, got {found}")]
    TooFewAtoms {
        /// How many were given.
        found: usize,
    },
    /// A mass of zero or below.
    #[error("atom {atom} has the weight {weight}; expected a positive one")]
    Weight {
        /// The atom.
        atom: usize,
        /// Its weight.
        weight: f64,
    },
}

/// `sqrt(sum_i w_i |r_i - c|^2)` about the centre `c = sum_i w_i r_i`, with weights that sum to one, nm.
#[derive(Debug, Clone, PartialEq)]
pub struct Gyration {
    /// Atoms and their weights.
    weights: Vec<(usize, f64)>,
}

impl Gyration {
    /// Of `atoms` with one weight each (their masses, or ones).
    ///
    /// # Errors
    /// There are fewer than two atoms, or a weight is not positive.
    pub fn new(atoms: &[usize], weights: &[f64]) -> Result<Self, GyrationError> {
        if atoms.len() < 2 {
            return Err(GyrationError::TooFewAtoms { found: atoms.len() });
        }
        let weighted = || atoms.iter().copied().zip(weights.iter().copied());
        if let Some((atom, weight)) = weighted().find(|(_, weight)| !(*weight > 0.0 && weight.is_finite())) {
            return Err(GyrationError::Weight { atom, weight });
        }
        let total: f64 = weights.iter().sum();
        Ok(Self { weights: weighted().map(|(atom, weight)| (atom, weight / total)).collect() })
    }

    fn centre_and_value(&self, r: &[f64]) -> (Vector, f64) {
        let add = |sum, (atom, weight): &(usize, f64)| add_scaled(sum, *weight, at(r, *atom));
        let centre = self.weights.iter().fold([0.0; 3], add);
        let square = |(atom, weight): &(usize, f64)| {
            let arm = sub(at(r, *atom), centre);
            weight * dot(arm, arm)
        };
        (centre, self.weights.iter().map(square).sum::<f64>().sqrt())
    }
}

impl CollectiveVariable for Gyration {
    fn value(&self, r: &[f64]) -> f64 {
        self.centre_and_value(r).1
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        let (centre, value) = self.centre_and_value(r);
        for (atom, weight) in &self.weights {
            // The centre's own motion drops out: the weighted arms sum to zero.
            let along = scale(weight / value, sub(at(r, *atom), centre));
            add_at(gradient, *atom, factor, along);
        }
        value
    }

    fn unit(&self) -> Unit {
        Unit::Nanometre
    }
}
