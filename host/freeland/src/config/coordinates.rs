//! The `[coordinates]` section: how positions become coordinates.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::atoms::AtomRef;
use super::error::Refusal;
use super::potential::joined;

const WHERE_ALIKE: &str = "where-alike";

/// A validated `[coordinates]` section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawCoordinates", into = "RawCoordinates")]
pub struct CoordinatesConfig {
    /// The transform.
    pub map: CoordinateMap,
    /// The configuration to start from; `None`: what the plugin tells.
    pub start: Option<Start>,
}

/// The transform from positions to coordinates.
#[derive(Debug, Clone, PartialEq)]
pub enum CoordinateMap {
    /// Bonds, angles and torsions.
    Internal(InternalMap),
    /// `q = M r` for models of a few numbers.
    Linear(LinearMap),
}

/// Internal coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct InternalMap {
    /// The z-matrix; `None`: derived from the bonds that the plugin tells.
    pub z_matrix: Option<GivenZMatrix>,
    /// Whether torsions that share a bond are rewritten as offsets from one of them.
    pub offsets: bool,
    /// Which rotors of three hydrogens are folded to a third of the circle.
    pub fold_rotors: FoldRotors,
}

/// `fold-rotors`: `true`, `false` or `"where-alike"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FoldRotors {
    /// Those whose hydrogens the energy does not tell apart.
    #[default]
    WhereAlike,
    /// All; where the energy tells hydrogens apart, the run does not begin.
    Always,
    /// None.
    Never,
}

impl Serialize for FoldRotors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::WhereAlike => serializer.serialize_str(WHERE_ALIKE),
            Self::Always => serializer.serialize_bool(true),
            Self::Never => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for FoldRotors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true, false or \"where-alike\"")]
        enum Written {
            Bool(bool),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bool(true) => Ok(Self::Always),
            Written::Bool(false) => Ok(Self::Never),
            Written::Text(text) if text == WHERE_ALIKE => Ok(Self::WhereAlike),
            Written::Text(text) => Err(serde::de::Error::custom(format!(
                "fold-rotors: expected true, false or \"{WHERE_ALIKE}\", got \"{text}\""
            ))),
        }
    }
}

/// A z-matrix as written.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenZMatrix {
    /// Three atoms `a-b-c` that all others are placed from.
    pub seed: [AtomRef; 3],
    /// One row for every other atom.
    pub rows: Vec<ZMatrixRow>,
}

/// A row of a z-matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ZMatrixRow {
    /// The atom that is placed.
    pub atom: AtomRef,
    /// The atom its bond is measured from.
    pub bond: AtomRef,
    /// The third atom of its angle.
    pub angle: AtomRef,
    /// The fourth atom of its torsion.
    pub torsion: AtomRef,
}

/// A linear map.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearMap {
    /// A name for every row; `None`: `q0`, `q1`, ...
    pub names: Option<Vec<String>>,
    /// Rows of `M`; `None`: the identity.
    pub matrix: Option<Vec<Vec<f64>>>,
}

/// A configuration to start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Start {
    /// Positions, atom after atom, nm or the potential's own unit.
    Values(Vec<f64>),
    /// The first configuration of a file: .pdb, .npy, .dcd.
    File(PathBuf),
}

/// `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapKind {
    /// See [`CoordinateMap::Internal`].
    #[default]
    Internal,
    /// See [`CoordinateMap::Linear`].
    Linear,
}

/// The `[coordinates]` section as written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawCoordinates {
    /// `"internal"` (default) or `"linear"`.
    #[serde(default)]
    pub kind: MapKind,
    /// Positions, or a file relative to this one; default: the plugin's, or zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Internal: rewrite torsions as offsets; default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offsets: Option<bool>,
    /// Internal: fold methyl-like rotors; default `"where-alike"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold_rotors: Option<FoldRotors>,
    /// Internal: seed of the z-matrix, `[a, b, c]` with `b` in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<[AtomRef; 3]>,
    /// Linear: names of the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// Linear: rows of the matrix; default: the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Vec<Vec<f64>>>,
    /// Internal: `{ atom = 4, bond = 6, angle = 8, torsion = 14 }` for every atom outside the seed, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub z_matrix: Option<Vec<ZMatrixRow>>,
}

impl Default for CoordinatesConfig {
    fn default() -> Self {
        let map = InternalMap { z_matrix: None, offsets: true, fold_rotors: FoldRotors::default() };
        Self { map: CoordinateMap::Internal(map), start: None }
    }
}

impl TryFrom<RawCoordinates> for CoordinatesConfig {
    type Error = Refusal;

