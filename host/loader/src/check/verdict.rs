//! What a check finds.

use serde::{Deserialize, Serialize};

/// How much a check weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The contract: a host may crash, or compute nonsense, if it does not hold.
    Mandatory,
    /// What the plugin says of itself, or what physics demands of an energy.
    Consistency,
    /// Worth knowing. It never makes a plugin bad.
    Information,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// The plugin brought its process down.
    Crashed,
    /// The plugin did not come back; its processes were killed.
    TimedOut,
    /// It was not tried: the plugin does not declare it, or something that it needs failed.
    Skipped,
    /// It deserves a look.
    Warning,
}

impl Verdict {
    /// For people: `timed out`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::TimedOut => "timed out",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
        }
    }

    /// Whether the plugin broke the rule.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Crashed | Self::TimedOut)
    }
}

/// One check of one library or potential, and how it ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckResult {
    /// Of the check: `library/entry-symbol`.
    pub check: &'static str,
    /// What it demands.
    pub title: &'static str,
    /// How much it weighs.
    pub grade: Grade,
    /// The id of the potential; `None` where the check is one of the library.
    pub potential: Option<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it did not pass, or, where it passed, what was measured. May be empty.
    pub reason: String,
    /// The file with the configuration at which it failed, if it was saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<std::path::PathBuf>,
    /// How long it took.
    pub seconds: f64,
}

impl CheckResult {
    /// Whether it makes the plugin a bad one: a rule that is not mere information was broken.
    pub fn is_bad(&self) -> bool {
        self.verdict.is_bad() && self.grade != Grade::Information
    }
}

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub(crate) enum Finding {
    Failed(Failure),
    Warning(String),
    Skipped(String),
}

/// What went wrong, and where.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// The configuration, `[atoms][dimensions]`; written as bits, since JSON knows no NaN.
    #[serde(with = "bits")]
    pub(crate) positions: Option<Vec<f64>>,
}

/// Numbers as their bits.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(numbers: &Option<Vec<f64>>, to: S) -> Result<S::Ok, S::Error> {
        numbers.as_ref().map(|all| all.iter().map(|x| x.to_bits()).collect::<Vec<u64>>()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<f64>>, D::Error> {
        let bits = Option::<Vec<u64>>::deserialize(from)?;
        Ok(bits.map(|all| all.into_iter().map(f64::from_bits).collect()))
    }
}

/// What was measured, or why it did not pass.
pub(crate) type Outcome = Result<String, Finding>;

/// Whether two numbers are further apart than they may be; NaN is apart from everything.
pub(crate) fn apart(difference: f64, most: f64) -> bool {
    difference.is_nan() || difference > most
}

/// `Err(failed("..."))`
pub(crate) fn failed(reason: impl Into<String>) -> Finding {
    Finding::Failed(Failure { reason: reason.into(), positions: None })
}

/// As [`failed`], at a configuration.
pub(crate) fn failed_at(positions: &[f64], reason: impl Into<String>) -> Finding {
    Finding::Failed(Failure { reason: reason.into(), positions: Some(positions.to_vec()) })
}
