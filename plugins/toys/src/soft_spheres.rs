//! Spheres that repel each other, in a periodic box of any shape.
use epp::sdk::{
    Batch, CreateError, Description, EvaluateError, Info, Potential, Sample, SampleStatus, Symmetry,
    Topology, Virial,
};

use crate::TOY;

/// `U = Σ ε (1 - d²/c²)³` over pairs of nearest images at a distance d below the cutoff c; smooth there to the second
/// derivative.
///
/// A box of which a width is below 2c has pairs with more than one image in reach: the status is "outside the domain".
#[derive(Debug, Clone)]
pub struct SoftSpheres {
    config: SoftSpheresConfig,
}

/// Configuration of [`SoftSpheres`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SoftSpheresConfig {
    /// Number of spheres, 1 to 10000.
    pub atoms: usize,
    /// ε, the energy of a pair at distance zero; positive.
    pub height: f64,
    /// c, positive.
    pub cutoff: f64,
}

impl Default for SoftSpheresConfig {
    fn default() -> Self {
        Self { atoms: 2, height: 3.0, cutoff: 1.0 }
    }
}

type Matrix = [[f64; 3]; 3];

impl SoftSpheres {
    /// U and its virial at `r`, `[atoms][3]`, in a box with these rows; adds dU/dr to `gradient`.
    fn energy(&self, r: &[f64], rows: Matrix, gradient: &mut [f64]) -> Result<(f64, Matrix), SampleStatus> {
        let SoftSpheresConfig { atoms, height, cutoff } = self.config;
        let inverse = inverse_within(rows, 2.0 * cutoff).ok_or(SampleStatus::OutsideDomain)?;
        let (mut energy, mut virial) = (0.0, [[0.0; 3]; 3]);
        for i in 0..atoms {
            for j in 0..i {
                let apart = [0, 1, 2].map(|k| r[3 * i + k] - r[3 * j + k]);
                // With widths of at least two cutoffs, an image in reach is the one that this rounding gives.
                let steps = times(apart, inverse).map(f64::round);
                let shift = times(steps, rows);
                let d = [0, 1, 2].map(|k| apart[k] - shift[k]);
                let inside = 1.0 - dot(d, d) / (cutoff * cutoff);
                if inside <= 0.0 {
                    continue;
                }
                energy += height * inside * inside * inside;
                let slope = d.map(|d| -6.0 * height / (cutoff * cutoff) * inside * inside * d);
                for k in 0..3 {
                    gradient[3 * i + k] += slope[k];
                    gradient[3 * j + k] -= slope[k];
                    for l in 0..3 {
                        virial[k][l] += d[k] * slope[l];
                    }
                }
            }
        }
        Ok((energy, virial))
    }

    /// Evaluates every configuration, and hands its virial to `keep`.
    fn each(&self, batch: &mut Batch<'_>, mut keep: impl FnMut(usize, Matrix)) {
        let mut gradient = vec![0.0; 3 * self.config.atoms];
        let mut r = gradient.clone();
        for sample in batch.samples() {
            gradient.fill(0.0);
            match self.one(&sample, &mut r, &mut gradient) {
                Ok((energy, virial)) => {
                    keep(sample.index(), virial);
                    sample.finish(energy, &gradient);
                }
                Err(status) => sample.fail(status),
            }
        }
    }

    fn one(
        &self,
        sample: &Sample<'_>,
        r: &mut [f64],
        gradient: &mut [f64],
    ) -> Result<(f64, Matrix), SampleStatus> {
        if sample.stopped() {
            return Err(SampleStatus::Cancelled);
        }
        let rows = sample.box_rows().ok_or(SampleStatus::OutsideDomain)?;
        if !sample.positions_are_finite() || !rows.as_flattened().iter().all(|value| value.is_finite()) {
            return Err(SampleStatus::NonFiniteInput);
        }
        sample.read(r);
        self.energy(r, rows, gradient)
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The row vector `v m`.
fn times(v: [f64; 3], m: Matrix) -> [f64; 3] {
    [0, 1, 2].map(|k| v[0] * m[0][k] + v[1] * m[1][k] + v[2] * m[2][k])
}

/// The inverse of a box; `None` where one of its widths is below `width`.
fn inverse_within(rows: Matrix, width: f64) -> Option<Matrix> {
    let [a, b, c] = rows;
    let volume = dot(a, cross(b, c));
    // Column k of the inverse is normal to the other two rows; its length is one over the width of the box there.
    let columns = [cross(b, c), cross(c, a), cross(a, b)].map(|normal| normal.map(|n| n / volume));
    let wide = |column: &[f64; 3]| dot(*column, *column).sqrt() * width <= 1.0;
    columns.iter().all(wide).then(|| [0, 1, 2].map(|k| columns.map(|column| column[k])))
}

impl Potential for SoftSpheres {
    type Config = SoftSpheresConfig;
    const DESCRIPTION: Description = Description {
        id: "soft-spheres",
        name: "Repelling spheres in a periodic box",
        symmetries: &[Symmetry::Translation, Symmetry::Inversion, Symmetry::Permutation],
        ..TOY
    };

    fn create(config: SoftSpheresConfig, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        if !(1..=10_000).contains(&config.atoms) {
            return Err(CreateError::BadConfig(format!("atoms: must be 1 to 10000, got {}", config.atoms)));
        }
        for (key, value) in [("height", config.height), ("cutoff", config.cutoff)] {
            if value <= 0.0 {
                return Err(CreateError::BadConfig(format!("{key}: must be positive, got {value}")));
            }
        }
        Ok(Self { config })
    }

    fn info(&self) -> Info {
        Info { atoms: self.config.atoms, periodic: 7, cutoff_nm: self.config.cutoff, ..Info::default() }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        self.each(batch, |_, _| {});
        Ok(())
    }

    fn virial(&self) -> Option<&dyn Virial> {
        Some(self)
    }
}

impl Virial for SoftSpheres {
    fn evaluate(&self, batch: &mut Batch<'_>, virials: &mut [Matrix]) -> Result<(), EvaluateError> {
        self.each(batch, |index, virial| virials[index] = virial);
        Ok(())
    }
}
