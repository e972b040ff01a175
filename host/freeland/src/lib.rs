//! Free-energy landscapes by conditional normalizing flows and active learning.

pub mod config;
pub mod device;
pub mod flow;
pub mod system;
pub mod units;
