//! Energies, gradients and partition functions of the toys, asked for through the boundary as a host asks.
#[path = "toys/contract.rs"]
mod contract;
#[path = "toys/double_well.rs"]
mod double_well;
#[path = "toys/gaussian.rs"]
mod gaussian;
#[path = "toys/harmonic_pair.rs"]
mod harmonic_pair;
#[path = "toys/mueller_brown.rs"]
mod mueller_brown;
#[path = "toys/noisy_well.rs"]
mod noisy_well;
#[path = "toys/quadrature.rs"]
mod quadrature;
#[path = "toys/soft_spheres.rs"]
mod soft_spheres;
#[path = "toys/speed.rs"]
mod speed;
