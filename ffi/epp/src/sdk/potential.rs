//! What an author implements.
use super::{
    Batch, Components, CreateError, Description, EvaluateError, Parameter, Reference, Topology, Virial,
};
use crate::sys;

/// A potential energy of a molecule or model, with its gradient.
///
/// Every method may panic: the edge turns the panic into an error of that call.
pub trait Potential: Sized + Send + Sync + 'static {
    /// What the user may set, read from JSON. Put `#[serde(deny_unknown_fields, rename_all = "kebab-case")]` on it; its
    /// JSON Schema, doc comments included, is shown to users. [`NoConfig`] where there is nothing to set.
    type Config: serde::de::DeserializeOwned + schemars::JsonSchema;

    /// The static facts.
    const DESCRIPTION: Description;

    /// Makes an instance. `host_topology`: what the host knows of the molecule, if anything.
    fn create(config: Self::Config, host_topology: Option<&Topology>) -> Result<Self, CreateError>;

    /// Facts of the instance. Asked once, right after `create`.
    fn info(&self) -> Info;

    /// Energy and gradient of every configuration of the batch.
    ///
    /// A sample that is neither finished nor failed gets [`SampleStatus::Internal`](super::SampleStatus::Internal).
    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError>;

    /// The molecule, if the potential has one (`epp.topology/1`). Asked once, right after `create`.
    fn topology(&self) -> Option<&Topology> {
        None
    }

    /// Energy terms by name (`epp.components/1`).
    fn components(&self) -> Option<&dyn Components> {
        None
    }

    /// Known energies (`epp.reference/1`).
    fn reference(&self) -> Option<&dyn Reference> {
        None
    }

    /// The derivative by a strain (`epp.virial/1`).
    fn virial(&self) -> Option<&dyn Virial> {
        None
    }

    /// Parameters that a batch may bring along (`epp.parameters/1`). Asked once, right after `create`.
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }
}

/// Facts of one created instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Info {
    /// Number of atoms, at least 1.
    pub atoms: usize,
    /// Coordinates per atom: 3; 1 or 2 for toys.
    pub dimensions: usize,
    /// The largest batch, 0 for no limit.
    pub max_batch: usize,
    /// Batches that are a multiple of it are fastest, 0 for no preference.
    pub preferred_batch: usize,
    /// Bit k set: needs a box, and is periodic along its row k.
    pub periodic: u32,
    /// Interactions end here, 0 for no cutoff.
    pub cutoff_nm: f64,
    /// The descriptor's promise of determinism does not hold for this instance.
    pub withdraws_determinism: bool,
    /// The symmetries that the descriptor names do not hold for this instance.
    pub withdraws_symmetries: bool,
}

impl Info {
    /// `epp_info.withdrawn`
    pub(super) fn withdrawn(&self) -> u32 {
        let bit = |withdrawn: bool, bit: u32| if withdrawn { bit } else { 0 };
        bit(self.withdraws_determinism, sys::WITHDRAWN_DETERMINISM)
            | bit(self.withdraws_symmetries, sys::WITHDRAWN_SYMMETRIES)
    }
}

impl Default for Info {
    /// Three dimensions, no limits, not periodic. The number of atoms is 0: set it.
    fn default() -> Self {
        Self {
            atoms: 0,
            dimensions: 3,
            max_batch: 0,
            preferred_batch: 0,
            periodic: 0,
            cutoff_nm: 0.0,
            withdraws_determinism: false,
            withdraws_symmetries: false,
        }
    }
}

/// The configuration of a potential that has nothing to set: `{}`.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}