    fn try_from(raw: RawCoordinates) -> Result<Self, Refusal> {
        if let Some(Start::Values(values)) = &raw.start
            && let Some(value) = values.iter().find(|value| !value.is_finite())
        {
            return Err(Refusal::new(
                "coordinates.start",
                format!("positions are finite numbers, got {value}"),
            ));
        }
        let of_the_other = match raw.kind {
            MapKind::Internal => [("matrix", raw.matrix.is_some()), ("names", raw.names.is_some())].to_vec(),
            MapKind::Linear => vec![
                ("z-matrix", raw.z_matrix.is_some()),
                ("seed", raw.seed.is_some()),
                ("offsets", raw.offsets.is_some()),
                ("fold-rotors", raw.fold_rotors.is_some()),
            ],
        };
        if let Some((key, _)) = of_the_other.into_iter().find(|(_, given)| *given) {
            let (this, other) = match raw.kind {
                MapKind::Internal => ("internal", "linear"),
                MapKind::Linear => ("linear", "internal"),
            };
            let reason =
                format!("does not apply to kind = \"{this}\"; remove it, or choose kind = \"{other}\"");
            return Err(Refusal::new(format!("coordinates.{key}"), reason));
        }
        let map = match raw.kind {
            MapKind::Linear => CoordinateMap::Linear(linear(raw.names, raw.matrix)?),
            MapKind::Internal => CoordinateMap::Internal(InternalMap {
                z_matrix: given(raw.seed, raw.z_matrix)?,
                offsets: raw.offsets.unwrap_or(true),
                fold_rotors: raw.fold_rotors.unwrap_or_default(),
            }),
        };
        Ok(Self { map, start: raw.start })
    }
}

fn given(seed: Option<[AtomRef; 3]>, rows: Option<Vec<ZMatrixRow>>) -> Result<Option<GivenZMatrix>, Refusal> {
    match (seed, rows) {
        (None, None) => Ok(None),
        (Some(seed), Some(rows)) => Ok(Some(GivenZMatrix { seed, rows })),
        (None, Some(_)) => {
            let reason = "a z-matrix needs coordinates.seed, three atoms that are not among its rows, such as [8, 6, 14]";
            Err(Refusal::new("coordinates.z-matrix", reason))
        }
        (Some(_), None) => {
            let reason = "a seed needs coordinates.z-matrix; remove it to have both derived from the bonds";
            Err(Refusal::new("coordinates.seed", reason))
        }
    }
}

fn linear(names: Option<Vec<String>>, matrix: Option<Vec<Vec<f64>>>) -> Result<LinearMap, Refusal> {
    if let Some(rows) = &matrix {
        let refuse = |reason| Err(Refusal::new("coordinates.matrix", reason));
        if rows.is_empty() {
            return refuse("expected a square matrix, got no rows".to_owned());
        }
        if let Some(row) = rows.iter().find(|row| row.len() != rows.len()) {
            return refuse(format!(
                "expected rows of {} numbers (a square matrix), got one of {}",
                rows.len(),
                row.len()
            ));
        }
        if let Some(value) = rows.iter().flatten().find(|value| !value.is_finite()) {
            return refuse(format!("expected finite numbers, got {value}"));
        }
    }
    if let Some(names) = &names {
        let refuse = |reason| Err(Refusal::new("coordinates.names", reason));
        if let Some(rows) = matrix.as_ref().filter(|rows| rows.len() != names.len()) {
            return refuse(format!(
                "expected {} names, one for every row of the matrix, got {}",
                rows.len(),
                names.len()
            ));
        }
        let repeated = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
        if let Some((_, name)) = repeated {
            return refuse(format!("'{name}' is given twice; names tell coordinates apart"));
        }
    }
    Ok(LinearMap { names, matrix })
}

impl From<CoordinatesConfig> for RawCoordinates {
    fn from(config: CoordinatesConfig) -> Self {
        let start = config.start;
        match config.map {
            CoordinateMap::Linear(LinearMap { names, matrix }) => {
                Self { kind: MapKind::Linear, start, names, matrix, ..Self::default() }
            }
            CoordinateMap::Internal(InternalMap { z_matrix, offsets, fold_rotors }) => {
                let (seed, z_matrix) = z_matrix.map(|given| (given.seed, given.rows)).unzip();
                let (offsets, fold_rotors) = (Some(offsets), Some(fold_rotors));
                Self { start, offsets, fold_rotors, seed, z_matrix, ..Self::default() }
            }
        }
    }
}

impl CoordinatesConfig {
    /// Makes relative paths absolute, from `folder`.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        if let Some(Start::File(file)) = &mut self.start {
            *file = joined(folder, file);
        }
    }
}
