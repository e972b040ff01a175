//! Every check there is.

use super::bench::Bench;
use super::verdict::{Grade, Outcome};
use super::{evaluation, library, process};

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

/// Every check, in the order in which they are told.
pub fn catalogue() -> impl Iterator<Item = &'static Check> {
    library::CHECKS.iter().chain(evaluation::CHECKS).chain(process::CHECKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_kebab_case_in_three_groups() {
        let mut seen = std::collections::HashSet::new();
        for check in catalogue() {
            assert!(seen.insert(check.id), "{} twice", check.id);
            assert!(["library", "evaluation", "process"].contains(&check.group()), "{}", check.id);
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '/';
            assert!(check.id.chars().all(allowed) && check.id.split('/').count() == 2, "{}", check.id);
            assert!(!check.title.is_empty() && !check.title.ends_with('.'), "{}", check.id);
        }
    }

    #[test]
    fn what_a_check_needs_comes_before_it() {
        let mut seen = Vec::new();
        for check in catalogue() {
            for need in check.needs {
                assert!(seen.contains(need), "{} needs {need}, which does not come before it", check.id);
            }
            seen.push(check.id);
        }
    }
}
