//! Global parameters, which a caller may vary from call to call.

use serde::{Deserialize, Serialize};

/// A global parameter: [`Request::parameters`](crate::Request::parameters).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `None`: a pure number, or not told.
    pub unit: Option<String>,
    /// What it is where a call names none.
    #[serde(with = "bits")]
    pub default: f64,
    /// The smallest and the largest value, infinite where there is none on that side; `None`: not told.
    #[serde(with = "range_bits")]
    pub range: Option<[f64; 2]>,
}

/// NaN is equal to NaN: two workers say the same.
impl PartialEq for Parameter {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.unit == other.unit
            && self.default.to_bits() == other.default.to_bits()
            && self.range == other.range
    }
}

/// A number as its bits: JSON has no NaN.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        number.to_bits().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        u64::deserialize(from).map(f64::from_bits)
    }
}

/// As [`bits`], of both ends: JSON has no infinity.
mod range_bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(range: &Option<[f64; 2]>, to: S) -> Result<S::Ok, S::Error> {
        range.map(|ends| ends.map(f64::to_bits)).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[f64; 2]>, D::Error> {
        Option::<[u64; 2]>::deserialize(from).map(|range| range.map(|ends| ends.map(f64::from_bits)))
    }
}
