//! Analytic potentials with known free energies, as one library of energy plugins.
//!
//! | id | energy | known |
//! |---|---|---|
//! | `mueller-brown` | [`MuellerBrown`] | Z and F by quadrature in the plane |
//! | `double-well` | [`DoubleWell`] | F(x1) = x1⁴ - b x1² + c x1 |
//! | `harmonic-pair` | [`HarmonicPair`] | Z = L sqrt(π/k) |
//! | `gaussian` | [`Gaussian`] | Z = sqrt((2π)^n det Σ) |
//! | `soft-spheres` | [`SoftSpheres`] | periodic, with its virial: U = 0 at low density |
//! | `noisy-well` | [`NoisyWell`] | the double well with energies that scatter: F(x1) less s²/2T |
//!
//! All are in reduced units: a host divides the energy by a temperature that is a plain number.
mod double_well;
mod gaussian;
mod harmonic_pair;
mod mueller_brown;
mod noisy_well;
mod soft_spheres;

pub use double_well::{DoubleWell, DoubleWellConfig};
pub use gaussian::{Gaussian, GaussianConfig};
pub use harmonic_pair::{HarmonicPair, HarmonicPairConfig};
pub use mueller_brown::{MuellerBrown, MuellerBrownConfig, MuellerBrownTerm};
pub use noisy_well::{NoisyWell, NoisyWellConfig};
pub use soft_spheres::{SoftSpheres, SoftSpheresConfig};

use epp::sdk::{Description, Determinism, Dtype, Fingerprint, GoldenSample, Info, Potential, Units};

epp::export_plugin!(MuellerBrown, DoubleWell, HarmonicPair, Gaussian, SoftSpheres, NoisyWell);

/// What all toys have in common.
const TOY: Description = Description {
    version: env!("CARGO_PKG_VERSION"),
    vendor: "freeland",
    license: env!("CARGO_PKG_LICENSE"),
    determinism: Determinism::Bitwise,
    dtypes: &[Dtype::F64, Dtype::F32],
    units: Units::Reduced,
    ..Description::DEFAULT
};

/// Room for rounding in sums of a handful of terms; the golden energies themselves are exact to the last digit.
const GOLDEN_TOLERANCE: f64 = 1e-13;

/// A golden sample with its gradient.
fn golden(positions: &[f64], energy: f64, gradient: &[f64]) -> GoldenSample {
    GoldenSample::new(positions, energy, GOLDEN_TOLERANCE).gradient(gradient)
}

/// What all toys say of an instance.
fn facts<P: Potential>(config: &impl serde::Serialize, atoms: usize, dimensions: usize) -> Info {
    let fingerprint = Some(Fingerprint::of::<P>().config(config).finish());
    Info { atoms, dimensions, threads_inside: 1, fingerprint, ..Info::default() }
}
