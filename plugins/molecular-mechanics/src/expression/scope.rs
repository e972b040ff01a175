//! The names that an expression may use.
use super::table::Table;
use std::sync::Arc;

/// The names that an expression may use.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Variables, by their numbers.
    pub variables: Vec<String>,
    /// Tabulated functions.
    pub tables: Vec<(String, Arc<Table>)>,
}

impl Scope {
    /// These variables and tabulated functions.
    pub fn new(variables: Vec<String>, tables: Vec<(String, Arc<Table>)>) -> Self {
        Self { variables, tables }
    }
}
