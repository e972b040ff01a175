//! Standardised fine coordinates: how each is scaled before the flow sees it.

use std::f64::consts::{PI, TAU};

use serde::{Deserialize, Serialize};

use crate::space::Domain;
use crate::space::circle::wrap;

/// A torsion whose circular standard deviation is below this (rad) becomes a line, cut opposite to its mean. Offset
/// torsions have 0.08 to 0.23 rad; a torsion with a second populated well has more than 0.8.
pub const NARROW_TORSION_RAD: f64 = 0.5;
/// Smallest standard deviation a scale takes from frames, relative to the default it replaces: a coordinate that hardly
/// moved in the frames given (a single frame, a constraint) is not scaled to nothing.
pub const SMALLEST_SD: f64 = 0.1;

/// How one fine coordinate is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Scale {
    /// `x = (q - mean) / sd` on the line.
    Line {
        /// nm, rad or the potential's own unit.
        mean: f64,
        /// In the same unit.
        sd: f64,
    },
    /// A narrow torsion: `x = wrap(q - mean) / sd` on the line; the cut is opposite to the mean.
    NarrowTorsion {
        /// rad.
        mean: f64,
        /// rad.
        sd: f64,
    },
    /// A torsion on the whole circle: `x = q`.
    Torsion,
    /// The direction of a rotor in `[-pi/3, pi/3)`, scaled to the whole circle: `x = 3 q`.
    Rotor,
}

impl Scale {
    /// The set of values of `x`.
    pub fn domain(&self) -> Domain {
        match self {
            Self::Line { .. } | Self::NarrowTorsion { .. } => Domain::Line,
            Self::Torsion | Self::Rotor => Domain::Circle,
        }
    }

    /// `dq/dx`.
    #[inline]
    pub(crate) fn slope(&self) -> f64 {
        match self {
            Self::Line { sd, .. } | Self::NarrowTorsion { sd, .. } => *sd,
            Self::Torsion => 1.0,
            Self::Rotor => 1.0 / 3.0,
        }
    }

    #[inline]
    pub(crate) fn to_x(self, q: f64) -> f64 {
        match self {
            Self::Line { mean, sd } => (q - mean) / sd,
            Self::NarrowTorsion { mean, sd } => wrap(q - mean) / sd,
            Self::Torsion => wrap(q),
            Self::Rotor => wrap(3.0 * q),
        }
    }

    /// `None` where `x` is beyond the cut of a narrow torsion, or not finite.
    #[inline]
    pub(crate) fn to_q(self, x: f64) -> Option<f64> {
        let q = match self {
            Self::Line { mean, sd } => mean + sd * x,
            Self::NarrowTorsion { sd, .. } if (sd * x).abs() > PI => return None,
            Self::NarrowTorsion { mean, sd } => mean + sd * x,
            Self::Torsion => x,
            Self::Rotor => x / 3.0,
        };
        q.is_finite().then_some(q)
    }

    /// The representative of a torsion nearest to where the scale is centred; other values as they are.
    #[inline]
    pub(crate) fn nearest(&self, q: f64) -> f64 {
        match self {
            Self::NarrowTorsion { mean, .. } => mean + wrap(q - mean),
            _ => q,
        }
    }

    /// Whether a coordinate scaled by `other` may be scaled by this: a torsion may be narrow or free, nothing else varies.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        let torsion = |scale: &Self| matches!(scale, Self::Torsion | Self::NarrowTorsion { .. });
        std::mem::discriminant(self) == std::mem::discriminant(other) || (torsion(self) && torsion(other))
    }

    pub(crate) fn is_valid(&self) -> bool {
        match self {
            Self::Line { mean, sd } => mean.is_finite() && *sd > 0.0 && sd.is_finite(),
            Self::NarrowTorsion { mean, sd } => mean.is_finite() && *sd > 0.0 && *sd < TAU,
            Self::Torsion | Self::Rotor => true,
        }
    }
}

/// The scales of all fine coordinates: what a checkpoint keeps of the coordinates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standardisation {
    /// In the order of `System::fine`.
    pub fine: Vec<NamedScale>,
}

/// The scale of one fine coordinate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedScale {
    /// The variable's name, as in `System::fine`.
    pub name: String,
    /// Its scale.
    #[serde(flatten)]
    pub scale: Scale,
}

/// Mean and standard deviation (of the sample, floored at `SMALLEST_SD * usual`) of values.
pub(crate) fn mean_and_sd(values: impl Iterator<Item = f64> + Clone, usual: f64) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    let sd = if count > 1.0 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
    (mean, floored(sd, usual, count))
}

/// A standard deviation with its floor. With fewer than ten values the usual one is the better guess.
pub(crate) fn floored(sd: f64, usual: f64, count: f64) -> f64 {
    if count < 10.0 { usual } else { sd.max(SMALLEST_SD * usual) }
}
