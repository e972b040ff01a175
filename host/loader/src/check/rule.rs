//! A rule of the contract, and how it is tried.

use super::bench::Bench;
use super::verdict::{Grade, Outcome};

/// A rule, and how it is tried.
pub struct Check {
    /// `group/name`, kebab-case.
    pub id: &'static str,
    /// What it demands.
    pub title: &'static str,
    /// How much it weighs.
    pub grade: Grade,
    /// Which plugins it is tried on.
    pub applies: &'static str,
    /// Checks without which it means nothing.
    pub needs: &'static [&'static str],
    /// Whether it is tried once for each potential, or once for the library.
    pub per_potential: bool,
    /// Seconds after which it is killed.
    pub(crate) limit: f64,
    /// Whether its process leaves by `exit`.
    pub(crate) exits: bool,
    pub(crate) run: fn(&Bench<'_>) -> Outcome,
}

impl Check {
    pub(crate) const fn new(
        id: &'static str,
        grade: Grade,
        title: &'static str,
        needs: &'static [&'static str],
        run: fn(&Bench<'_>) -> Outcome,
    ) -> Self {
        Self { id, title, grade, applies: "all", needs, per_potential: true, limit: 30.0, exits: false, run }
    }

    /// Tried once for the library.
    pub(crate) const fn of_library(mut self) -> Self {
        self.per_potential = false;
        self
    }

    /// Tried only on plugins that declare or offer something.
    pub(crate) const fn applies(mut self, to: &'static str) -> Self {
        self.applies = to;
        self
    }

    /// Killed after so many seconds.
    pub(crate) const fn limit(mut self, seconds: f64) -> Self {
        self.limit = seconds;
        self
    }

    /// Leaves by `exit`.
    pub(crate) const fn exits(mut self) -> Self {
        self.exits = true;
        self
    }

    /// `library`, `evaluation` or `process`.
    pub fn group(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }
}
