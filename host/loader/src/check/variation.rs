//! Another configuration than the one that was given, by what the schema says of its keys.

use std::time::Instant;

use epp::sys;
use serde_json::{Map, Value, json};

use super::bench::Bench;
use super::call::Call;
use super::raw::{Library, c_text};
use super::survey::Survey;
use super::verdict::Finding;

/// Configurations that are tried.
const MOST: usize = 24;
/// Seconds after which no further one is.
const SECONDS: f64 = 3.0;

/// A configuration with which the same configurations have other energies, for the same number of atoms; `None` where
/// none was found.
pub(crate) fn other_config(
    bench: &Bench<'_>,
    library: &Library,
    survey: &Survey,
) -> Result<Option<String>, Finding> {
    let descriptor = bench.descriptor()?;
    let Some(schema) = &descriptor.config_schema else { return Ok(None) };
    let given: Map<String, Value> = serde_json::from_str(&bench.plan.config).unwrap_or_default();
    let id = c_text(bench.id)?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let candidates = properties.into_iter().flatten().flat_map(|(key, property)| {
        others(property, given.get(key)).into_iter().map(move |value| (key, value))
    });
    let started = Instant::now();
    for (key, value) in candidates.take(MOST) {
        if started.elapsed().as_secs_f64() > SECONDS {
            break;
        }
        let mut config = given.clone();
        config.insert(key.clone(), value);
        let config = Value::Object(config).to_string();
        let Ok(instance) = library.try_create(&id, Some(&c_text(&config)?), None)? else { continue };
        let Ok(info) = instance.info(descriptor) else { continue };
        if info.atoms != survey.info.atoms
            || info.dimensions != survey.info.dimensions
            || info.periodic != survey.info.periodic
            || info.uses_seed != survey.info.uses_seed
        {
            continue;
        }
        let (code, _, reply) = Call::new(survey, survey.base(0))?.run_anyhow(&instance);
        let differs = (reply.energies[0] - survey.energies[0]).abs()
            > survey.energy_tolerance(survey.energies[0], 10.0 * survey.rounding());
        if code == sys::OK && reply.statuses[0] == sys::SAMPLE_OK && differs {
            return Ok(Some(config));
        }
    }
    Ok(None)
}

/// Values that a property may have instead of the given one, or its default.
fn others(property: &Value, given: Option<&Value>) -> Vec<Value> {
    let now = given.or_else(|| property.get("default"));
    if let Some(values) = property.get("enum").and_then(Value::as_array) {
        return values.iter().filter(|&value| Some(value) != now).cloned().collect();
    }
    let limit = |key: &str| property.get(key).and_then(Value::as_f64);
    let inside = |value: &f64| {
        limit("minimum").is_none_or(|least| *value >= least)
            && limit("maximum").is_none_or(|most| *value <= most)
    };
    let types: Vec<&str> = match property.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if types.contains(&"number") {
        let now = now.and_then(Value::as_f64).unwrap_or(1.0);
        let tries = [1.1 * now, 0.9 * now, now + 1.0, now - 0.5, 1.5 * now];
        return tries.into_iter().filter(inside).map(|value| json!(value)).collect();
    }
    if types.contains(&"integer") {
        let now = now.and_then(Value::as_i64).unwrap_or(1);
        return [now + 1, now - 1]
            .into_iter()
            .filter(|&it| inside(&(it as f64)))
            .map(|it| json!(it))
            .collect();
    }
    if types.contains(&"boolean") {
        return vec![json!(!now.and_then(Value::as_bool).unwrap_or(false))];
    }
    Vec::new()
}
