//! Where a coordinate lives.

use serde::{Deserialize, Serialize};

/// The set a coordinate takes its values from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// The real line.
    Line,
    /// Angles in radian, `[-pi, pi)`, with the two ends identified.
    Circle,
}
