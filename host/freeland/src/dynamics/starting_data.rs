//! The frames a run starts from: given by the user, or made by the host's own walkers through the plugin.
use ndarray::{Array2, ArrayView1, s};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use freeland_loader::configurations::{self, ConfigurationsError};
use freeland_loader::status_name;

use super::bias::GridBias;
use super::langevin::{Langevin, Walkers};
use crate::config::starting_data::{DynamicsConfig, StartingDataConfig};
use crate::system::{Phase, System, SystemError};

/// Steepest descent stops at this many energy calls, or sooner when a step gains less than [`MINIMISED_KT`].
const MINIMISATION_CALLS: usize = 300;
const MINIMISED_KT: f64 = 1e-2;
/// A run needs this many frames: fewer say nothing about means and standard deviations.
const FEWEST_FRAMES: usize = 20;
/// More restarts than this fraction of all steps mean that the dynamics is broken, not that some energies fail.
const RESTARTS: f64 = 0.25;

/// Why there are no starting data.
#[derive(Debug, Error)]
pub enum DynamicsError {
    /// The potential could not be evaluated at all.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The file of frames.
    #[error("starting-data.file: {0}")]
    Frames(#[from] ConfigurationsError),
    /// Too little to learn from.
    #[error(
        "starting data: {found} frames, at least {FEWEST_FRAMES} are needed; raise starting-data.steps or lower keep-every"
    )]
    TooFew {
        /// Frames there are.
        found: usize,
    },
    /// The integrator does not hold.
    #[error(
        "starting data: walkers left the finite part of the potential {restarts} times in {steps} steps; \
         lower starting-data.time-step or give a better start"
    )]
    Unstable {
        /// How often.
        restarts: u64,
        /// Of how many steps of all walkers.
        steps: u64,
    },
    /// Every energy failed.
    #[error(
        "starting data: the configuration to start from has no energy: {meaning} (status {status}); give another one in coordinates.start"
    )]
    BadStart {
        /// The sample's status.
        status: i32,
        /// What it means.
        meaning: &'static str,
    },
}

/// Frames, and where they come from.
#[derive(Debug, Clone)]
pub struct StartingData {
    /// `[frames, atoms * dimensions]`, nm.
    pub frames: Array2<f64>,
    /// What was done.
    pub summary: StartingSummary,
}

/// For the records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StartingSummary {
    /// Number of frames.
    pub frames: usize,
    /// Walkers put back to a safe place.
    pub restarts: u64,
    /// Simulated time of all walkers, ps (reduced time for reduced units).
    pub time_ps: f64,
}

/// Reads or makes the frames of `config`. `progress` is called with the fraction done.
pub fn prepare(
    system: &System,
    config: &StartingDataConfig,
    rng: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(f64),
) -> Result<StartingData, DynamicsError> {
    let data = match config {
        StartingDataConfig::Frames(config) => {
            let info = system.potential().info();
            let all = configurations::read(&config.file, info.atoms, info.dimensions)?;
            let frames = all.slice_move(s![..;config.keep_every, ..]).as_standard_layout().into_owned();
            let summary = StartingSummary { frames: frames.nrows(), ..StartingSummary::default() };
            StartingData { frames, summary }
        }
        StartingDataConfig::Dynamics(config) => simulate(system, config, rng, progress)?,
    };
    if data.frames.nrows() < FEWEST_FRAMES {
        return Err(DynamicsError::TooFew { found: data.frames.nrows() });
    }
    Ok(data)
}

