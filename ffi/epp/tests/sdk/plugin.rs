//! The library under test: a chain of springs that can do everything, and one that panics where it is told to.
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, Determinism, Dtype, EvaluateError, Fingerprint,
    GoldenSample, Info, Level, NoConfig, Output, Parameter, Potential, SampleStatus, Shape, Symmetry,
    Topology, TopologyUse,
};

epp::export_plugin!(Chain, Panicking, Plain, Spins);

/// Atoms in three dimensions, `U = scale k Σ |r_i|² / 2`, `scale` a parameter; the trace of the box is added to it.
#[derive(Debug)]
pub struct Chain {
    config: ChainConfig,
    topology: Topology,
}

/// Places in `outputs`.
const TERMS: usize = 0;
const CHARGES: usize = 1;
const STREAM: usize = 2;

#[derive(Debug, Clone, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
    /// Written to the log when it is made, and the name of a file.
    file: Option<String>,
    /// Charges are forgotten.
    forgetful: bool,
}

#[derive(Debug, Clone, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spring {
    constant: f64,
}

impl Default for ChainConfig {
    fn default() -> Self {
        let spring = Spring { constant: 2.0 };
        Self {
            atoms: 2,
            spring,
            sleep_ms: 0,
            max_batch: 0,
            periodic: false,
            radius: None,
            file: None,
            forgetful: false,
        }
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
        topology: TopologyUse::Used,
        required_extensions: &["test.one/1", "test.two/1"],
        ..Description::DEFAULT
    };

    const DERIVES: bool = true;

    fn create(request: CreateRequest<ChainConfig>) -> Result<Self, CreateError> {
        let config = request.config.clone();
        if config.spring.constant < 0.0 {
            return Err(CreateError::BadConfig("spring.constant: must not be negative".into()));
        }
        if let Some(file) = &config.file {
            request.host.log(
                Level::Info,
                &format!("{} with {} threads", request.path(file).display(), request.threads),
            );
        }
        let topology = request.topology.unwrap_or_else(|| Topology {
            atomic_numbers: vec![6; config.atoms],
            atom_names: vec!["C\u{3b1}".into(); config.atoms],
            bonds: (1..config.atoms as u32).map(|atom| [atom - 1, atom]).collect(),
            ..Topology::default()
        });
        Ok(Self { config, topology })
    }

    fn info(&self) -> Info {
        Info {
            atoms: self.config.atoms,
            max_batch: self.config.max_batch,
            preferred_batch: 8,
            periodic: if self.config.periodic { 0b111 } else { 0 },
            cutoff_nm: 1.25,
            determinism: Some(Determinism::RunToRun),
            symmetries: Some(&[]),
            threads_inside: 1,
            fingerprint: Some(Fingerprint::of::<Self>().config(&self.config).finish()),
            ..Info::default()
        }
    }

    /// Through `for_each` where it suffices.
    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        let plain = batch.count() == 0 || (batch.parameters(0)[0] == 1.0 && batch.box_rows(0).is_none());
        if plain && !(TERMS..=STREAM).any(|output| batch.wants_output(output)) {
            batch.for_each(|positions, gradient| self.energy(1.0, positions, gradient));
            return Ok(());
        }
        batch.for_each_sample(|sample, positions, gradient| {
            let scale = sample.parameters()[0];
            let trace = sample.box_rows().map_or(0.0, |rows| rows[0][0] + rows[1][1] + rows[2][2]);
            let energy = self.energy(scale, positions, gradient)? + trace;
            if let Some(terms) = sample.output(TERMS) {
                for (k, term) in terms.iter_mut().enumerate() {
                    let square: f64 = positions.iter().skip(k).step_by(3).map(|r| r * r).sum();
                    *term = 0.5 * scale * self.config.spring.constant * square;
                }
            }
            if let Some(charges) = sample.output(CHARGES).filter(|_| !self.config.forgetful) {
                charges.copy_from_slice(&positions[..charges.len()]);
            }
            let stream = sample.stream();
            if let Some(numbers) = sample.output(STREAM) {
                numbers.copy_from_slice(&[stream.seed as f64, stream.index as f64]);
            }
            Ok(energy)
        });
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn outputs(&self) -> Vec<Output> {
        vec![
            Output::new("directions", "kJ/mol", Shape::Vector(3))
                .describe("One term for each direction of space."),
            Output::charges(),
            Output::new("stream", "", Shape::Vector(2)),
        ]
    }

