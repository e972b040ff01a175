//! Global parameters that a caller may vary from call to call: the extension `epp.parameters/1`.

/// A parameter by name. Its value comes with the batch ([`Batch::parameters`](super::Batch::parameters)), in the order
/// of [`Potential::parameters`](super::Potential::parameters).
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As the user writes it.
    pub name: String,
    /// The value where a batch brings none.
    pub default_value: f64,
}
