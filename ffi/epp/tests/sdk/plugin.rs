//! The library under test: a chain of springs that can do everything, and one that panics where it is told to.
use epp::sdk::{
    Batch, Components, CreateError, Description, Determinism, Dtype, EvaluateError, GoldenSample, Info,
    Level, NoConfig, Parameter, Potential, Reference, SampleStatus, Symmetry, Topology,
};

epp::export_plugin!(Chain, Panicking, Plain);

/// Atoms in three dimensions, `U = scale k Σ |r_i|² / 2`, `scale` a parameter.
#[derive(Debug)]
pub struct Chain {
    config: ChainConfig,
    topology: Topology,
    reference: Vec<GoldenSample>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ChainConfig {
    /// Number of atoms.
    atoms: usize,
    /// kJ/mol/nm²
    spring: Spring,
    /// Pause per configuration.
    sleep_ms: u64,
    max_batch: usize,
    periodic: bool,
    /// Refused at larger |r|.
    radius: Option<f64>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spring {
    constant: f64,
}

impl Default for ChainConfig {
    fn default() -> Self {
        let spring = Spring { constant: 2.0 };
        Self { atoms: 2, spring, sleep_ms: 0, max_batch: 0, periodic: false, radius: None }
    }
}

impl Chain {
    fn energy(&self, scale: f64, positions: &[f64], gradient: &mut [f64]) -> Result<f64, SampleStatus> {
        std::thread::sleep(std::time::Duration::from_millis(self.config.sleep_ms));
        let k = scale * self.config.spring.constant;
        let square: f64 = positions.iter().map(|r| r * r).sum();
        if self.config.radius.is_some_and(|radius| square > radius * radius) {
            return Err(SampleStatus::OutsideDomain);
        }
        gradient.iter_mut().zip(positions).for_each(|(g, r)| *g += k * r);
        Ok(0.5 * k * square)
    }
}

impl Potential for Chain {
    type Config = ChainConfig;
    const DESCRIPTION: Description = Description {
        id: "chain",
        name: "A chain",
        version: "1.2.3",
        vendor: "tests",
        determinism: Determinism::Bitwise,
        dtypes: &[Dtype::F64, Dtype::F32],
        symmetries: &[Symmetry::Rotation, Symmetry::Inversion],
        required_extensions: &["test.one/1", "test.two/1"],
        ..Description::DEFAULT
    };

    fn create(config: ChainConfig, host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        if config.spring.constant < 0.0 {
            return Err(CreateError::BadConfig("spring.constant: must not be negative".into()));
        }
        let topology = host_topology.cloned().unwrap_or_else(|| Topology {
            atomic_numbers: vec![6; config.atoms],
            atom_names: vec!["C\u{3b1}".into(); config.atoms],
            bonds: (1..config.atoms as u32).map(|atom| [atom - 1, atom]).collect(),
            ..Topology::default()
        });
        let reference =
            vec![GoldenSample { positions: vec![0.0; 3 * config.atoms], energy: 0.0, tolerance: 1e-12 }];
        Ok(Self { config, topology, reference })
    }

    fn info(&self) -> Info {
        Info {
            atoms: self.config.atoms,
            max_batch: self.config.max_batch,
            preferred_batch: 8,
            periodic: if self.config.periodic { 0b111 } else { 0 },
            cutoff_nm: 1.25,
            ..Info::default()
        }
    }

    /// Through `samples` where there are parameters or a box (whose trace is added to the energy), otherwise through
    /// `for_each`.
    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        if batch.count() == 0 || (batch.parameters(0).is_none() && batch.box_rows(0).is_none()) {
            batch.for_each(|positions, gradient| self.energy(1.0, positions, gradient));
            return Ok(());
        }
        for sample in batch.samples() {
            let (mut positions, mut gradient) =
                (vec![0.0; 3 * self.config.atoms], vec![0.0; 3 * self.config.atoms]);
            sample.read(&mut positions);
            let scale = sample.parameters().map_or(1.0, |parameters| parameters[0]);
            let trace = sample.box_rows().map_or(0.0, |rows| rows[0][0] + rows[1][1] + rows[2][2]);
            match self.energy(scale, &positions, &mut gradient) {
                Ok(energy) => sample.finish(energy + trace, &gradient),
                Err(status) => sample.fail(status),
            }
        }
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn components(&self) -> Option<&dyn Components> {
        Some(self)
    }

    fn reference(&self) -> Option<&dyn Reference> {
        Some(&self.reference)
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "scale".into(), default_value: 1.0 },
            Parameter { name: "unused".into(), default_value: -2.5 },
        ]
    }
}

