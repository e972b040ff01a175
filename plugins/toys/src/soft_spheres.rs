//! Spheres that repel each other, in a periodic box of any shape.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, EvaluateError, GoldenSample, Info, Output, Potential,
    SampleStatus, Symmetry, TopologyUse,
};

use crate::{TOY, facts, golden};

/// `U = Σ ε (1 - d²/c²)³` over pairs of nearest images at a distance d below the cutoff c; smooth there to the second
/// derivative.
///
/// A box of which a width is below 2c has pairs with more than one image in reach: the status is "outside the domain".
#[derive(Debug, Clone, Copy)]
pub struct SoftSpheres {
    config: SoftSpheresConfig,
    atoms: usize,
}

/// Configuration of [`SoftSpheres`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SoftSpheresConfig {
    /// Number of spheres, 1 to 10000; by default as many as the host's molecule has atoms, or 2 without one.
    pub atoms: Option<usize>,
    /// ε, the energy of a pair at distance zero; positive.
    pub height: f64,
    /// c, positive.
    pub cutoff: f64,
}

impl Default for SoftSpheresConfig {
    fn default() -> Self {
        Self { atoms: None, height: 3.0, cutoff: 1.0 }
    }
}

/// More would take a while: every pair is looked at.
const MOST: usize = 10_000;

/// Its place among the outputs.
const VIRIAL: usize = 0;

type Matrix = [[f64; 3]; 3];

impl SoftSpheres {
    /// U and its virial at `r`, `[atoms][3]`, in a box with these rows; adds dU/dr to `gradient`.
    fn energy(&self, r: &[f64], rows: Matrix, gradient: &mut [f64]) -> Result<(f64, Matrix), SampleStatus> {
        let SoftSpheresConfig { height, cutoff, .. } = self.config;
        let rows = reduced(rows);
        let inverse = inverse_within(rows, 2.0 * cutoff).ok_or(SampleStatus::OutsideDomain)?;
        let (mut energy, mut virial) = (0.0, [[0.0; 3]; 3]);
        for i in 0..self.atoms {
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

/// Short rows of the same lattice: the widths of a box are those of the lattice only then.
fn reduced(mut rows: Matrix) -> Matrix {
    /// Every round makes a row shorter; boxes that are meant as such need two or three.
    const ROUNDS: usize = 64;
    for _ in 0..ROUNDS {
        let before = rows;
        for (i, j) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            let other = rows[j];
            let steps = (dot(rows[i], other) / dot(other, other)).round();
            rows[i] = [0, 1, 2].map(|k| rows[i][k] - steps * other[k]);
        }
        if rows == before {
            break;
        }
    }
    rows
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
        symmetries: &[Symmetry::Translation, Symmetry::Rotation, Symmetry::Inversion, Symmetry::Permutation],
        topology: TopologyUse::Used,
        ..TOY
    };

    const DERIVES: bool = true;

    fn create(request: CreateRequest<SoftSpheresConfig>) -> Result<Self, CreateError> {
        // A molecule of which nothing is known but that it is there says nothing of its atoms.
        let told = request.topology.map(|topology| topology.atoms()).filter(|&atoms| atoms > 0);
        let config = request.config;
        for (key, value) in [("height", config.height), ("cutoff", config.cutoff)] {
            if value <= 0.0 {
                return Err(CreateError::BadConfig(format!("{key}: must be positive, got {value}")));
            }
        }
        match (config.atoms, told) {
            (Some(atoms), _) if !(1..=MOST).contains(&atoms) => {
                Err(CreateError::BadConfig(format!("atoms: must be 1 to {MOST}, got {atoms}")))
            }
            (Some(atoms), Some(told)) if atoms != told => Err(CreateError::BadTopology(format!(
                "the molecule has {told} atoms, but `atoms` is {atoms}"
            ))),
            (None, Some(told)) if !(1..=MOST).contains(&told) => {
                Err(CreateError::BadTopology(format!("the molecule has {told} atoms; expected 1 to {MOST}")))
            }
            (given, told) => Ok(Self { config, atoms: given.or(told).unwrap_or(2) }),
        }
    }

    fn derive(&self, request: CreateRequest<()>) -> Result<Self, CreateError> {
        Self::create(request.with(SoftSpheresConfig { atoms: None, ..self.config }))
    }

    fn info(&self) -> Info {
        Info {
            periodic: 7,
            cutoff_nm: self.config.cutoff,
            ..facts::<Self>(&(self.config.height, self.config.cutoff, self.atoms), self.atoms, 3)
        }
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::virial()]
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each_sample(|sample, positions, gradient| {
            let rows = sample.box_rows().ok_or(SampleStatus::OutsideDomain)?;
            let (energy, virial) = self.energy(positions, rows, gradient)?;
            if let Some(output) = sample.output(VIRIAL) {
                output.copy_from_slice(virial.as_flattened());
            }
            Ok(energy)
        });
        Ok(())
    }

    fn reference(&self) -> Vec<GoldenSample> {
        // Exact. They hold for the default parameters only.
        if self.config != SoftSpheresConfig::default() || self.atoms != 2 {
            return Vec::new();
        }
        // Half a cutoff apart: 3 (3/4)³, and a slope of 6 * 3 (3/4)² / 2; through the faces of a box, straight, skewed, and
        // skewed and turned.
        let (energy, slope) = (81.0 / 64.0, 81.0 / 16.0);
        let straight = [[2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 4.0]];
        let skewed = [[2.5, 0.0, 0.0], [0.5, 3.0, 0.0], [-0.25, 1.0, 4.0]];
        let turned = [[0.0, 2.5, 0.0], [-3.0, 0.5, 0.0], [-1.0, -0.25, 4.0]];
        vec![
            golden(&[0.25, 0.0, 1.0, -0.25, 0.0, 1.0], energy, &[-slope, 0.0, 0.0, slope, 0.0, 0.0])
                .unit_cell(straight),
            golden(&[0.25, 0.0, 0.0, 1.75, 0.0, 0.0], energy, &[-slope, 0.0, 0.0, slope, 0.0, 0.0])
                .unit_cell(straight),
            golden(&[0.0, 0.25, 0.0, 0.25, 4.75, 4.0], energy, &[0.0, slope, 0.0, 0.0, -slope, 0.0])
                .unit_cell(skewed),
            golden(&[-0.25, 0.0, 0.0, -4.75, 0.25, 4.0], energy, &[-slope, 0.0, 0.0, slope, 0.0, 0.0])
                .unit_cell(turned),
            golden(&[0.0, 0.0, 0.0, 1.0, 1.5, 2.0], 0.0, &[0.0; 6]).unit_cell(straight),
        ]
    }
}
