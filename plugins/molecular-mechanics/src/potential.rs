//! The energy plugin.
use crate::config::{Config, Precision};
use crate::engine::{self, Engine};
use crate::engines::Engines;
use crate::molecule::Molecule;
use crate::solo::{SoloMemory, Wanted};
use crate::threads::{Queue, Threads};
use epp::sdk::{
    Batch, Components, CreateError, Description, Determinism, Dtype, EvaluateError, GoldenSample, Info,
    Potential, Reference, Sample, SampleStatus, Stop, Symmetry, ThreadModel, Topology, Units,
};

/// The force field of one molecule.
#[derive(Debug)]
pub struct MolecularMechanics {
    topology: Topology,
    golden: Vec<GoldenSample>,
    names: Vec<String>,
    in_a_field: bool,
    engines: OfPrecision,
    threads: Threads,
}

#[derive(Debug)]
enum OfPrecision {
    Single(Engines<f32>),
    Double(Engines<f64>),
}

impl<T: engine::Precision> Engines<T> {
    fn evaluate(&self, threads: &Threads, batch: &mut Batch<'_>) {
        let count = batch.samples().len();
        match self.for_batch(count) {
            Some(engine) => in_lanes(engine, threads, batch),
            None => self.alone(threads, batch),
        }
    }

    /// One configuration after the other.
    fn alone(&self, threads: &Threads, batch: &mut Batch<'_>) {
        let (stop, wanted) = (batch.stop(), Wanted { gradient: batch.wants_gradient() });
        threads.share(batch.samples(), 1, |queue: Queue<'_, _>| {
            self.solo().with_memory(|memory| {
                while let Some([sample, ..]) = queue.take(1) {
                    let sample = sample.and_then(|sample| admit(sample, stop, |p| p.load_alone(memory)));
                    let Some(sample) = sample else { continue };
                    self.solo().run(memory, wanted);
                    sample.finish(memory.energy(), if wanted.gradient { memory.gradient() } else { &[] });
                }
            });
        });
    }

    fn evaluate_terms(&self, threads: &Threads, batch: &mut Batch<'_>, terms: &mut [f64]) {
        let stop = batch.stop();
        let count = batch.samples().len();
        let items = batch.samples().zip(terms.chunks_exact_mut((terms.len() / count.max(1)).max(1)));
        threads.share(items, 1, |queue: Queue<'_, _>| {
            self.solo().with_memory(|memory| {
                while let Some([item, ..]) = queue.take(1) {
                    let Some((sample, row)) = item else { continue };
                    let Some(sample) = admit(sample, stop, |p| p.load_alone(memory)) else { continue };
                    self.solo().run(memory, Wanted::default());
                    row.copy_from_slice(memory.energies());
                    if row.iter().all(|term| term.is_finite()) {
                        sample.finish(0.0, &[]);
                    } else {
                        sample.fail(SampleStatus::EnergyNotFinite);
                    }
                }
            });
        });
    }

    fn write_terms(&self, positions: Positions<'_>, row: &mut [f64]) {
        self.solo().with_memory(|memory| {
            positions.load_alone(memory);
            self.solo().run(memory, Wanted::default());
            row.copy_from_slice(memory.energies());
        });
    }
}

/// One configuration in every lane.
fn in_lanes<T: engine::Precision>(engine: &Engine<T>, threads: &Threads, batch: &mut Batch<'_>) {
    let (stop, gradient) = (batch.stop(), batch.wants_gradient());
    let lanes = engine.lanes();
    threads.share(batch.samples(), lanes, |queue: Queue<'_, _>| {
        engine.with_block(|block| {
            while let Some(mut group) = queue.take(lanes) {
                let samples = group.iter_mut().enumerate().take(lanes);
                for (lane, place) in samples {
                    *place = place.take().and_then(|sample| admit(sample, stop, |p| p.load(block, lane)));
                }
                if group.iter().all(Option::is_none) {
                    continue;
                }
                engine.run(block, gradient);
                for (lane, sample) in group.into_iter().enumerate() {
                    if let Some(sample) = sample {
                        let energy = block.energy(lane);
                        sample.finish(energy, if gradient { block.gradient(lane) } else { &[] });
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

    fn load<T: engine::Precision>(self, block: &mut engine::Block<T>, lane: usize) -> bool {
        match self {
            Self::F64(positions) => block.load(lane, positions),
            Self::F32(positions) => block.load(lane, positions),
        }
    }

    fn load_alone<T: engine::Precision>(self, memory: &mut SoloMemory<T>) -> bool {
        match self {
            Self::F64(positions) => memory.load(positions),
            Self::F32(positions) => memory.load(positions),
        }
    }
}

/// Gives the sample back if it can be evaluated: `load` says whether its positions are finite.
fn admit<'a>(
    sample: Sample<'a>,
    stop: Stop<'_>,
    load: impl FnOnce(Positions<'_>) -> bool,
) -> Option<Sample<'a>> {
    if stop.requested() {
        sample.fail(SampleStatus::Cancelled);
        return None;
    }
    if !load(Positions::of(&sample)) {
        sample.fail(SampleStatus::NonFiniteInput);
        return None;
    }
    Some(sample)
}

impl MolecularMechanics {
    /// Energy terms of one configuration, `[atoms][3]` nm, with their names; kJ/mol. Panics if the length is another.
    pub fn terms(&self, positions: &[f64]) -> Vec<(&str, f64)> {
        assert_eq!(positions.len(), 3 * self.topology.masses.len(), "coordinates");
        let mut row = vec![f64::NAN; self.names.len()];
        match &self.engines {
            OfPrecision::Single(engines) => engines.write_terms(Positions::F64(positions), &mut row),
            OfPrecision::Double(engines) => engines.write_terms(Positions::F64(positions), &mut row),
        }
        self.names.iter().map(String::as_str).zip(row).collect()
    }
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
        // An instance whose energy depends on the place of the molecule withdraws them.
        symmetries: &[Symmetry::Translation, Symmetry::Rotation],
        units: Units::Md,
        ..Description::DEFAULT
    };

    fn create(config: Config, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        let Molecule { system, topology, golden } = Molecule::load(&config)?;
        let threads = match config.threads {
            Some(threads) => threads.get(),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let with_energy = system.forces.iter().filter(|force| force.has_energy());
        Ok(Self {
            topology,
            golden,
            names: with_energy.map(|force| force.name.clone()).collect(),
            in_a_field: system.depends_on_place(),
            engines: match config.precision {
                Precision::Single => OfPrecision::Single(Engines::new(&system)),
                Precision::Double => OfPrecision::Double(Engines::new(&system)),
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
            withdraws_symmetries: self.in_a_field,
            ..Info::default()
        }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        match &self.engines {
            OfPrecision::Single(engines) => engines.evaluate(&self.threads, batch),
            OfPrecision::Double(engines) => engines.evaluate(&self.threads, batch),
        }
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn components(&self) -> Option<&dyn Components> {
        if self.names.is_empty() { None } else { Some(self) }
    }

    fn reference(&self) -> Option<&dyn Reference> {
        if self.golden.is_empty() { None } else { Some(&self.golden) }
    }
}

impl Components for MolecularMechanics {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn evaluate(&self, batch: &mut Batch<'_>, terms: &mut [f64]) -> Result<(), EvaluateError> {
        match &self.engines {
            OfPrecision::Single(engines) => engines.evaluate_terms(&self.threads, batch, terms),
            OfPrecision::Double(engines) => engines.evaluate_terms(&self.threads, batch, terms),
        }
        Ok(())
    }
}
