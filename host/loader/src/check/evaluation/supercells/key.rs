//! The key of a configuration that is the number of atoms.

use serde_json::{Map, Value};

use crate::check::bench::Bench;
use crate::check::raw::{Instance, Library, c_text};
use crate::check::survey::Survey;
use crate::check::verdict::Finding;

/// A configuration with a key that is the number of atoms: what the contract itself cannot ask for.
pub(super) struct AtomsKey {
    pub(super) name: String,
    given: Map<String, Value>,
}

impl AtomsKey {
    /// The first key that looks like it and keeps its word: twice its value makes an instance with twice the atoms.
    pub(super) fn find(
        bench: &Bench<'_>,
        library: &Library,
        survey: &Survey,
    ) -> Result<Option<Self>, Finding> {
        let given: Map<String, Value> = serde_json::from_str(&bench.plan.config).unwrap_or_default();
        let schema = survey.descriptor.config_schema.as_ref();
        for name in candidates(&given, schema, survey.info.atoms) {
            let key = Self { name, given: given.clone() };
            if key.copies(bench, library, survey, 1)?.is_some()
                && key.copies(bench, library, survey, 2)?.is_some()
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// An instance with `copies` times as many atoms and else the same facts, if there is one.
    pub(super) fn copies(
        &self,
        bench: &Bench<'_>,
        library: &Library,
        survey: &Survey,
        copies: usize,
    ) -> Result<Option<Instance>, Finding> {
        let mut config = self.given.clone();
        config.insert(self.name.clone(), (copies * survey.info.atoms).into());
        let (id, config) = (c_text(bench.id)?, c_text(&Value::Object(config).to_string())?);
        let Ok(instance) = library.try_create(&id, Some(&config), None)? else { return Ok(None) };
        let (found, wanted) = (instance.info(&survey.descriptor)?, &survey.info);
        let same = found.atoms == copies * wanted.atoms
            && found.dimensions == wanted.dimensions
            && found.periodic == wanted.periodic
            && found.cutoff_nm == wanted.cutoff_nm;
        Ok(same.then_some(instance))
    }
}

/// Integer keys whose value is `atoms`, where it is known: as given, else the schema's default. Known ones first.
fn candidates(given: &Map<String, Value>, schema: Option<&Value>, atoms: usize) -> Vec<String> {
    let properties = schema.and_then(|it| it.get("properties")).and_then(Value::as_object);
    let is_atoms = |value: &Value| value.as_u64() == u64::try_from(atoms).ok();
    let known = given.iter().filter(|(_, value)| is_atoms(value)).map(|(name, _)| name.clone());
    let mut names: Vec<String> = known.collect();
    let mut unknown = Vec::new();
    for (name, property) in properties.into_iter().flatten() {
        if given.contains_key(name) || !is_integer(property) {
            continue;
        }
        match property.get("default") {
            Some(value) if is_atoms(value) => names.push(name.clone()),
            Some(Value::Number(_)) => {}
            _ => unknown.push(name.clone()),
        }
    }
    names.append(&mut unknown);
    names
}

/// Whether the schema of a property takes integers; a mere number may be one too, but is not meant as a count.
fn is_integer(property: &Value) -> bool {
    match property.get("type") {
        Some(Value::String(name)) => name == "integer",
        Some(Value::Array(names)) => names.iter().any(|name| name == "integer"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(given: Value, schema: Value) -> Vec<String> {
        let Value::Object(given) = given else { panic!("{given}") };
        candidates(&given, Some(&schema), 6)
    }

    #[test]
    fn the_value_is_the_number_of_atoms_as_far_as_it_is_known() {
        let schema = json!({"properties": {
            "beads": {"type": ["integer", "null"]},
            "box": {"type": "number", "default": 6},
            "particles": {"type": "integer", "default": 6},
            "seed": {"type": "integer", "default": 1},
        }});
        assert_eq!(names(json!({}), schema.clone()), ["particles", "beads"]);
        assert_eq!(names(json!({"seed": 6, "particles": 5}), schema), ["seed", "beads"]);
    }

    #[test]
    fn what_is_given_counts_without_a_schema() {
        assert_eq!(names(json!({"atoms": 6, "height": 6.0, "name": "6"}), json!({})), ["atoms"]);
        assert_eq!(names(json!({}), json!(true)), [""; 0]);
    }
}
