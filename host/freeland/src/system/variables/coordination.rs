//! The coordination number of a group of atoms by another.

use super::{CollectiveVariable, Unit};
use crate::system::geometry;

/// Largest exponent of the switching function.
const LARGEST_POWER: u32 = 64;

/// Groups or a switching function that give no coordination number.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CoordinationError {
    /// Nothing to count.
    #[error("there is no pair of atoms to count")]
    NoPairs,
    /// An atom that would be counted against itself.
    #[error(
        "atom {atom} is in both groups; give it to one of them, or leave the second out to count pairs within one"
    )]
    Shared {
        /// The atom.
        atom: usize,
    },
    /// A length that is not one.
    #[error("expected a positive length where the switching function falls, got {found} nm")]
    Length {
        /// What was given.
        found: f64,
    },
    /// Exponents in the wrong order.
    #[error("expected exponents 1 <= n < m <= {LARGEST_POWER}, got n = {n} and m = {m}")]
    Powers {
        /// Of the numerator.
        n: u32,
        /// Of the denominator.
        m: u32,
    },
}

/// `sum_ij (1 - x^n) / (1 - x^m)` with `x = |r_i - r_j| / r_0`: how many pairs are nearer than about `r_0`, smoothly.
#[derive(Debug, Clone, PartialEq)]
pub struct Coordination {
    pairs: Vec<[usize; 2]>,
    length_nm: f64,
    n: u32,
    m: u32,
}

impl Coordination {
    /// Of the atoms of `one` by those of `other`, or of the pairs within `one` where there is no other.
    ///
    /// # Errors
    /// There is no pair, an atom is in both groups, the length is not positive, or the exponents are not `1 <= n < m`.
    pub fn new(
        one: &[usize],
        other: Option<&[usize]>,
        length_nm: f64,
        [n, m]: [u32; 2],
    ) -> Result<Self, CoordinationError> {
        if !(length_nm > 0.0 && length_nm.is_finite()) {
            return Err(CoordinationError::Length { found: length_nm });
        }
        if !(1 <= n && n < m && m <= LARGEST_POWER) {
            return Err(CoordinationError::Powers { n, m });
        }
        let pairs: Vec<[usize; 2]> = match other {
            Some(other) => {
                if let Some(atom) = one.iter().copied().find(|atom| other.contains(atom)) {
                    return Err(CoordinationError::Shared { atom });
                }
                one.iter().flat_map(|i| other.iter().map(|j| [*i, *j])).collect()
            }
            None => {
                let later =
                    |(k, i): (usize, &usize)| one[k + 1..].iter().map(|j| [*i, *j]).collect::<Vec<_>>();
                one.iter().enumerate().flat_map(later).collect()
            }
        };
        if pairs.is_empty() { Err(CoordinationError::NoPairs) } else { Ok(Self { pairs, length_nm, n, m }) }
    }

    /// The switching function and its slope in `x`.
    ///
    /// Both sides are divided by `1 - x`, so that nothing is singular at one: `sum_{k<n} x^k / sum_{k<m} x^k`.
    fn switch(&self, x: f64) -> (f64, f64) {
        let sum = |terms: u32| {
            (0..terms).fold((0.0, 0.0), |(value, slope), _| (value * x + 1.0, slope * x + value))
        };
        let ((above, above_slope), (below, below_slope)) = (sum(self.n), sum(self.m));
        (above / below, (above_slope - above / below * below_slope) / below)
    }
}

impl CollectiveVariable for Coordination {
    fn value(&self, r: &[f64]) -> f64 {
        let switched = |[i, j]: &[usize; 2]| self.switch(geometry::distance(r, *i, *j) / self.length_nm).0;
        self.pairs.iter().map(switched).sum()
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        let mut whole = 0.0;
        for pair in &self.pairs {
            let (value, slope) = self.switch(geometry::distance(r, pair[0], pair[1]) / self.length_nm);
            geometry::add_distance_gradient(r, *pair, factor * slope / self.length_nm, gradient);
            whole += value;
        }
        whole
    }

    fn unit(&self) -> Unit {
        Unit::Reduced
    }
}
