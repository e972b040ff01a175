//! The `[coarse]` section: the coordinates that F is a function of, and their grid.

use std::f64::consts::PI;
use std::fmt;
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::atoms::{AtomGroup, AtomRef, TorsionRef};
use super::coordinates::{CoordinateMap, CoordinatesConfig};
use super::error::Refusal;
use super::quantity::{CoarseQuantity, CoordinationConfig, RmsdConfig, TermConfig};
use crate::units::{Extent, Unit};

/// Bins of an axis of F where none are given.
pub const DEFAULT_BINS: usize = 100;
/// The keys that say what is measured.
const QUANTITIES: &str = "torsion, angle, distance, distance-sum, distance-difference, radius-of-gyration, coordination, rmsd, \
                          combination, coordinate";
/// Most bins of an axis.
const MOST_BINS: usize = 100_000;
/// Bins of the whole grid, at most: F and its error are kept for each, and for each member of the ensemble or group of
/// walkers.
pub const MOST_GRID_BINS: usize = 1_000_000;

/// A validated `[coarse]` section.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawCoarse", into = "RawCoarse")]
pub struct CoarseConfig {
    /// The variables, in the order of the axes of F. A run file has at least one; a program that makes its own
    /// configuration may have none, for a flow without condition.
    pub variables: Vec<CoarseVariable>,
}

/// One coarse variable.
#[derive(Debug, Clone, PartialEq)]
pub struct CoarseVariable {
    /// For files and figures; unique.
    pub name: String,
    /// What it measures.
    pub quantity: CoarseQuantity,
    /// Ends of the grid, in `unit`.
    pub range: (f64, f64),
    /// Unit of the variable.
    pub unit: Unit,
    /// Bins of the grid, of equal width.
    pub bins: usize,
}

/// The `[coarse]` section as written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawCoarse {
    /// `"phi"`, or a table with exactly one key that says what is measured.
    #[serde(default)]
    pub variables: Vec<RawCoarseVariable>,
}

/// One entry of `variables`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RawCoarseVariable {
    /// `"phi"` stands for `{ torsion = "phi" }`.
    Name(TorsionRef),
    /// Everything else.
    Table(Box<RawVariableTable>),
}

/// One entry of `variables` written as a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawVariableTable {
    /// Default: made of what it measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Four atoms, or `"phi"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torsion: Option<TorsionRef>,
    /// Three atoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angle: Option<[AtomRef; 3]>,
    /// Two atoms, bonded or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<[AtomRef; 2]>,
    /// Two or more pairs of atoms, whose distances are added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_sum: Option<Vec<[AtomRef; 2]>>,
    /// Two pairs of atoms: the first distance less the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_difference: Option<[[AtomRef; 2]; 2]>,
    /// The atoms whose radius of gyration it is, weighted by their masses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_of_gyration: Option<AtomGroup>,
    /// How many atoms are near others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordination: Option<CoordinationConfig>,
    /// How far from a reference structure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rmsd: Option<RmsdConfig>,
    /// Terms, each a coefficient and a torsion, an angle or a distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combination: Option<Vec<TermConfig>>,
    /// Name of a row of the linear map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinate: Option<String>,
    /// Ends of the grid: `["0.2 nm", "0.8 nm"]`; plain numbers for a row of a linear map. A torsion has the circle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[Extent; 2]>,
    /// Bins of the grid; default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<usize>,
}

struct VariableVisitor;

impl<'de> Visitor<'de> for VariableVisitor {
    type Value = RawCoarseVariable;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a coarse variable, such as \"phi\" or { torsion = [4, 6, 8, 14] }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawCoarseVariable, E> {
        TorsionRef::deserialize(serde::de::value::StrDeserializer::<E>::new(text))
            .map(RawCoarseVariable::Name)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawCoarseVariable, A::Error> {
        let table = RawVariableTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RawCoarseVariable::Table(Box::new(table)))
    }
}

impl<'de> Deserialize<'de> for RawCoarseVariable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VariableVisitor)
    }
}

impl TryFrom<RawCoarse> for CoarseConfig {
    type Error = Refusal;

    fn try_from(raw: RawCoarse) -> Result<Self, Refusal> {
        let mut variables: Vec<CoarseVariable> = Vec::new();
        for (index, raw) in raw.variables.into_iter().enumerate() {
            let key = format!("coarse.variables[{index}]");
            let table = match raw {
                RawCoarseVariable::Name(torsion) => {
                    RawVariableTable { torsion: Some(torsion), ..Default::default() }
                }
                RawCoarseVariable::Table(table) => *table,
            };
            let new = variable(&key, table)?;
            if variables.iter().any(|other| other.name == new.name) {
                let reason = format!("'{}' is given twice; give each variable its own name", new.name);
                return Err(Refusal::new(format!("{key}.name"), reason));
            }
            variables.push(new);
        }
        Ok(Self { variables })
    }
}

