//! The potential: an OpenMM System evaluated by a pool of Contexts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use epp::sdk::{
    Batch, CreateError, CreateRequest, Description, Determinism, Dtype, EvaluateError, Fingerprint,
    GoldenSample, Host, Info, Level, Output, Parameter, Potential, Sample, SampleStatus, Symmetry,
    ThreadModel, Topology,
};
use openmm::{Error, System};

use crate::config::Config;
use crate::molecule::Molecule;
use crate::outputs::Outputs;
use crate::pool::{Pool, Worker};
use crate::terms::Terms;

/// The platform that promises it.
const BITWISE: &str = "Reference";

/// An OpenMM System.
pub struct OpenMm {
    system: Arc<System>,
    topology: Topology,
    /// Whether the platform gives the same bits again, whatever was evaluated before.
    bitwise: bool,
    outputs: Outputs,
    golden: Vec<GoldenSample>,
    host: Host,
    fingerprint: String,
    pool: Pool,
    contexts: usize,
    /// Threads of one Context.
    threads: usize,
    /// Global parameters of the System's forces and their default values.
    parameters: Vec<(String, f64)>,
    /// For each particle, whether its position follows from others'; empty if no one's does.
    virtual_sites: Vec<bool>,
    /// Whether OpenMM's first exception was told to the host already.
    told: AtomicBool,
}

impl Potential for OpenMm {
    type Config = Config;

    const DESCRIPTION: Description = Description {
        id: "openmm",
        name: "OpenMM System",
        version: env!("CARGO_PKG_VERSION"),
        vendor: "The freeland developers",
        license: "MIT OR Apache-2.0",
        citation: "P. Eastman et al., OpenMM 8: Molecular Dynamics Simulation with Machine Learning Potentials, \
                   J. Phys. Chem. B 128, 109 (2024)",
        thread_model: ThreadModel::Concurrent,
        // What the default platform, Reference, does: a test says so. An instance of another platform says and warns that it does
        // not.
        determinism: Determinism::Bitwise,
        dtypes: &[Dtype::F64, Dtype::F32],
        // An instance has fewer where a force of its System may not have them.
        symmetries: &[Symmetry::Translation, Symmetry::Rotation],
        ..Description::DEFAULT
    };

    fn create(request: CreateRequest<Config>) -> Result<Self, CreateError> {
        let Molecule { mut system, topology, golden, xml } = Molecule::load(&request)?;
        let CreateRequest { config, host, threads: allowed, .. } = request;
        system.remove_forces_without_energy();
        let terms = Terms::separate(&mut system).map_err(|error| CreateError::Internal(error.to_string()))?;
        let (properties, mut threads) = properties(&config.platform, config.properties.clone(), allowed);
        if config.platform == "CPU" && system.has_mesh() {
            // One more thread does what is on a mesh, at the same time unless that would be one too many.
            let too_many = allowed != 0 && threads + 1 > allowed;
            let separate = too_many
                && system.separate_mesh().map_err(|error| CreateError::Internal(error.to_string()))?;
            threads += usize::from(!separate);
        }
        let system = Arc::new(system);
        let on_cores = matches!(config.platform.as_str(), "Reference" | "CPU");
        let mut contexts = match config.contexts {
            Some(contexts) => contexts.get(),
            None if on_cores => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            None => 1,
        };
        if allowed != 0 && on_cores {
            contexts = contexts.min(allowed / threads).max(1);
        }
        let properties: Vec<(String, String)> = properties.into_iter().collect();
        let pool = Pool::new(&system, &config.platform, &properties, contexts, host.clone())
            .map_err(|error| refuse(&error))?;
        let bitwise = config.platform == BITWISE;
        if !bitwise {
            let platform = &config.platform;
            host.log(
                Level::Warning,
                &format!(
                    "openmm: platform {platform} does not give the same bits again: sums depend on threads and on what came \
                     before. A run cannot be repeated bit by bit; platform {BITWISE} can"
                ),
            );
        }
        let fingerprint = Fingerprint::of::<Self>()
            .bytes(openmm::version())
            .bytes(xml)
            .config(&(&config.platform, &config.properties, config.constraints, config.constraint_strength))
            .finish();
        let parameters = pool.parameters();
        let sites = system.virtual_sites();
        let virtual_sites = if sites.contains(&true) { sites } else { Vec::new() };
        // A parameter may change charges.
        let charges = if parameters.is_empty() { topology.charges.clone() } else { Vec::new() };
        let outputs = Outputs::new(terms, charges, topology.periodic != 0, !virtual_sites.is_empty());
        Ok(Self {
            system,
            topology,
            bitwise,
            outputs,
            golden,
            host,
            fingerprint,
            pool,
            contexts,
            threads,
            parameters,
            virtual_sites,
            told: AtomicBool::new(false),
        })
    }

