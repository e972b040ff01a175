//! The name of a new plugin.

use std::str::FromStr;

/// A name that is an id of the ABI, and of which a crate and a file may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// Longer names make longer file names than some file systems take.
const LONGEST: usize = 64;

/// Why a text is no name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too long, or nothing at all.
    #[error("a name has 1 to {LONGEST} characters, this one has {0}")]
    Length(usize),
    /// Something else than kebab-case.
    #[error(
        "a name is lower-case letters, digits and single hyphens between them, and begins with a letter, such as \
         argon-cluster"
    )]
    Form,
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let length = text.chars().count();
        if length == 0 || length > LONGEST {
            return Err(NameError::Length(length));
        }
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Form)
        }
    }
}

impl Name {
    /// The id of the potential.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With underscores, as file names and crates have it.
    pub fn snake_case(&self) -> String {
        self.0.replace('-', "_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case_is_a_name() {
        for text in ["a", "argon", "argon-2-cluster", "c60"] {
            assert_eq!(text.parse::<Name>().map(|name| name.0), Ok(text.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["Argon", "2d", "-a", "a-", "a--b", "a_b", "a b", "a/b", "..", "é", "a\n"] {
            assert_eq!(text.parse::<Name>(), Err(NameError::Form), "{text:?}");
        }
        assert_eq!("".parse::<Name>(), Err(NameError::Length(0)));
        assert_eq!("a".repeat(65).parse::<Name>(), Err(NameError::Length(65)));
    }
}
