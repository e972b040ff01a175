//! The energy plugin.
use crate::config::{Config, Precision};
use crate::engine::{self, Engine};
use crate::engines::Engines;
use crate::molecule::Molecule;
use crate::outputs::{Evaluated, Outputs};
use crate::room;
use crate::solo::{SoloMemory, Wanted};
use crate::threads::{Queue, Threads};
use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, Determinism, Dtype, EvaluateError, Fingerprint,
    GoldenSample, Info, Output, Potential, Sample, SampleStatus, Stop, Symmetry, ThreadModel, Topology,
    Units,
};

/// The force field of one molecule.
#[derive(Debug)]
pub struct MolecularMechanics {
    topology: Topology,
    golden: Vec<GoldenSample>,
    outputs: Outputs,
    in_a_field: bool,
    fingerprint: String,
    engines: OfPrecision,
    threads: Threads,
}

#[derive(Debug)]
enum OfPrecision {
    Single(Engines<f32>),
    Double(Engines<f64>),
}

impl<T: engine::Precision> Engines<T> {
    fn evaluate(&self, threads: &Threads, outputs: &Outputs, batch: &mut Batch<'_>) {
        // The engine for batches knows only the sum of all forces.
        match self.for_batch(batch.count()).filter(|_| !outputs.want_terms(batch)) {
            Some(engine) => in_lanes(engine, threads, outputs, batch),
            None => self.alone(threads, outputs, batch),
        }
    }

    /// One configuration after the other.
    fn alone(&self, threads: &Threads, outputs: &Outputs, batch: &mut Batch<'_>) {
        let (stop, wanted) = (batch.stop(), Wanted { gradient: outputs.need_gradient(batch) });
        threads.share(batch.samples(), self.grain(), |queue: Queue<'_, _>| {
            self.solo().with_memory(|memory| {
                while let Some([sample, ..]) = queue.take(1) {
                    let Some(sample) = sample.and_then(|sample| admit(sample, stop)) else { continue };
                    Positions::of(&sample).load_alone(memory);
                    self.solo().run(memory, wanted);
                    let found = Evaluated {
                        energy: memory.energy(),
                        terms: memory.energies(),
                        gradient: if wanted.gradient { memory.gradient() } else { &[] },
                    };
                    outputs.finish(sample, found);
                }
            });
        });
    }
}

/// One configuration in every lane.
fn in_lanes<T: engine::Precision>(
    engine: &Engine<T>,
    threads: &Threads,
    outputs: &Outputs,
    batch: &mut Batch<'_>,
) {
    let (stop, gradient) = (batch.stop(), outputs.need_gradient(batch));
    let lanes = engine.lanes();
    threads.share(batch.samples(), lanes, |queue: Queue<'_, _>| {
        engine.with_block(|block| {
            while let Some(mut group) = queue.take(lanes) {
                let samples = group.iter_mut().enumerate().take(lanes);
                for (lane, place) in samples {
                    *place = place.take().and_then(|sample| admit(sample, stop));
                    place.iter().for_each(|sample| Positions::of(sample).load(block, lane));
                }
                if group.iter().all(Option::is_none) {
                    continue;
                }
                engine.run(block, gradient);
                for (lane, sample) in group.into_iter().enumerate() {
                    if let Some(sample) = sample {
                        let energy = block.energy(lane);
                        let gradient = if gradient { block.gradient(lane) } else { &[] };
                        outputs.finish(sample, Evaluated { energy, gradient, terms: &[] });
                    }
                }
            }
        });
    });
}

