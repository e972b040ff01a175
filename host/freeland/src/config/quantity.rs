//! What a coarse variable measures, one table key a kind.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atoms::{AtomGroup, AtomRef, GroupWord, TorsionRef};
use super::potential::joined;
use crate::units::{Nanometre, Unit};

/// What a coarse variable measures.
#[derive(Debug, Clone, PartialEq)]
pub enum CoarseQuantity {
    /// A torsion, rad.
    Torsion(TorsionRef),
    /// An angle, rad.
    Angle([AtomRef; 3]),
    /// A distance, nm.
    Distance([AtomRef; 2]),
    /// The sum of some distances, nm.
    DistanceSum(Vec<[AtomRef; 2]>),
    /// The first distance less the second, nm.
    DistanceDifference([[AtomRef; 2]; 2]),
    /// The radius of gyration about the centre of mass, nm.
    Gyration(AtomGroup),
    /// A coordination number, without unit.
    Coordination(CoordinationConfig),
    /// The root mean square distance from a reference after superposition, nm.
    Rmsd(RmsdConfig),
    /// A linear combination, in the unit of its terms.
    Combination(Vec<TermConfig>),
    /// A row of the linear map, by name.
    Coordinate(String),
}

/// `coordination = { of = ["O1"], by = "heavy", length = "0.35 nm" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CoordinationConfig {
    /// The atoms whose neighbours are counted.
    pub of: AtomGroup,
    /// The atoms that count as neighbours; left out: the pairs within `of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AtomGroup>,
    /// Where the switching function `(1 - x^n) / (1 - x^m)`, `x = distance / length`, falls.
    pub length: Nanometre,
    /// Its exponents `n` and `m`.
    #[serde(default = "powers")]
    pub powers: [u32; 2],
}

fn powers() -> [u32; 2] {
    [6, 12]
}

/// `rmsd = { atoms = "heavy", reference = "folded.pdb" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RmsdConfig {
    /// The atoms that are superposed and compared.
    #[serde(default = "heavy")]
    pub atoms: AtomGroup,
    /// A file with the reference, whose first frame is taken; left out: the configuration the run starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<PathBuf>,
}

fn heavy() -> AtomGroup {
    AtomGroup::Word(GroupWord::Heavy)
}

/// `{ coefficient = -1, torsion = "psi" }`: a term of a combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TermConfig {
    /// What the variable is multiplied by.
    pub coefficient: f64,
    /// Four atoms, or `"phi"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torsion: Option<TorsionRef>,
    /// Three atoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angle: Option<[AtomRef; 3]>,
    /// Two atoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<[AtomRef; 2]>,
}

impl TermConfig {
    /// What it measures; `None` unless exactly one is given.
    pub fn quantity(&self) -> Option<CoarseQuantity> {
        match (&self.torsion, &self.angle, &self.distance) {
            (Some(torsion), None, None) => Some(CoarseQuantity::Torsion(torsion.clone())),
            (None, Some(atoms), None) => Some(CoarseQuantity::Angle(atoms.clone())),
            (None, None, Some(atoms)) => Some(CoarseQuantity::Distance(atoms.clone())),
            _ => None,
        }
    }
}

impl CoarseQuantity {
    /// Its unit.
    pub fn unit(&self) -> Unit {
        match self {
            Self::Torsion(_) | Self::Angle(_) => Unit::Radian,
            Self::Combination(terms) => {
                terms.first().and_then(TermConfig::quantity).map_or(Unit::Reduced, |first| first.unit())
            }
            Self::Coordination(_) | Self::Coordinate(_) => Unit::Reduced,
            Self::Distance(_)
            | Self::DistanceSum(_)
            | Self::DistanceDifference(_)
            | Self::Gyration(_)
            | Self::Rmsd(_) => Unit::Nanometre,
        }
    }

    /// Whether its values are on the circle.
    pub fn on_circle(&self) -> bool {
        match self {
            Self::Torsion(_) => true,
            Self::Combination(terms) => terms.iter().any(|term| term.torsion.is_some()),
            _ => false,
        }
    }

    /// Its name where none is given.
    pub fn text(&self) -> String {
        let pair = |[i, j]: &[AtomRef; 2]| format!("{i}-{j}");
        match self {
            Self::Torsion(torsion) => torsion.to_string(),
            Self::Angle([i, j, k]) => format!("angle {i}-{j}-{k}"),
            Self::Distance(atoms) => format!("distance {}", pair(atoms)),
            Self::DistanceSum(pairs) => {
                format!("distance {}", pairs.iter().map(pair).collect::<Vec<_>>().join(" + "))
            }
            Self::DistanceDifference([first, second]) => {
                format!("distance {} - {}", pair(first), pair(second))
            }
            Self::Gyration(atoms) => format!("radius of gyration of {atoms}"),
            Self::Coordination(CoordinationConfig { of, by: Some(by), .. }) => {
                format!("coordination of {of} by {by}")
            }
            Self::Coordination(CoordinationConfig { of, .. }) => format!("coordination within {of}"),
            Self::Rmsd(RmsdConfig { atoms, .. }) => format!("rmsd of {atoms}"),
            Self::Combination(terms) => {
                let term = |term: &TermConfig| {
                    let text = term.quantity().map_or_else(String::new, |quantity| quantity.text());
                    format!("{} {text}", term.coefficient)
                };
                terms.iter().map(term).collect::<Vec<_>>().join(" + ")
            }
            Self::Coordinate(row) => row.clone(),
        }
    }

    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        if let Self::Rmsd(RmsdConfig { reference: Some(path), .. }) = self {
            *path = joined(folder, path);
        }
    }
}
