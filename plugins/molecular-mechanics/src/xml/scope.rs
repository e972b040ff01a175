//! The variables of a custom force, and its expressions.
use super::{Reading, SystemError, element::Element, tabulated::Named};
use crate::expression::{ExpressionError, Function, Scope};

/// Names and default values of global parameters.
pub type GlobalParameters<'a> = Vec<(&'a str, f64)>;

/// Reads the global parameters of a force and, in versions from `derivatives` on, the list of those by which OpenMM can
/// differentiate the energy, which changes no energy.
pub fn globals<'a>(
    force: &Element<'a, '_>,
    reading: &Reading<'_>,
    derivatives: i64,
) -> Result<GlobalParameters<'a>, SystemError> {
    let globals = reading.globals.of(force)?;
    if reading.version >= derivatives {
        force.list("EnergyParameterDerivatives", "Parameter", |parameter| {
            let name = parameter.text("name")?;
            match globals.iter().any(|&(global, _)| global == name) {
                true => Ok(()),
                false => Err(parameter.bad("a global parameter in 'name'".into(), name)),
            }
        })?;
    }
    Ok(globals)
}

/// The names in a list of parameters, each once.
pub fn names<'a>(force: &Element<'a, '_>, list: &str) -> Result<Vec<&'a str>, SystemError> {
    let mut found = Vec::new();
    force.list(list, "Parameter", |parameter| {
        let name = parameter.text("name")?;
        if found.contains(&name) {
            return Err(parameter.bad("each 'name' once".into(), name));
        }
        found.push(name);
        Ok(())
    })?;
    Ok(found)
}

/// The attributes `param1`, `param2`, ..., one for each of `names`.
pub fn parameters(element: &Element<'_, '_>, names: &[&str]) -> Result<Vec<f64>, SystemError> {
    (1..=names.len()).map(|place| element.number(&format!("param{place}"))).collect()
}

/// The scope of these variables and functions.
///
/// # Errors
/// If two variables have one name.
pub fn scope(
    force: &Element<'_, '_>,
    variables: Vec<String>,
    functions: &[Named],
) -> Result<Scope, SystemError> {
    let mut sorted: Vec<&String> = variables.iter().collect();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(force.bad("different names of each <Parameter>, <Value> and variable".into(), twice[0]));
    }
    Ok(Scope::new(variables, functions.to_vec()))
}

/// Reads an expression in `scope`, of whose variables the first `variables` differ between configurations.
pub fn function(
    force: &Element<'_, '_>,
    text: &str,
    scope: &Scope,
    variables: usize,
) -> Result<Function, SystemError> {
    Function::new(text, scope, variables).map_err(|error| refusal(force, &error))
}

/// An expression that is none.
pub fn refusal(force: &Element<'_, '_>, error: &ExpressionError) -> SystemError {
    let ExpressionError { position, expected, found, text } = error;
    force.bad(format!("{expected} at character {position} of \"{text}\""), found)
}

/// Every name with `1`, then with `2`, as expressions of two particles have them.
pub fn of_two<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    names.into_iter().flat_map(|name| [format!("{name}1"), format!("{name}2")]).collect()
}

/// The parameters of two particles in the order of [`of_two`].
pub fn parameters_of_two<'p>(first: &'p [f64], second: &'p [f64]) -> impl Iterator<Item = f64> + use<'p> {
    first.iter().zip(second).flat_map(|(&first, &second)| [first, second])
}
