//! The `[flow]` section: which normalizing flow models `p(x | s)`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A validated `[flow]` section.
///
/// Reads from and writes to the section as a person types it; keys left out take the defaults of
/// [`RawFlow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawFlow", into = "RawFlow")]
pub struct FlowConfig {
    /// What the transforms are.
    pub architecture: Architecture,
    /// A periodic coarse variable enters as `cos(k s)`, `sin(k s)` for `k = 1..=harmonics`.
    pub harmonics: usize,
    /// Precision of parameters and samples.
    pub precision: Precision,
    /// Where it computes.
    pub device: Device,
}

/// The family of transforms of a flow.
#[derive(Debug, Clone, PartialEq)]
pub enum Architecture {
    /// Coupling layers of rational-quadratic splines, for lines and circles.
    Spline(SplineCouplings),
    /// One conditional shift and scale, `x = z exp(a(s)) + b(s)`, for lines only.
    Affine(AffineNets),
}

/// Shape of a flow of spline couplings.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineCouplings {
    /// Number of coupling layers.
    pub couplings: usize,
    /// Bins of every spline.
    pub bins: usize,
    /// Half width of the interval a spline on a line bends; outside it is the identity.
    pub tail: f64,
    /// Largest absolute logarithm of the scale that follows a spline on a line.
    pub scale_bound: f64,
    /// Width of the conditioner's hidden layers.
    pub width: usize,
    /// Residual blocks of the conditioner.
    pub blocks: usize,
    /// Non-linearity of the conditioner.
    pub activation: Activation,
}

/// Shape of the two networks of an affine flow.
#[derive(Debug, Clone, PartialEq)]
pub struct AffineNets {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Non-linearity between layers.
    pub activation: Activation,
}

/// The two kinds of flow, as written in `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum FlowKind {
    /// See [`Architecture::Spline`].
    #[default]
    Spline,
    /// See [`Architecture::Affine`].
    Affine,
}

/// Non-linearity of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `max(0, a)`.
    Relu,
    /// `a / (1 + exp(-a))`.
    #[default]
    Silu,
}

/// Precision of a flow's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 64 bits.
    F64,
}

/// Where a flow computes, as written in `device`: `"cpu"`, `"cuda"` (the first one) or `"cuda:N"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// A CUDA device, counted from 0.
    Cuda(u8),
}

impl FromStr for Device {
    type Err = FlowConfigError;

