//! Every check there is.

use super::rule::Check;
use super::{evaluation, library, process};

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
