//! What a child hands to its parent.

use serde::{Deserialize, Serialize};

use super::survey::Survey;
use super::verdict::{Failure, Finding, Outcome, Verdict};
use crate::descriptor::Descriptor;

/// What a child hands to its parent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) verdict: Verdict,
    pub(crate) failure: Failure,
    pub(crate) facts: Facts,
}

/// What later checks must know, found out by earlier ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) descriptors: Option<Vec<Descriptor>>,
    pub(crate) survey: Option<Survey>,
}

impl Record {
    pub(crate) fn of(outcome: Outcome, facts: Facts) -> Self {
        let text = |reason| Failure { reason, positions: None };
        let (verdict, failure) = match outcome {
            Ok(note) => (Verdict::Passed, text(note)),
            Err(Finding::Failed(failure)) => (Verdict::Failed, failure),
            Err(Finding::Warning(reason)) => (Verdict::Warning, text(reason)),
            Err(Finding::Skipped(reason)) => (Verdict::Skipped, text(reason)),
        };
        Self { verdict, failure, facts }
    }
}
