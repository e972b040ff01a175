//! Tabulated functions of custom forces.
use super::{SystemError, element::Element, unsupported};
use crate::expression::{Spline, Table, TableError};
use std::sync::Arc;

/// A function under its name.
pub type Named = (String, Arc<Table>);

/// Reads the functions of a force; two-dimensional and three-dimensional splines are refused by name.
pub fn functions(force: &Element<'_, '_>) -> Result<Vec<Named>, SystemError> {
    let mut found: Vec<Named> = Vec::new();
    force.list("Functions", "Function", |function| {
        let (name, kind) = (function.text("name")?, function.text("type")?);
        if found.iter().any(|(other, _)| other == name) {
            return Err(function.bad("each 'name' once".into(), name));
        }
        let sizes: &[&str] = match kind {
            "Continuous1DFunction" | "Discrete1DFunction" => &[],
            "Discrete2DFunction" => &["xsize", "ysize"],
            "Discrete3DFunction" => &["xsize", "ysize", "zsize"],
            other => return Err(unsupported(format!("the {other} '{name}' of '{}'", function.place()))),
        };
        let version = function.version(kind)?;
        let sizes = sizes.iter().map(|&size| function.index(size, 1 << 24)).collect::<Result<Vec<_>, _>>()?;
        let values = function.list("Values", "Value", |value| value.number("v"))?;
        let bad = |error: TableError, found: usize| function.bad(error.to_string(), &found.to_string());
        let count = values.len();
        let table = match kind {
            "Continuous1DFunction" => {
                let (min, max) = (function.number("min")?, function.number("max")?);
                let periodic = version > 1 && function.switch("periodic")?;
                Spline::new(values, min, max, periodic).map(Table::Spline).map_err(|error| match error {
                    TableError::Range => function.bad(error.to_string(), &format!("{min} and {max}")),
                    error => bad(error, count),
                })?
            }
            "Discrete1DFunction" => Table::discrete(&[count], values).map_err(|error| bad(error, count))?,
            _ => Table::discrete(&sizes, values).map_err(|error| bad(error, count))?,
        };
        found.push((name.into(), Arc::new(table)));
        Ok(())
    })?;
    Ok(found)
}
