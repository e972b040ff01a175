//! TOML text to a validated configuration.

pub mod domain;
pub mod flow;