/// Well-tempered metadynamics with one bias for all walkers, or plain Langevin dynamics without hills.
///
/// Source: Barducci, Bussi and Parrinello, Physical Review Letters 2008, 100, 020603.
fn simulate(
    system: &System,
    config: &DynamicsConfig,
    rng: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(f64),
) -> Result<StartingData, DynamicsError> {
    let mut start = system.start().to_vec();
    if config.minimise {
        start = minimise(system, &start)?;
    }
    let masses = repartitioned(system, config.hydrogen_mass.map(|mass| mass.0));
    let dynamics = Langevin::new(system, &masses, config.time_step.0, config.friction.0, Phase::StartingData);
    let positions = ArrayView1::from(&start)
        .broadcast((config.walkers, start.len()))
        .expect("a row broadcasts")
        .to_owned();
    let hills = config.hills.as_ref();
    let widths: Vec<f64> = hills.map_or(Vec::new(), |hills| {
        system.coarse().iter().map(|v| hills.relative_width * (v.range.1 - v.range.0)).collect()
    });
    let mut bias = hills.map(|_| GridBias::new(system.coarse(), &widths));
    let mut walkers = dynamics.start(system, positions, bias.as_ref(), rng)?;
    if walkers.restarts > 0 {
        return Err(bad_start(walkers.last_status));
    }
    let mut frames = Vec::new();
    let mut site = vec![0.0; system.coarse().len()];
    let mut jacobian = vec![0.0; site.len() * start.len()];
    for step in 1..=config.equilibration_steps + config.steps {
        dynamics.step(system, &mut walkers, bias.as_ref(), rng)?;
        if let (Some(bias), Some(hills)) = (&mut bias, hills)
            && step % hills.pace == 0
        {
            for position in walkers.positions.rows() {
                let position = position.to_slice().expect("walkers' positions are in standard layout");
                system.coarse_with_gradient(position, &mut site, &mut jacobian);
                let tempering = (-bias.value(&site, None) / (hills.bias_factor - 1.0)).exp();
                bias.add_hill(&site, hills.height.in_kt(system.kt()) * tempering, &widths);
            }
        }
        if step > config.equilibration_steps && step % config.keep_every == 0 {
            frames.extend(walkers.positions.iter().copied());
        }
        stable(&walkers, step as u64)?;
        progress(step as f64 / (config.equilibration_steps + config.steps) as f64);
    }
    let rows = frames.len() / start.len();
    let frames =
        Array2::from_shape_vec((rows, start.len()), frames).expect("every frame has all coordinates");
    let steps = (config.equilibration_steps + config.steps) * config.walkers;
    let summary = StartingSummary {
        frames: rows,
        restarts: walkers.restarts,
        time_ps: steps as f64 * config.time_step.0,
    };
    Ok(StartingData { frames, summary })
}

fn bad_start(status: i32) -> DynamicsError {
    DynamicsError::BadStart { status, meaning: status_name(status) }
}

fn stable(walkers: &Walkers, steps: u64) -> Result<(), DynamicsError> {
    let steps = steps * walkers.positions.nrows() as u64;
    if walkers.restarts as f64 > 10.0 + RESTARTS * steps as f64 {
        return Err(DynamicsError::Unstable { restarts: walkers.restarts, steps });
    }
    Ok(())
}

/// Hydrogens made heavier at the expense of what they are bonded to, so that a longer time step holds. The
/// distribution of configurations does not depend on masses.
fn repartitioned(system: &System, hydrogen_mass_da: Option<f64>) -> Vec<f64> {
    let mut masses = system.masses().to_vec();
    let (Some(hydrogen), Some(topology)) = (hydrogen_mass_da, system.potential().topology()) else {
        return masses;
    };
    for bond in &topology.bonds {
        let [a, b] = bond.map(|atom| atom as usize);
        for (light, heavy) in [(a, b), (b, a)] {
            if topology.atomic_numbers[light] == 1 && topology.atomic_numbers[heavy] > 1 {
                masses[heavy] -= hydrogen - masses[light];
                masses[light] = hydrogen;
            }
        }
    }
    masses
}

/// Steepest descent with a step that grows on success and shrinks on failure.
fn minimise(system: &System, start: &[f64]) -> Result<Vec<f64>, DynamicsError> {
    let evaluate = |r: &Array2<f64>| system.cartesian_energy(r.view(), Phase::Minimisation);
    let mut r = Array2::from_shape_vec((1, start.len()), start.to_vec()).expect("one row");
    let mut current = evaluate(&r)?;
    if current.status[0] != 0 {
        return Err(bad_start(current.status[0]));
    }
    let mut step = 1e-3;
    for _ in 1..MINIMISATION_CALLS {
        let largest = current.gradient.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        if largest == 0.0 {
            break;
        }
        let trial = &r - &(&current.gradient * (step / largest));
        let next = evaluate(&trial)?;
        let gain = current.u_kt[0] - next.u_kt[0];
        if next.status[0] == 0 && gain > 0.0 {
            (r, current) = (trial, next);
            step *= 1.3;
            if gain < MINIMISED_KT {
                break;
            }
        } else {
            step *= 0.4;
        }
    }
    Ok(r.into_raw_vec_and_offset().0)
}