/// One term per direction of space.
impl Components for Chain {
    fn names(&self) -> Vec<String> {
        ["x", "y", "z"].map(String::from).to_vec()
    }

    fn evaluate(&self, batch: &mut Batch<'_>, terms: &mut [f64]) -> Result<(), EvaluateError> {
        for (sample, row) in batch.samples().zip(terms.chunks_mut(3)) {
            if !sample.positions_are_finite() {
                sample.fail(SampleStatus::NonFiniteInput);
                continue;
            }
            let mut positions = vec![0.0; 3 * self.config.atoms];
            sample.read(&mut positions);
            for (k, term) in row.iter_mut().enumerate() {
                let square: f64 = positions.iter().skip(k).step_by(3).map(|r| r * r).sum();
                *term = 0.5 * self.config.spring.constant * square;
            }
            sample.finish(0.0, &[]);
        }
        Ok(())
    }
}

/// Panics where its configuration says.
#[derive(Debug)]
pub struct Panicking {
    at: At,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct PanickingConfig {
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    Create,
    Info,
    /// In `for_each`, at a negative coordinate.
    Sample,
    /// With a value that is no text.
    NoText,
    /// With a value that panics when it is dropped.
    Twice,
    /// Not a panic: returns an error after the first sample.
    Error,
    /// Not a panic: forgets every second sample.
    Forget,
    Components,
    Destroy,
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("and again");
    }
}

impl Potential for Panicking {
    type Config = PanickingConfig;
    const DESCRIPTION: Description = Description { id: "panicking", ..Description::DEFAULT };

    fn create(config: PanickingConfig, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        assert!(config.at != At::Create, "no instance today: {}", "\u{e4}".repeat(40));
        Ok(Self { at: config.at })
    }

    fn info(&self) -> Info {
        assert!(self.at != At::Info, "no facts today");
        Info { atoms: 1, dimensions: 1, ..Info::default() }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        match self.at {
            At::NoText => std::panic::panic_any(42),
            At::Twice => std::panic::panic_any(PanicsInDrop),
            At::Error => {
                batch.samples().next().into_iter().for_each(|sample| sample.finish(1.0, &[1.0]));
                return Err(EvaluateError::Internal("the rest is missing".into()));
            }
            At::Forget => {
                batch.samples().step_by(2).for_each(|sample| sample.finish(1.0, &[1.0]));
                return Ok(());
            }
            _ => {}
        }
        batch.for_each(|position, gradient| {
            gradient[0] = 7.0;
            assert!(position[0] >= 0.0, "negative coordinate {}", position[0]);
            Ok(position[0])
        });
        Ok(())
    }

    fn components(&self) -> Option<&dyn Components> {
        (self.at == At::Components).then_some(self as &dyn Components)
    }
}

impl Components for Panicking {
    fn names(&self) -> Vec<String> {
        vec!["only".into()]
    }

    fn evaluate(&self, batch: &mut Batch<'_>, terms: &mut [f64]) -> Result<(), EvaluateError> {
        terms.fill(5.0);
        batch.samples().next().into_iter().for_each(|sample| sample.finish(0.0, &[]));
        panic!("no terms today");
    }
}

impl Drop for Panicking {
    fn drop(&mut self) {
        assert!(self.at != At::Destroy, "no end today");
    }
}

/// As little as possible; says so in the log.
#[derive(Debug)]
pub struct Plain;

impl Potential for Plain {
    type Config = NoConfig;
    const DESCRIPTION: Description = Description { id: "plain", ..Description::DEFAULT };

    fn create(_config: NoConfig, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        epp::sdk::log(Level::Warning, "plain\0 indeed");
        Ok(Self)
    }

    fn info(&self) -> Info {
        Info { atoms: 1, dimensions: 1, ..Info::default() }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, gradient| {
            // 1/x: everything that can become infinite does so near 0.
            gradient[0] = -1.0 / (position[0] * position[0]);
            Ok(1.0 / position[0])
        });
        Ok(())
    }
}