fn variable(key: &str, table: RawVariableTable) -> Result<CoarseVariable, Refusal> {
    let name = table.name.clone();
    let (range, bins) = (table.range, table.bins.unwrap_or(DEFAULT_BINS));
    let quantity = quantity(key, table)?;
    if !(2..=MOST_BINS).contains(&bins) {
        return Err(Refusal::new(
            format!("{key}.bins"),
            format!("expected 2 to {MOST_BINS} bins, got {bins}"),
        ));
    }
    let (unit, text) = (quantity.unit(), quantity.text());
    let range_key = format!("{key}.range");
    let circle = quantity.on_circle();
    let range = match (range, circle) {
        (Some(range), true) => {
            let ends = ends(&range_key, range, unit)?;
            if (ends.0 + PI).abs() > 1e-9 || (ends.1 - PI).abs() > 1e-9 {
                let reason = "a torsion has the whole circle, \"-180 deg\" to \"180 deg\"; remove the range";
                return Err(Refusal::new(range_key, reason));
            }
            (-PI, PI)
        }
        (None, true) => (-PI, PI),
        (Some(range), false) => ends(&range_key, range, unit)?,
        (None, false) => {
            let example = match unit {
                Unit::Nanometre => "[\"0.2 nm\", \"0.8 nm\"]",
                Unit::Radian => "[\"80 deg\", \"140 deg\"]",
                Unit::Reduced => "[-2.5, 1.1]",
            };
            return Err(Refusal::new(
                range_key,
                format!("missing; '{text}' needs the ends of its grid, for example {example}"),
            ));
        }
    };
    Ok(CoarseVariable { name: name.unwrap_or(text), quantity, range, unit, bins })
}

