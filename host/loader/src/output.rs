//! What a call may give beside energy and gradient, by name.

use serde::{Deserialize, Serialize};

/// The numbers of an output for one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// One number.
    Scalar,
    /// `[atoms]`
    Atoms,
    /// `[atoms][dimensions]`
    AtomsDimensions,
    /// `[3][3]`
    Matrix,
    /// `[length]`
    Vector(usize),
}

impl Shape {
    /// The extents for one configuration; none of a single number.
    pub fn extents(self, atoms: usize, dimensions: usize) -> Vec<usize> {
        match self {
            Self::Scalar => Vec::new(),
            Self::Atoms => vec![atoms],
            Self::AtomsDimensions => vec![atoms, dimensions],
            Self::Matrix => vec![3, 3],
            Self::Vector(length) => vec![length],
        }
    }

    /// How many numbers there are for one configuration.
    #[inline]
    pub fn width(self, atoms: usize, dimensions: usize) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Atoms => atoms,
            Self::AtomsDimensions => atoms * dimensions,
            Self::Matrix => 9,
            Self::Vector(length) => length,
        }
    }
}

/// What a call may give beside energy and gradient: [`Request::output`](crate::Request::output). `epp.h` names the usual
/// ones: `virial`, `energy:NAME`, `charges`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Output {
    /// Lower-case letters, digits, hyphens and colons.
    pub name: String,
    /// `None`: a pure number.
    pub unit: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Of one configuration.
    pub shape: Shape,
    /// Its place in the plugin's own table.
    pub(crate) index: u64,
}

/// More outputs than this of one instance is garbage.
pub(crate) const MOST_OUTPUTS: usize = 1024;

/// Whether a name is one.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b':';
    !name.is_empty() && name.bytes().all(allowed)
}
