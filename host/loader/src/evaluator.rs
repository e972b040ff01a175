//! Whatever evaluates: an instance in this process, or worker processes that have some.

use epp::sdk::Topology;

use crate::error::{EvaluateError, OpenError};
use crate::facts::Facts;
use crate::isolation::Faults;
use crate::request::Request;

/// The plugin's side of a potential.
pub(crate) trait Evaluator: Send + Sync {
    /// Writes what a request wants that was checked. What comes back is the plugin's, and is to be audited.
    fn evaluate(&self, facts: &Facts, request: &mut Request<'_>) -> Result<(), EvaluateError>;

    /// Another one for another molecule.
    fn derive(&self, facts: &Facts, topology: &Topology) -> Result<(Box<dyn Evaluator>, Facts), OpenError>;

    /// What went wrong in its worker processes, so far; `None` where it has none.
    fn faults(&self) -> Option<Faults>;

    /// What this system does not keep the code of the plugin from, a sentence each.
    fn unconfined(&self) -> Vec<String>;
}
