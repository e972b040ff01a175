//! The energy plugin.
use crate::config::{Config, Precision};
use crate::engine::{self, Engine};
use crate::molecule::Molecule;
use crate::system::{System, Terms};
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
    engines: Engines,
    threads: Threads,
}

/// The sum of all forces, and each force alone.
#[derive(Debug)]
struct Pair<T> {
    sum: Engine<T>,
    terms: Vec<Engine<T>>,
}

#[derive(Debug)]
enum Engines {
    Single(Pair<f32>),
    Double(Pair<f64>),
}

impl<T: engine::Precision> Pair<T> {
    fn new(system: &System) -> Self {
        let atoms = system.masses.len();
        let with_energy = system.forces.iter().filter(|force| !matches!(force.terms, Terms::Nothing));
        Self {
            sum: Engine::new(atoms, &system.forces),
            terms: with_energy.map(|force| Engine::new(atoms, std::slice::from_ref(force))).collect(),
        }
    }

    fn evaluate(&self, threads: &Threads, batch: &mut Batch<'_>) {
        let (stop, gradient) = (batch.stop(), batch.wants_gradient());
        let lanes = self.sum.lanes();
        threads.share(batch.samples(), lanes, |queue: Queue<'_, _>| {
            self.sum.with_block(|block| {
                while let Some(mut group) = queue.take(lanes) {
                    let samples = group.iter_mut().enumerate().take(lanes);
                    for (lane, place) in samples {
                        *place = place.take().and_then(|sample| admit(sample, stop, |p| p.load(block, lane)));
                    }
                    if group.iter().all(Option::is_none) {
                        continue;
                    }
                    self.sum.run(block, gradient);
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

    fn evaluate_terms(&self, threads: &Threads, batch: &mut Batch<'_>, terms: &mut [f64]) {
        let stop = batch.stop();
        let lanes = self.sum.lanes();
        let items = batch.samples().zip(terms.chunks_exact_mut(self.terms.len()));
        threads.share(items, lanes, |queue: Queue<'_, _>| {
            while let Some(group) = queue.take(lanes) {
                for (sample, row) in group.into_iter().flatten() {
                    self.terms_of(sample, stop, row);
                }
            }
        });
    }

    fn terms_of(&self, sample: Sample<'_>, stop: Stop<'_>, row: &mut [f64]) {
        let Some(sample) = admit(sample, stop, |positions| positions.are_finite()) else { return };
        self.write_terms(Positions::of(&sample), row);
        if row.iter().all(|term| term.is_finite()) {
            sample.finish(0.0, &[]);
        } else {
            sample.fail(SampleStatus::EnergyNotFinite);
        }
    }

    fn write_terms(&self, positions: Positions<'_>, row: &mut [f64]) {
        for (engine, term) in self.terms.iter().zip(row) {
            *term = engine.with_block(|block| {
                positions.load(block, 0);
                engine.run(block, false);
                block.energy(0)
            });
        }
    }
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

    fn are_finite(self) -> bool {
        match self {
            Self::F64(positions) => positions.iter().all(|p| p.is_finite()),
            Self::F32(positions) => positions.iter().all(|p| p.is_finite()),
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
            Engines::Single(engines) => engines.write_terms(Positions::F64(positions), &mut row),
            Engines::Double(engines) => engines.write_terms(Positions::F64(positions), &mut row),
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
        determinism: Determinism::Bitwise,
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
        let with_energy = system.forces.iter().filter(|force| !matches!(force.terms, Terms::Nothing));
        Ok(Self {
            topology,
            golden,
            names: with_energy.map(|force| force.name.clone()).collect(),
            in_a_field: system.depends_on_place(),
            engines: match config.precision {
                Precision::Single => Engines::Single(Pair::new(&system)),
                Precision::Double => Engines::Double(Pair::new(&system)),
            },
            threads: Threads::new(threads),
        })
    }

    fn info(&self) -> Info {
        let preferred_batch = match &self.engines {
            Engines::Single(engines) => engines.sum.lanes(),
            Engines::Double(engines) => engines.sum.lanes(),
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
            Engines::Single(engines) => engines.evaluate(&self.threads, batch),
            Engines::Double(engines) => engines.evaluate(&self.threads, batch),
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
            Engines::Single(engines) => engines.evaluate_terms(&self.threads, batch, terms),
            Engines::Double(engines) => engines.evaluate_terms(&self.threads, batch, terms),
        }
        Ok(())
    }
}
