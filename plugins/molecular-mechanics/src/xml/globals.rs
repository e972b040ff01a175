//! Parameters that all forces of a System share, at their default values.
use super::{SystemError, element::Element};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The parameters of the forces that were read.
#[derive(Default)]
pub struct Globals(RefCell<BTreeMap<String, f64>>);

impl Globals {
    /// The parameters of one force and their values, in the order of its list `GlobalParameters`.
    ///
    /// # Errors
    /// Refuses a name twice in one force, and two forces that differ on the value of one name, as OpenMM does.
    pub fn of<'a>(&self, force: &Element<'a, '_>) -> Result<Vec<(&'a str, f64)>, SystemError> {
        let mut own: Vec<(&str, f64)> = Vec::new();
        force.list("GlobalParameters", "Parameter", |parameter| {
            let (name, value) = (parameter.text("name")?, parameter.number("default")?);
            if own.iter().any(|&(other, _)| other == name) {
                return Err(parameter.bad("each 'name' once".into(), name));
            }
            let first = *self.0.borrow_mut().entry(name.into()).or_insert(value);
            if first != value {
                let expected = format!("{first} in 'default' of '{name}', as another force has it");
                return Err(parameter.bad(expected, &value.to_string()));
            }
            own.push((name, value));
            Ok(())
        })?;
        Ok(own)
    }
}