/// The one quantity of a table.
fn quantity(key: &str, table: RawVariableTable) -> Result<CoarseQuantity, Refusal> {
    let given: Vec<CoarseQuantity> = [
        table.torsion.map(CoarseQuantity::Torsion),
        table.angle.map(CoarseQuantity::Angle),
        table.distance.map(CoarseQuantity::Distance),
        table.distance_sum.map(CoarseQuantity::DistanceSum),
        table.distance_difference.map(CoarseQuantity::DistanceDifference),
        table.radius_of_gyration.map(CoarseQuantity::Gyration),
        table.coordination.map(CoarseQuantity::Coordination),
        table.rmsd.map(CoarseQuantity::Rmsd),
        table.combination.map(CoarseQuantity::Combination),
        table.coordinate.map(CoarseQuantity::Coordinate),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [quantity] = <[CoarseQuantity; 1]>::try_from(given).map_err(|given| {
        let reason = format!("expected exactly one of {QUANTITIES}, got {}", given.len());
        Refusal::new(key, reason)
    })?;
    match &quantity {
        CoarseQuantity::DistanceSum(pairs) if pairs.len() < 2 => {
            let reason =
                format!("expected two or more pairs of atoms, got {}; use distance for one", pairs.len());
            Err(Refusal::new(format!("{key}.distance-sum"), reason))
        }
        CoarseQuantity::Combination(terms) => {
            let key = format!("{key}.combination");
            if terms.is_empty() {
                return Err(Refusal::new(key, "expected at least one term, got none"));
            }
            match terms.iter().position(|term| term.quantity().is_none()) {
                Some(term) => {
                    let reason = "expected exactly one of torsion, angle, distance beside the coefficient";
                    Err(Refusal::new(format!("{key}[{term}]"), reason))
                }
                None => Ok(quantity),
            }
        }
        _ => Ok(quantity),
    }
}

fn ends(key: &str, [low, high]: [Extent; 2], unit: Unit) -> Result<(f64, f64), Refusal> {
    let value = |extent| match (extent, unit) {
        (Extent::Length(value), Unit::Nanometre)
        | (Extent::Angle(value), Unit::Radian)
        | (Extent::Plain(value), Unit::Reduced) => Ok(value),
        (Extent::Plain(value), Unit::Nanometre) => {
            Err(format!("a length needs a unit, for example \"{value} nm\"; got the bare number {value}"))
        }
        (Extent::Plain(value), Unit::Radian) => {
            Err(format!("an angle needs a unit, for example \"{value} deg\"; got the bare number {value}"))
        }
        (found, Unit::Reduced) => {
            Err(format!("expected plain numbers as the range, since the variable has no unit, got {found:?}"))
        }
        (found, unit) => Err(format!("expected values in {unit}, got {found:?}")),
    };
    let refuse = |reason: String| Refusal::new(key, reason);
    let (low, high) = (value(low).map_err(refuse)?, value(high).map_err(refuse)?);
    if low < high {
        Ok((low, high))
    } else {
        Err(refuse(format!("expected the lower end first, got {low} and {high}")))
    }
}

impl From<CoarseConfig> for RawCoarse {
    fn from(config: CoarseConfig) -> Self {
        let table = |variable: CoarseVariable| {
            let (low, high) = variable.range;
            let range = match variable.unit {
                Unit::Nanometre => [low, high].map(Extent::Length),
                Unit::Radian => [low, high].map(Extent::Angle),
                Unit::Reduced => [low, high].map(Extent::Plain),
            };
            let mut table = RawVariableTable {
                name: Some(variable.name),
                range: Some(range),
                bins: Some(variable.bins),
                ..Default::default()
            };
            if variable.quantity.on_circle() {
                table.range = None;
            }
            match variable.quantity {
                CoarseQuantity::Torsion(torsion) => table.torsion = Some(torsion),
                CoarseQuantity::Angle(atoms) => table.angle = Some(atoms),
                CoarseQuantity::Distance(atoms) => table.distance = Some(atoms),
                CoarseQuantity::DistanceSum(pairs) => table.distance_sum = Some(pairs),
                CoarseQuantity::DistanceDifference(pairs) => table.distance_difference = Some(pairs),
                CoarseQuantity::Gyration(atoms) => table.radius_of_gyration = Some(atoms),
                CoarseQuantity::Coordination(section) => table.coordination = Some(section),
                CoarseQuantity::Rmsd(section) => table.rmsd = Some(section),
                CoarseQuantity::Combination(terms) => table.combination = Some(terms),
                CoarseQuantity::Coordinate(row) => table.coordinate = Some(row),
            }
            RawCoarseVariable::Table(Box::new(table))
        };
        Self { variables: config.variables.into_iter().map(table).collect() }
    }
}

impl CoarseConfig {
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        self.variables.iter_mut().for_each(|variable| variable.quantity.resolve_paths(folder));
    }

    /// Refuses an F that is a function of nothing, and variables that the kind of coordinate map cannot have.
    pub(super) fn check_against(&self, coordinates: &CoordinatesConfig) -> Result<(), Refusal> {
        if self.variables.is_empty() {
            let example = match &coordinates.map {
                CoordinateMap::Internal(_) => "[\"phi\", \"psi\"]".to_owned(),
                CoordinateMap::Linear(map) => {
                    let row = map.names.as_ref().and_then(|names| names.first()).map_or("q0", String::as_str);
                    format!("[{{ coordinate = \"{row}\", range = [-1.0, 1.0] }}]")
                }
            };
            let reason = format!(
                "expected at least one coarse variable, got none; say what F is a function of, for example {example}"
            );
            return Err(Refusal::new("coarse.variables", reason));
        }
        let bins: Vec<usize> = self.variables.iter().map(|variable| variable.bins).collect();
        let whole = bins.iter().try_fold(1, |whole: usize, bins| whole.checked_mul(*bins));
        if whole.is_none_or(|whole| whole > MOST_GRID_BINS) {
            let each = ((MOST_GRID_BINS as f64).powf((bins.len() as f64).recip()) + 1e-9).floor();
            let bins: Vec<String> = bins.iter().map(usize::to_string).collect();
            let reason = format!(
                "a grid of {} bins is more than {MOST_GRID_BINS}; give each variable fewer, for example bins = {each} for \
                 each of them, or leave variables out",
                bins.join(" x ")
            );
            return Err(Refusal::new("coarse.variables", reason));
        }
        for (index, variable) in self.variables.iter().enumerate() {
            let key = format!("coarse.variables[{index}]");
            match (&variable.quantity, &coordinates.map) {
                (CoarseQuantity::Coordinate(row), CoordinateMap::Linear(map)) => {
                    if let Some(names) = map.names.as_ref().filter(|names| !names.contains(row)) {
                        let reason =
                            format!("no row of the map is called '{row}'; its rows are {}", names.join(", "));
                        return Err(Refusal::new(format!("{key}.coordinate"), reason));
                    }
                }
                (CoarseQuantity::Coordinate(_), CoordinateMap::Internal(_)) => {
                    let reason = "rows by name belong to coordinates.kind = \"linear\"; use torsion, angle, distance or another here";
                    return Err(Refusal::new(format!("{key}.coordinate"), reason));
                }
                (_, CoordinateMap::Linear(_)) => {
                    let reason = "a linear map has rows, not torsions, distances or others of a molecule; use coordinate = \"name\"";
                    return Err(Refusal::new(key, reason));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
