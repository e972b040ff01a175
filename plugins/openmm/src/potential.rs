//! The potential: an OpenMM System evaluated by a pool of Contexts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use epp::sdk::{
    Batch, Components, CreateError, Description, Determinism, Dtype, EvaluateError, GoldenSample, Info,
    Level, Parameter, Potential, Reference, Sample, SampleStatus, Symmetry, ThreadModel, Topology, log,
};
use openmm::{Error, System};

use crate::config::Config;
use crate::molecule::Molecule;
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
    terms: Terms,
    golden: Vec<GoldenSample>,
    pool: Pool,
    contexts: usize,
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
        // What the default platform, Reference, does: a test says so. An instance of another platform withdraws it, and warns.
        determinism: Determinism::Bitwise,
        dtypes: &[Dtype::F64, Dtype::F32],
        // An instance withdraws them where a force of its System may not have them.
        symmetries: &[Symmetry::Translation, Symmetry::Rotation],
        ..Description::DEFAULT
    };

    fn create(config: Config, _host_topology: Option<&Topology>) -> Result<Self, CreateError> {
        let Molecule { mut system, topology, golden } = Molecule::load(&config)?;
        system.remove_forces_without_energy();
        let terms = Terms::separate(&mut system).map_err(|error| CreateError::Internal(error.to_string()))?;
        let system = Arc::new(system);
        let contexts = match config.contexts {
            Some(contexts) => contexts.get(),
            None if matches!(config.platform.as_str(), "Reference" | "CPU") => {
                std::thread::available_parallelism().map_or(1, |cores| cores.get())
            }
            None => 1,
        };
        let properties: Vec<(String, String)> =
            properties(&config.platform, config.properties).into_iter().collect();
        let pool =
            Pool::new(&system, &config.platform, &properties, contexts).map_err(|error| refuse(&error))?;
        let bitwise = config.platform == BITWISE;
        if !bitwise {
            let platform = &config.platform;
            log(
                Level::Warning,
                &format!(
                    "openmm: platform {platform} does not give the same bits again: sums depend on threads and on what came \
                     before. A run cannot be repeated bit by bit; platform {BITWISE} can"
                ),
            );
        }
        let parameters = pool.parameters();
        let sites = system.virtual_sites();
        let virtual_sites = if sites.contains(&true) { sites } else { Vec::new() };
        let told = AtomicBool::new(false);
        Ok(Self { system, topology, bitwise, terms, golden, pool, contexts, parameters, virtual_sites, told })
    }

    fn info(&self) -> Info {
        Info {
            atoms: self.system.particles(),
            preferred_batch: self.contexts,
            periodic: self.topology.periodic,
            cutoff_nm: self.system.interaction_range().unwrap_or(0.0),
            withdraws_determinism: !self.bitwise,
            withdraws_symmetries: !self.system.is_invariant(),
            ..Info::default()
        }
    }

    fn evaluate(&self, batch: &mut Batch<'_>) -> Result<(), EvaluateError> {
        let (stop, gradient) = (batch.stop(), batch.wants_gradient());
        let samples = batch.samples().map(|sample| (sample, ())).collect();
        self.pool.run(samples, stop, |worker, sample, ()| self.evaluate_one(worker, sample, gradient));
        Ok(())
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn components(&self) -> Option<&dyn Components> {
        if self.terms.names.is_empty() { None } else { Some(self) }
    }

    fn reference(&self) -> Option<&dyn Reference> {
        if self.golden.is_empty() { None } else { Some(&self.golden) }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let parameter =
            |(name, value): &(String, f64)| Parameter { name: name.clone(), default_value: *value };
        self.parameters.iter().map(parameter).collect()
    }
}

impl OpenMm {
    fn evaluate_one(&self, worker: &mut Worker, sample: Sample<'_>, gradient: bool) {
        let outcome = worker.set(&sample, &self.parameters).and_then(|()| {
            if gradient {
                worker.context.energy_and_forces(&mut worker.forces).map_err(|error| self.thrown(&error))
            } else {
                worker.context.energy().map_err(|error| self.thrown(&error))
            }
        });
        match outcome {
            Ok(energy) => {
                worker.forces.iter_mut().for_each(|force| *force = -*force);
                for (site, row) in self.virtual_sites.iter().zip(worker.forces.chunks_exact_mut(3)) {
                    // OpenMM computes such a position from others', and gives those the force.
                    if *site {
                        row.fill(0.0);
                    }
                }
                sample.finish(energy, &worker.forces);
            }
            Err(status) => sample.fail(status),
        }
    }

    /// The status for an exception, whose text the host is told once.
    fn thrown(&self, error: &Error) -> SampleStatus {
        if !self.told.swap(true, Ordering::Relaxed) {
            log(Level::Warning, &format!("openmm: a configuration failed: {error}"));
        }
        SampleStatus::Internal
    }
}

impl Components for OpenMm {
    fn names(&self) -> Vec<String> {
        self.terms.names.clone()
    }

    fn evaluate(&self, batch: &mut Batch<'_>, terms: &mut [f64]) -> Result<(), EvaluateError> {
        let stop = batch.stop();
        let samples = batch.samples().zip(terms.chunks_exact_mut(self.terms.names.len())).collect();
        self.pool.run(samples, stop, |worker, sample, row| {
            let outcome = worker.set(&sample, &self.parameters).and_then(|()| {
                for (group, term) in row.iter_mut().enumerate() {
                    *term =
                        worker.context.energy_of_groups(1 << group).map_err(|error| self.thrown(&error))?;
                }
                if row.iter().all(|term| term.is_finite()) {
                    Ok(())
                } else {
                    Err(SampleStatus::EnergyNotFinite)
                }
            });
            match outcome {
                Ok(()) => sample.finish(0.0, &[]),
                Err(status) => sample.fail(status),
            }
        });
        Ok(())
    }
}

/// One thread for each Context of the CPU platform, unless the user says otherwise: the pool has the cores.
fn properties(platform: &str, mut given: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if platform == "CPU" {
        given.entry("Threads".to_owned()).or_insert_with(|| "1".to_owned());
    }
    given
}

fn refuse(error: &Error) -> CreateError {
    match error {
        Error::UnknownPlatform { .. } => CreateError::BadConfig(format!("platform: {error}")),
        _ => CreateError::Unsupported(error.to_string()),
    }
}
