//! Collective variables: functions `s(r)` of a configuration, one file a kind.
//!
//! Dynamics needs nothing but values and gradients, so that any of them can be biased. Those that are internal
//! coordinates ([`CollectiveVariable::measured`]) can also be what a flow is conditional on. Observables are the same
//! trait, without an axis.

mod angle;
mod combination;
mod coordination;
mod distance;
mod given;
mod gyration;
mod rmsd;
mod row;
#[cfg(test)]
mod tests;
mod torsion;

use std::fmt;

use super::z_matrix::Measured;
use crate::space::Domain;
use crate::units::Unit;

pub use angle::Angle;
pub use combination::{Combination, CombinationError};
pub use coordination::{Coordination, CoordinationError};
pub use distance::Distance;
pub(super) use given::Reference;
pub use given::{VariableError, VariableProblem};
pub use gyration::{Gyration, GyrationError};
pub use rmsd::{Rmsd, RmsdError};
pub use row::Row;
pub use torsion::Torsion;

/// A function of a configuration that F may be a function of.
pub trait CollectiveVariable: fmt::Debug + Send + Sync {
    /// `s(r)`, in [`unit`](Self::unit); on a circle in `[-pi, pi)`. `r`: `[atoms * dimensions]`, nm.
    fn value(&self, r: &[f64]) -> f64;

    /// Adds `factor ds/dr` to `gradient` (`[atoms * dimensions]`) and returns `s(r)`. Not finite where the variable has
    /// no slope: atoms in one place, or in a row.
    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64;

    /// The unit of its values.
    fn unit(&self) -> Unit;

    /// The set of its values.
    fn domain(&self) -> Domain {
        Domain::Line
    }

    /// The distance, angle or torsion that it is, where it is one: a z-matrix may then have it as a coordinate.
    fn measured(&self) -> Option<Measured> {
        None
    }
}