    fn reference(&self) -> Vec<GoldenSample> {
        let zero = GoldenSample::new(vec![0.0; 3 * self.config.atoms], 0.0, 1e-12);
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        if self.config.periodic {
            vec![GoldenSample { energy: 3.0, ..zero.unit_cell(rows) }]
        } else {
            vec![zero]
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![Parameter::new("scale", 1.0).range(-1e6, 1e6), Parameter::new("unused", -2.5).unit("K")]
    }

    fn derive(&self, request: CreateRequest<()>) -> Result<Self, CreateError> {
        let topology =
            request.topology.ok_or_else(|| CreateError::BadTopology("a molecule is needed".into()))?;
        let config = ChainConfig { atoms: topology.atoms(), ..self.config.clone() };
        Ok(Self { config, topology })
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
    /// Not a panic: says that it is gone.
    Lost,
    /// While outputs are asked for, when one is written.
    Outputs,
    Destroy,
    /// In `derive`.
    Derive,
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

    const DERIVES: bool = true;

    fn create(CreateRequest { config, .. }: CreateRequest<PanickingConfig>) -> Result<Self, CreateError> {
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
            At::Lost => return Err(EvaluateError::Lost("the device is gone".into())),
            At::Outputs => {
                let mut samples = batch.samples();
                for value in [5.0, 6.0] {
                    let Some(mut sample) = samples.next() else { break };
                    sample.output(0).into_iter().for_each(|output| output.fill(value));
                    assert!(value == 5.0, "no terms today");
                    sample.finish(0.0, &[0.0]);
                }
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

    fn outputs(&self) -> Vec<Output> {
        vec![Output::term("only")]
    }

    fn derive(&self, _request: CreateRequest<()>) -> Result<Self, CreateError> {
        assert!(self.at != At::Derive, "no children today");
        Err(CreateError::Unsupported("not this one".into()))
    }
}

impl Drop for Panicking {
    fn drop(&mut self) {
        assert!(self.at != At::Destroy, "no end today");
    }
}

/// As little as possible; says so in the log, when it is made and when it ends.
#[derive(Debug)]
pub struct Plain {
    host: epp::sdk::Host,
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.host.log(Level::Debug, "the end");
    }
}

impl Potential for Plain {
    type Config = NoConfig;
    const DESCRIPTION: Description = Description { id: "plain", ..Description::DEFAULT };

    fn create(request: CreateRequest<NoConfig>) -> Result<Self, CreateError> {
        assert!(request.topology.is_none(), "what is ignored is not handed over");
        request.host.log(Level::Warning, "plain\0 indeed");
        Ok(Self { host: request.host })
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

/// Energies of spins of +1 and -1, without a gradient, of a molecule that must be given.
#[derive(Debug)]
pub struct Spins;

impl Potential for Spins {
    type Config = NoConfig;
    const DESCRIPTION: Description =
        Description { id: "spins", topology: TopologyUse::Needed, ..Description::DEFAULT };

    fn create(_request: CreateRequest<NoConfig>) -> Result<Self, CreateError> {
        Ok(Self)
    }

    fn info(&self) -> Info {
        let dtypes = Some(&[Dtype::F64, Dtype::F32][..]);
        Info {
            atoms: 1,
            dimensions: 1,
            no_gradient: true,
            discrete: true,
            uses_seed: true,
            dtypes,
            ..Info::default()
        }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        batch.for_each(|position, _| {
            if position[0].abs() == 1.0 { Ok(position[0]) } else { Err(SampleStatus::OutsideDomain) }
        });
        Ok(())
    }
}
