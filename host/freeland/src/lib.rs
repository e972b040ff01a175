//! Free-energy landscapes by conditional normalizing flows and active learning.

pub mod config;
pub mod system;
pub mod units;
