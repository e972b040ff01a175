//! What an author implements.
use super::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Output, Parameter,
    Topology,
};

/// A potential energy of a molecule or model, with its gradient and whatever else it names.
///
/// Every method may panic: the edge turns the panic into an error of that call.
pub trait Potential: Sized + Send + Sync + 'static {
    /// What the user may set, read from JSON. Put `#[serde(deny_unknown_fields, rename_all = "kebab-case")]` on it; its
    /// JSON Schema, doc comments included, is shown to users. [`NoConfig`] where there is nothing to set.
    type Config: serde::de::DeserializeOwned + schemars::JsonSchema;

    /// The static facts.
    const DESCRIPTION: Description;

    /// Whether [`derive`](Self::derive) is there.
    const DERIVES: bool = false;

    /// Makes an instance. Bits of `required` that the SDK does not know have been refused before.
    fn create(request: CreateRequest<Self::Config>) -> Result<Self, CreateError>;

    /// Facts of the instance. Asked once, right after `create`, like all that follows but `evaluate` and `derive`.
    fn info(&self) -> Info;

    /// Energy, gradient and outputs of every configuration of the batch, from one computation.
    ///
    /// A sample that is neither finished nor failed gets [`SampleStatus::Internal`](super::SampleStatus::Internal).
    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError>;

    /// The molecule, if the potential has one (`epp.topology/1`).
    fn topology(&self) -> Option<&Topology> {
        None
    }

    /// What `evaluate` writes beside energy and gradient where it is asked (`epp.outputs/1`); the place in this list is
    /// the index by which [`Sample::output`](super::Sample::output) knows it.
    fn outputs(&self) -> Vec<Output> {
        Vec::new()
    }

    /// Parameters that a batch may bring along (`epp.parameters/1`).
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    /// Configurations with known results (`epp.reference/1`).
    fn reference(&self) -> Vec<GoldenSample> {
        Vec::new()
    }

    /// Another instance for another molecule, with the configuration and weights of this one. The two are independent.
    /// Called only where [`DERIVES`](Self::DERIVES) says so.
    fn derive(&self, _request: CreateRequest<()>) -> Result<Self, CreateError> {
        Err(CreateError::Unsupported("this potential derives no other".into()))
    }
}

/// The configuration of a potential that has nothing to set: `{}`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}