/// Positions in the host's type.
#[derive(Clone, Copy)]
enum Positions<'a> {
    F64(&'a [f64]),
    F32(&'a [f32]),
}

impl<'a> Positions<'a> {
    fn of(sample: &'a Sample<'_>) -> Self {
        match (sample.positions_f64(), sample.positions_f32()) {
            (Some(positions), _) => Self::F64(positions),
            (None, positions) => Self::F32(positions.unwrap_or_default()),
        }
    }

    fn load<T: engine::Precision>(self, block: &mut engine::Block<T>, lane: usize) {
        match self {
            Self::F64(positions) => block.load(lane, positions),
            Self::F32(positions) => block.load(lane, positions),
        }
    }

    fn load_alone<T: engine::Precision>(self, memory: &mut SoloMemory<T>) {
        match self {
            Self::F64(positions) => memory.load(positions),
            Self::F32(positions) => memory.load(positions),
        }
    }
}

/// Gives the sample back if it is still wanted.
fn admit<'a>(sample: Sample<'a>, stop: Stop<'_>) -> Option<Sample<'a>> {
    if stop.requested() {
        sample.fail(SampleStatus::Cancelled);
        return None;
    }
    Some(sample)
}

impl Potential for MolecularMechanics {
    type Config = Config;

    const DESCRIPTION: Description = Description {
        id: "molecular-mechanics",
        name: "Molecular mechanics in SIMD batches (OpenMM Systems without OpenMM)",
        version: env!("CARGO_PKG_VERSION"),
        vendor: "freeland",
        license: "MIT OR Apache-2.0",
        citation: "The force field and the solvent model of the System; the formulas are OpenMM's.",
        thread_model: ThreadModel::Concurrent,
        determinism: Determinism::RunToRun,
        dtypes: &[Dtype::F64, Dtype::F32],
        // An instance whose energy depends on the place of the molecule has none.
        symmetries: &[Symmetry::Translation, Symmetry::Rotation],
        units: Units::Md,
        ..Description::DEFAULT
    };

    fn create(request: CreateRequest<Config>) -> Result<Self, CreateError> {
        let Molecule { system, topology, golden, xml } = Molecule::load(&request)?;
        let CreateRequest { config, threads: allowed, .. } = request;
        let threads = match config.threads {
            Some(threads) => threads.get(),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let threads = if allowed == 0 { threads } else { threads.min(allowed) };
        let atoms = system.masses.len();
        let bytes = match config.precision {
            Precision::Single => Engines::<f32>::bytes(atoms, threads),
            Precision::Double => Engines::<f64>::bytes(atoms, threads),
        };
        if let Some(lacking) = room::lacking(1, bytes) {
            let what = format!(
                "{atoms} atoms on {threads} threads take {lacking}: use fewer threads, or a smaller molecule"
            );
            return Err(CreateError::Unsupported(what));
        }
        Ok(Self {
            topology,
            golden,
            outputs: Outputs::new(&system),
            in_a_field: system.depends_on_place(),
            fingerprint: Fingerprint::of::<Self>()
                .bytes(xml)
                .config(&(config.precision, config.constraints, config.constraint_strength))
                .finish(),
            engines: match config.precision {
                Precision::Single => OfPrecision::Single(Engines::new(system)),
                Precision::Double => OfPrecision::Double(Engines::new(system)),
            },
            threads: Threads::new(threads),
        })
    }

    fn info(&self) -> Info {
        let preferred_batch = match &self.engines {
            OfPrecision::Single(engines) => engines.preferred_batch(),
            OfPrecision::Double(engines) => engines.preferred_batch(),
        };
        Info {
            atoms: self.topology.masses.len(),
            preferred_batch,
            symmetries: self.in_a_field.then_some(&[]),
            threads_inside: self.threads.count(),
            fingerprint: Some(self.fingerprint.clone()),
            ..Info::default()
        }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        match &self.engines {
            OfPrecision::Single(engines) => engines.evaluate(&self.threads, &self.outputs, batch),
            OfPrecision::Double(engines) => engines.evaluate(&self.threads, &self.outputs, batch),
        }
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn outputs(&self) -> Vec<Output> {
        self.outputs.describe()
    }

    fn reference(&self) -> Vec<GoldenSample> {
        self.golden.clone()
    }
}
