//! A CustomGBForce as it is written.
use super::{SystemError, element::Element, scope::GlobalParameters, tabulated::Named};
use std::collections::HashSet;

/// What an expression is computed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Every particle.
    Particle,
    /// Every pair that is not excluded.
    Pair,
    /// Every pair.
    PairNoExclusions,
}

impl Of {
    pub fn read(element: &Element<'_, '_>) -> Result<Of, SystemError> {
        Ok(match element.index("type", 3)? {
            0 => Of::Particle,
            1 => Of::Pair,
            _ => Of::PairNoExclusions,
        })
    }
}

/// A force as it is written.
pub struct Written<'a> {
    /// Of the parameters of particles.
    pub names: Vec<&'a str>,
    pub globals: GlobalParameters<'a>,
    /// Name, kind and expression.
    pub values: Vec<(&'a str, Of, &'a str)>,
    /// Kind and expression.
    pub terms: Vec<(Of, &'a str)>,
    /// Parameters of every particle.
    pub particles: Vec<Vec<f64>>,
    pub functions: Vec<Named>,
    pub excluded: HashSet<[usize; 2]>,
}
