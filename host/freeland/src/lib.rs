//! Free-energy landscapes by conditional normalizing flows and active learning.

pub mod active;
pub mod config;
pub mod device;
pub mod dynamics;
pub mod flow;
pub mod free_energy;
pub mod landscape;
pub mod report;
pub mod space;
pub mod system;
pub mod train;
pub mod units;
mod write;
