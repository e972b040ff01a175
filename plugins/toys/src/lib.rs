//! Analytic potentials with known free energies, as one library of energy plugins.
//!
//! | id | energy | known |
//! |---|---|---|
//! | `mueller-brown` | [`MuellerBrown`] | Z and F by quadrature in the plane |
//! | `double-well` | [`DoubleWell`] | F(x1) = x1⁴ - b x1² + c x1 |
//! | `harmonic-pair` | [`HarmonicPair`] | Z = L sqrt(π/k) |
//! | `gaussian` | [`Gaussian`] | Z = sqrt((2π)^n det Σ) |
//! | `soft-spheres` | [`SoftSpheres`] | periodic, with its virial: U = 0 at low density |
//!
//! All are in reduced units: a host divides the energy by a temperature that is a plain number.
mod double_well;
mod gaussian;
mod harmonic_pair;
mod mueller_brown;
mod soft_spheres;

pub use double_well::{DoubleWell, DoubleWellConfig};
pub use gaussian::{Gaussian, GaussianConfig};
pub use harmonic_pair::{HarmonicPair, HarmonicPairConfig};
pub use mueller_brown::{MuellerBrown, MuellerBrownConfig, MuellerBrownTerm};
pub use soft_spheres::{SoftSpheres, SoftSpheresConfig};

use epp::sdk::{Description, Determinism, Dtype, GoldenSample, Units};

epp::export_plugin!(MuellerBrown, DoubleWell, HarmonicPair, Gaussian, SoftSpheres);

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

/// Golden samples from pairs of positions and energy.
fn golden(samples: &[(&[f64], f64)]) -> Vec<GoldenSample> {
    let golden = |&(positions, energy): &(&[f64], f64)| GoldenSample {
        positions: positions.to_vec(),
        energy,
        tolerance: GOLDEN_TOLERANCE,
    };
    samples.iter().map(golden).collect()
}
