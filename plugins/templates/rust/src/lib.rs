//! An energy plugin: Lennard-Jones atoms. Put your physics into `evaluate`, and say in `DESCRIPTION` what is true of it.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, Determinism, Dtype, EvaluateError, Fingerprint, Info,
    Output, Potential, Symmetry, ThreadModel, Topology,
};

epp::export_plugin!(LennardJones);

/// How many atoms there are.
const ATOMS: usize = 13;

/// What users may set; the comments below are what they read. The numbers are close to argon's.
#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Depth of the well of a pair, kJ/mol; positive.
    epsilon: f64,
    /// Distance at which the energy of a pair is zero, nm; positive.
    sigma: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { epsilon: 0.996, sigma: 0.3405 }
    }
}

/// `U = Σ 4ε ((σ/d)¹² - (σ/d)⁶)` over pairs at distance d.
pub struct LennardJones {
    config: Config,
    topology: Topology,
}

/// Its place among the outputs.
const VIRIAL: usize = 0;

impl Potential for LennardJones {
    type Config = Config;
    const DESCRIPTION: Description = Description {
        id: "template-rust",
        name: "Lennard-Jones atoms",
        version: env!("CARGO_PKG_VERSION"),
        thread_model: ThreadModel::Concurrent, // `evaluate` writes nothing that is shared
        determinism: Determinism::Bitwise,     // and sums in an order that no batch and no thread changes
        dtypes: &[Dtype::F64, Dtype::F32],
        symmetries: &[Symmetry::Translation, Symmetry::Rotation, Symmetry::Inversion, Symmetry::Permutation],
        ..Description::DEFAULT
    };

    fn create(request: CreateRequest<Config>) -> Result<Self, CreateError> {
        let config = request.config;
        for (key, value) in [("epsilon", config.epsilon), ("sigma", config.sigma)] {
            if value <= 0.0 {
                return Err(CreateError::BadConfig(format!("{key}: must be positive, got {value}")));
            }
        }
        let topology = Topology {
            atomic_numbers: vec![18; ATOMS],
            masses: vec![39.948; ATOMS],
            positions: start(1.116 * config.sigma),
            ..Topology::default()
        };
        Ok(Self { config, topology })
    }

    fn info(&self) -> Info {
        let fingerprint = Some(Fingerprint::of::<Self>().config(&self.config).finish());
        Info { atoms: ATOMS, threads_inside: 1, fingerprint, ..Info::default() }
    }

    fn outputs(&self) -> Vec<Output> {
        vec![Output::virial()]
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        let Config { epsilon, sigma } = self.config;
        batch.for_each_sample(|sample, r, gradient| {
            let (mut energy, mut virial) = (0.0, [[0.0; 3]; 3]);
            for i in 0..ATOMS {
                for j in 0..i {
                    let d = [0, 1, 2].map(|k| r[3 * i + k] - r[3 * j + k]);
                    let square: f64 = d.iter().map(|d| d * d).sum();
                    let s6 = (sigma * sigma / square).powi(3);
                    energy += 4.0 * epsilon * s6 * (s6 - 1.0);
                    let slope = 24.0 * epsilon * s6 * (1.0 - 2.0 * s6) / square; // dU/dd, divided by d
                    for k in 0..3 {
                        gradient[3 * i + k] += slope * d[k];
                        gradient[3 * j + k] -= slope * d[k];
                        for l in 0..3 {
                            virial[k][l] += d[k] * slope * d[l];
                        }
                    }
                }
            }
            if let Some(output) = sample.output(VIRIAL) {
                output.copy_from_slice(virial.as_flattened());
            }
            Ok(energy) // infinite where atoms overlap: that becomes the status of this configuration
        });
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }
}

/// A configuration to start from, `[atoms][3]`: a simple cubic lattice.
fn start(spacing: f64) -> Vec<f64> {
    let side = (1..).find(|side| side * side * side >= ATOMS).unwrap_or(ATOMS);
    let places = (0..ATOMS).flat_map(|i| [i % side, i / side % side, i / side / side]);
    places.map(|place| spacing * place as f64).collect()
}
