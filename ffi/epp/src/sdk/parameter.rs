//! Global parameters that a caller may vary from call to call: the extension `epp.parameters/1`.

/// A parameter by name. Its value comes with the batch ([`Batch::parameters`](super::Batch::parameters)), in the order
/// of [`Potential::parameters`](super::Potential::parameters).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameter {
    /// As the user writes it; different for each.
    pub name: String,
    /// Empty: a pure number, or not told.
    pub unit: String,
    /// The value where a batch brings none.
    pub default_value: f64,
    /// The least and the largest value; the edge gives others
    /// [`SampleStatus::OutsideDomain`](super::SampleStatus::OutsideDomain). `None`: any finite value.
    pub range: Option<[f64; 2]>,
}

impl Parameter {
    /// A pure number of any value.
    pub fn new(name: impl Into<String>, default_value: f64) -> Self {
        Self { name: name.into(), default_value, ..Self::default() }
    }

    /// With this unit.
    pub fn unit(self, unit: impl Into<String>) -> Self {
        Self { unit: unit.into(), ..self }
    }

    /// From `minimum` to `maximum`, both included.
    pub fn range(self, minimum: f64, maximum: f64) -> Self {
        Self { range: Some([minimum, maximum]), ..self }
    }
}
