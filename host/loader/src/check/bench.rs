//! What a check works with.

use std::cell::RefCell;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::plan::Plan;
use super::raw::{Instance, Library, Mapped};
use super::record::Facts;
use super::survey::Survey;
use super::verdict::Finding;
use crate::descriptor::Descriptor;

/// What a check works with, in its own process.
pub(crate) struct Bench<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) check: &'static str,
    /// The potential; empty where the check is one of the library.
    pub(crate) id: &'a str,
    pub(crate) descriptors: &'a [Descriptor],
    pub(crate) survey: Option<&'a Survey>,
    /// What it found out for others.
    pub(crate) facts: RefCell<Facts>,
}

impl Bench<'_> {
    /// The library, mapped.
    pub(crate) fn mapped(&self) -> Result<Mapped, Finding> {
        Mapped::open(&self.plan.library)
    }

    /// The library, started.
    pub(crate) fn library(&self) -> Result<Library, Finding> {
        Library::open(&self.plan.library)
    }

    /// The potential's description.
    pub(crate) fn descriptor(&self) -> Result<&Descriptor, Finding> {
        self.descriptors
            .iter()
            .find(|descriptor| descriptor.id == self.id)
            .ok_or_else(|| Finding::Skipped("the potential is not known".to_owned()))
    }

    /// What is known of the potential.
    pub(crate) fn survey(&self) -> Result<&Survey, Finding> {
        self.survey.ok_or_else(|| Finding::Skipped("the potential could not be evaluated".to_owned()))
    }

    /// A new instance of the potential, with the configuration of the plan.
    pub(crate) fn instance(&self, library: &Library) -> Result<Instance, Finding> {
        library.create(self.id, &self.plan.config)
    }

    /// Random numbers of this check and potential alone, the same ones for the same seed.
    pub(crate) fn random(&self) -> ChaCha8Rng {
        let mut hash = Sha256::new();
        hash.update(self.plan.seed.to_le_bytes());
        hash.update(self.check);
        hash.update([0]);
        hash.update(self.id);
        ChaCha8Rng::from_seed(hash.finalize().into())
    }
}

/// Fails the check with a sentence unless something holds.
macro_rules! demand {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::check::verdict::failed(format!($($text)+)));
        }
    };
}
pub(crate) use demand;
