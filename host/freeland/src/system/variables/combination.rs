//! Linear combinations of collective variables: sums and differences of distances, of torsions, and others.

use super::{CollectiveVariable, Unit};
use crate::space::Domain;
use crate::space::circle;

/// Terms that cannot be added.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CombinationError {
    /// Nothing to add.
    #[error("a combination needs at least one term")]
    Empty,
    /// Lengths and angles together.
    #[error("the terms of a combination have one unit, got {first} and {other}")]
    Units {
        /// Of the first term.
        first: Unit,
        /// Of another.
        other: Unit,
    },
    /// A torsion times a number that is not whole jumps where the torsion is cut.
    #[error(
        "a torsion is taken a whole number of times, such as 1 or -2, got {found}: other multiples jump at 180 deg"
    )]
    NotWhole {
        /// The coefficient.
        found: f64,
    },
    /// A coefficient that is no number, or zero.
    #[error("expected a coefficient other than 0, got {found}")]
    Coefficient {
        /// The coefficient.
        found: f64,
    },
}

/// `sum_k c_k s_k(r)`, in the unit of its terms; on the circle where a term is.
#[derive(Debug)]
pub struct Combination {
    terms: Vec<(f64, Box<dyn CollectiveVariable>)>,
    domain: Domain,
    unit: Unit,
}

impl Combination {
    /// Of coefficients and variables.
    ///
    /// # Errors
    /// There are no terms, their units differ, a coefficient is 0 or not finite, or that of a torsion is not whole.
    pub fn new(terms: Vec<(f64, Box<dyn CollectiveVariable>)>) -> Result<Self, CombinationError> {
        let unit = terms.first().ok_or(CombinationError::Empty)?.1.unit();
        for (coefficient, variable) in &terms {
            let found = *coefficient;
            if found == 0.0 || !found.is_finite() {
                return Err(CombinationError::Coefficient { found });
            }
            if variable.unit() != unit {
                return Err(CombinationError::Units { first: unit, other: variable.unit() });
            }
            if variable.domain() == Domain::Circle && found.fract() != 0.0 {
                return Err(CombinationError::NotWhole { found });
            }
        }
        let on_circle = terms.iter().any(|(_, variable)| variable.domain() == Domain::Circle);
        let domain = if on_circle { Domain::Circle } else { Domain::Line };
        Ok(Self { terms, domain, unit })
    }

    fn in_domain(&self, value: f64) -> f64 {
        match self.domain {
            Domain::Circle => circle::wrap(value),
            Domain::Line => value,
        }
    }
}

impl CollectiveVariable for Combination {
    fn value(&self, r: &[f64]) -> f64 {
        self.in_domain(self.terms.iter().map(|(coefficient, variable)| coefficient * variable.value(r)).sum())
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        let terms = self.terms.iter();
        let add = |(c, variable): &(f64, Box<dyn CollectiveVariable>)| {
            c * variable.add_gradient(r, factor * c, gradient)
        };
        self.in_domain(terms.map(add).sum())
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn domain(&self) -> Domain {
        self.domain
    }
}
