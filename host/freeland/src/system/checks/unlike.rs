//! Atoms that look alike and are not.
use std::fmt;

use serde::{Deserialize, Serialize};

/// Atoms that look alike and are not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnlikeGroup {
    /// The bond they turn about.
    pub about: String,
    /// The atoms.
    pub atoms: Vec<usize>,
    /// What an exchange changes, kT; absent where the energy could not be tried.
    pub difference_kt: Option<f64>,
    /// Whether they are a rotor that would have been folded.
    pub unfolded: bool,
}

impl fmt::Display for UnlikeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the atoms of the rotor about {} ", self.about)?;
        match self.difference_kt {
            Some(difference) => write!(f, "differ by {difference:.2} kT on exchange"),
            None => f.write_str("have no energy when they are turned"),
        }
    }
}