    fn info(&self) -> Info {
        let symmetries: &[Symmetry] = match (self.system.is_isotropic(), self.system.has_mesh()) {
            (true, false) => Self::DESCRIPTION.symmetries,
            (true, true) => &[Symmetry::Rotation],
            (false, _) => &[],
        };
        Info {
            atoms: self.system.particles(),
            preferred_batch: self.contexts,
            periodic: self.topology.periodic,
            cutoff_nm: self.system.interaction_range().unwrap_or(0.0),
            determinism: Some(if self.bitwise { Determinism::Bitwise } else { Determinism::None }),
            symmetries: Some(symmetries),
            threads_inside: self.contexts * self.threads,
            fingerprint: Some(self.fingerprint.clone()),
            ..Info::default()
        }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        let (stop, gradient) = (batch.stop(), batch.wants_gradient());
        let samples = batch.samples().collect();
        self.pool.run(samples, stop, |worker, sample| self.evaluate_one(worker, sample, gradient));
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

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.iter().map(|(name, value)| Parameter::new(name, *value)).collect()
    }
}

impl OpenMm {
    fn evaluate_one(&self, worker: &mut Worker, mut sample: Sample<'_>, gradient: bool) {
        match self.energy_and_outputs(worker, &mut sample, gradient) {
            Ok(energy) => {
                worker.turn_back_forces();
                sample.finish(energy, &worker.forces);
            }
            Err(status) => sample.fail(status),
        }
    }

    /// The energy, with the gradient, in OpenMM's frame, in the worker's `forces` if it is wanted.
    fn energy_and_outputs(
        &self,
        worker: &mut Worker,
        sample: &mut Sample<'_>,
        gradient: bool,
    ) -> Result<f64, SampleStatus> {
        worker.set(sample, &self.parameters)?;
        let energy = if gradient || self.outputs.need_forces(sample) {
            let energy =
                worker.context.energy_and_forces(&mut worker.forces).map_err(|error| self.thrown(&error))?;
            worker.forces.iter_mut().for_each(|force| *force = -*force);
            for (site, row) in self.virtual_sites.iter().zip(worker.forces.chunks_exact_mut(3)) {
                // OpenMM computes such a position from others', and gives those the force.
                if *site {
                    row.fill(0.0);
                }
            }
            energy
        } else {
            worker.context.energy().map_err(|error| self.thrown(&error))?
        };
        self.outputs.write(sample, worker, energy, |error| self.thrown(error))?;
        Ok(energy)
    }

    /// The status for an exception, whose text the host is told once.
    fn thrown(&self, error: &Error) -> SampleStatus {
        if !self.told.swap(true, Ordering::Relaxed) {
            self.host.log(Level::Warning, &format!("openmm: a configuration failed: {error}"));
        }
        SampleStatus::Internal
    }
}

/// Properties of a platform, and the threads that a Context keeps at work with them: of the CPU platform one, the pool has
/// the cores, or as many as the user says and the host allows (0: any number).
fn properties(
    platform: &str,
    mut given: BTreeMap<String, String>,
    allowed: usize,
) -> (BTreeMap<String, String>, usize) {
    if platform != "CPU" {
        return (given, 1);
    }
    let threads = given.entry("Threads".to_owned()).or_insert_with(|| "1".to_owned());
    // What is no number is OpenMM's to refuse; 0 is all cores to it.
    let asked = match threads.parse() {
        Ok(0) => std::thread::available_parallelism().map_or(1, usize::from),
        Ok(asked) => asked,
        Err(_) => return (given, 1),
    };
    let kept = if allowed == 0 { asked } else { asked.min(allowed) };
    *threads = kept.to_string();
    (given, kept)
}

fn refuse(error: &Error) -> CreateError {
    match error {
        Error::UnknownPlatform { .. } => CreateError::BadConfig(format!("platform: {error}")),
        _ => CreateError::Unsupported(error.to_string()),
    }
}