    fn from_str(text: &str) -> Result<Self, FlowConfigError> {
        let unknown = FlowConfigError::Range {
            key: "device",
            expected: "\"cpu\", \"cuda\" or \"cuda:N\"",
            found: format!("\"{text}\""),
        };
        match text.split_once(':') {
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", index)) => index.parse().map(Self::Cuda).map_err(|_| unknown),
            _ => Err(unknown),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

/// The `[flow]` section as written; `None` is "not given".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawFlow {
    /// `"spline"` (default) or `"affine"`.
    #[serde(default)]
    pub kind: FlowKind,
    /// Coupling layers, 1 to 64; default 8. Splines only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub couplings: Option<usize>,
    /// Bins of a spline, 2 to 64; default 8. Splines only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<usize>,
    /// Widths of hidden layers. Splines: one equal entry per residual block, default `[128]`. Affine: one entry per
    /// layer, default `[64, 64]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<usize>>,
    /// `"relu"` or `"silu"` (default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// Half width of a spline on a line, in units of the standardised coordinate; default 5. Splines only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<f64>,
    /// Bound of the log-scale after a spline on a line; default 2. Splines only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_bound: Option<f64>,
    /// Harmonics of periodic coarse variables, 1 to 16; default 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harmonics: Option<usize>,
    /// `"f32"` (default) or `"f64"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// `"cpu"` (default), `"cuda"` for the first CUDA device, or `"cuda:N"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// A `[flow]` section that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowConfigError {
    /// A value is outside its range.
    #[error("flow.{key}: expected {expected}, got {found}")]
    Range {
        /// The key inside `[flow]`.
        key: &'static str,
        /// What is accepted.
        expected: &'static str,
        /// What was written.
        found: String,
    },
    /// A key belongs to the other kind of flow.
    #[error("flow.{key}: does not apply to kind = \"affine\"; remove it, or choose kind = \"spline\"")]
    NotForAffine {
        /// The key inside `[flow]`.
        key: &'static str,
    },
}

impl Default for FlowConfig {
    fn default() -> Self {
        RawFlow::default().try_into().expect("the defaults are valid")
    }
}

fn whole(
    key: &'static str,
    value: usize,
    expected: &'static str,
    accepted: RangeInclusive<usize>,
) -> Result<usize, FlowConfigError> {
    if accepted.contains(&value) {
        Ok(value)
    } else {
        Err(FlowConfigError::Range { key, expected, found: value.to_string() })
    }
}

fn positive(
    key: &'static str,
    value: f64,
    expected: &'static str,
    most: f64,
) -> Result<f64, FlowConfigError> {
    if value > 0.0 && value <= most {
        Ok(value)
    } else {
        Err(FlowConfigError::Range { key, expected, found: value.to_string() })
    }
}

fn widths(hidden: Vec<usize>) -> Result<Vec<usize>, FlowConfigError> {
    if hidden.is_empty() || hidden.len() > 16 || hidden.iter().any(|width| !(1..=8192).contains(width)) {
        return Err(FlowConfigError::Range {
            key: "hidden",
            expected: "1 to 16 widths, each 1 to 8192",
            found: format!("{hidden:?}"),
        });
    }
    Ok(hidden)
}

impl TryFrom<RawFlow> for FlowConfig {
    type Error = FlowConfigError;

    fn try_from(raw: RawFlow) -> Result<Self, FlowConfigError> {
        let activation = raw.activation.unwrap_or_default();
        let architecture = match raw.kind {
            FlowKind::Spline => {
                let hidden = widths(raw.hidden.unwrap_or_else(|| vec![128]))?;
                if hidden.iter().any(|width| *width != hidden[0]) {
                    return Err(FlowConfigError::Range {
                        key: "hidden",
                        expected: "equal widths, one per residual block",
                        found: format!("{hidden:?}"),
                    });
                }
                Architecture::Spline(SplineCouplings {
                    couplings: whole("couplings", raw.couplings.unwrap_or(8), "1 to 64 couplings", 1..=64)?,
                    bins: whole("bins", raw.bins.unwrap_or(8), "2 to 64 bins", 2..=64)?,
                    tail: positive(
                        "tail",
                        raw.tail.unwrap_or(5.0),
                        "a half width above 0, up to 1000",
                        1000.0,
                    )?,
                    scale_bound: positive(
                        "scale-bound",
                        raw.scale_bound.unwrap_or(2.0),
                        "a bound above 0, up to 20",
                        20.0,
                    )?,
                    width: hidden[0],
                    blocks: hidden.len(),
                    activation,
                })
            }
            FlowKind::Affine => {
                let given = [
                    ("couplings", raw.couplings.is_some()),
                    ("bins", raw.bins.is_some()),
                    ("tail", raw.tail.is_some()),
                    ("scale-bound", raw.scale_bound.is_some()),
                ];
                if let Some((key, _)) = given.into_iter().find(|(_, given)| *given) {
                    return Err(FlowConfigError::NotForAffine { key });
                }
                let hidden = widths(raw.hidden.unwrap_or_else(|| vec![64, 64]))?;
                Architecture::Affine(AffineNets { hidden, activation })
            }
        };
        let harmonics = whole("harmonics", raw.harmonics.unwrap_or(2), "1 to 16 harmonics", 1..=16)?;
        let device = raw.device.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        Ok(FlowConfig { architecture, harmonics, precision: raw.precision.unwrap_or_default(), device })
    }
}

impl From<FlowConfig> for RawFlow {
    fn from(config: FlowConfig) -> Self {
        let common = RawFlow {
            harmonics: Some(config.harmonics),
            precision: Some(config.precision),
            device: Some(config.device.to_string()),
            ..RawFlow::default()
        };
        match config.architecture {
            Architecture::Spline(spline) => RawFlow {
                kind: FlowKind::Spline,
                couplings: Some(spline.couplings),
                bins: Some(spline.bins),
                hidden: Some(vec![spline.width; spline.blocks]),
                activation: Some(spline.activation),
                tail: Some(spline.tail),
                scale_bound: Some(spline.scale_bound),
                ..common
            },
            Architecture::Affine(affine) => RawFlow {
                kind: FlowKind::Affine,
                hidden: Some(affine.hidden),
                activation: Some(affine.activation),
                ..common
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<FlowConfig, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn an_empty_section_is_the_default() {
        assert_eq!(read("").unwrap(), FlowConfig::default());
    }

    #[test]
    fn resolved_text_reads_back_the_same() {
        for text in [
            "",
            "kind = \"affine\"\nactivation = \"relu\"",
            "bins = 5\nhidden = [32, 32]\nprecision = \"f64\"\ndevice = \"cuda:1\"",
        ] {
            let config = read(text).unwrap();
            let resolved = toml::to_string(&config).unwrap();
            assert_eq!(read(&resolved).unwrap(), config, "{resolved}");
        }
    }

    #[test]
    fn refusals_name_the_key_and_what_was_found() {
        let cases = [
            ("bins = 1", "flow.bins: expected 2 to 64 bins, got 1"),
            ("tail = 0.0", "flow.tail: expected a half width above 0, up to 1000, got 0"),
            ("tail = nan", "flow.tail: expected a half width above 0, up to 1000, got NaN"),
            ("hidden = []", "flow.hidden: expected 1 to 16 widths, each 1 to 8192, got []"),
            ("hidden = [8, 9]", "flow.hidden: expected equal widths, one per residual block, got [8, 9]"),
            (
                "kind = \"affine\"\nbins = 8",
                "flow.bins: does not apply to kind = \"affine\"; remove it, or choose kind = \"spline\"",
            ),
            ("device = \"cuda:x\"", "flow.device: expected \"cpu\", \"cuda\" or \"cuda:N\", got \"cuda:x\""),
            ("device = \"GPU\"", "flow.device: expected \"cpu\", \"cuda\" or \"cuda:N\", got \"GPU\""),
        ];
        for (text, message) in cases {
            assert_eq!(read(text).unwrap_err(), message);
        }
        assert!(read("bin = 8").unwrap_err().contains("unknown field `bin`"));
    }
}
