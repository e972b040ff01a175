//! The frames a run starts from: given by the user, or made by the host's own walkers through the plugin.
use freeland_frames::BoxRows;
use ndarray::{Array2, s};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::bias::Bias;
use super::error::DynamicsError;
use super::grid_bias::GridBias;
use super::hills::Hills;
use super::langevin::Langevin;
use super::masses;
use super::minimise::{bad_start, minimise};
use super::stability::stable;
use crate::config::starting_data::{DynamicsConfig, FramesConfig, StartingDataConfig};
use crate::system::{Given, Phase, System};

/// A run needs this many frames: fewer say nothing about means and standard deviations.
const FEWEST_FRAMES: usize = 20;

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

/// Where frames will come from.
#[derive(Debug)]
pub enum Source {
    /// A file, which was read; of its frames every so many are kept.
    Frames(StartingData, usize),
    /// Dynamics of atoms with these masses, Da.
    Dynamics(DynamicsConfig, Vec<f64>),
}

impl Source {
    /// Reads frames, or finds out whether dynamics can make some. No energy is evaluated.
    ///
    /// # Errors
    /// The file cannot be read or has too few frames; a mass that dynamics cannot work with.
    pub fn open(system: &System, config: &StartingDataConfig) -> Result<Self, DynamicsError> {
        match config {
            StartingDataConfig::Frames(config) => {
                Ok(Self::Frames(read(system, config)?.of_enough()?, config.keep_every))
            }
            StartingDataConfig::Dynamics(config) => {
                let masses =
                    masses::of_atoms(system, "starting-data", config.hydrogen_mass.map(|mass| mass.0))?;
                Ok(Self::Dynamics(config.clone(), masses))
            }
        }
    }

    /// The frames of a file.
    pub fn given(&self) -> Option<Given<'_>> {
        match self {
            Self::Frames(data, every) => Some(Given { positions: data.frames.view(), every: *every }),
            Self::Dynamics(..) => None,
        }
    }

    /// The frames. `progress` is called with the fraction done.
    ///
    /// # Errors
    /// The dynamics fail, or leave too few frames.
    pub fn frames(
        self,
        system: &System,
        rng: &mut ChaCha8Rng,
        progress: &mut dyn FnMut(f64),
    ) -> Result<StartingData, DynamicsError> {
        match self {
            Self::Frames(data, _) => Ok(data),
            Self::Dynamics(config, masses) => simulate(system, &config, &masses, rng, progress)?.of_enough(),
        }
    }
}

impl StartingData {
    fn of_enough(self) -> Result<Self, DynamicsError> {
        match self.frames.nrows() {
            found if found < FEWEST_FRAMES => Err(DynamicsError::TooFew { found, least: FEWEST_FRAMES }),
            _ => Ok(self),
        }
    }
}

fn read(system: &System, config: &FramesConfig) -> Result<StartingData, DynamicsError> {
    let info = system.potential().info();
    let all = freeland_frames::read(&config.file, info.atoms, info.dimensions)?;
    for warning in all.warnings {
        tracing::warn!("starting-data.file: '{}': {warning}", config.file.display());
    }
    other_boxes(system, config, all.boxes.as_deref().unwrap_or_default());
    let frames = all.positions.slice_move(s![..;config.keep_every, ..]).as_standard_layout().into_owned();
    let summary = StartingSummary { frames: frames.nrows(), ..StartingSummary::default() };
    Ok(StartingData { frames, summary })
}

/// Says where frames come from other boxes than the one that all energies are of.
fn other_boxes(system: &System, config: &FramesConfig, boxes: &[BoxRows]) {
    /// A DCD file keeps boxes to single precision, a PDB file to thousandths of an ångström.
    const SAME_NM: f64 = 1e-3;
    let Some(own) = system.potential().default_box() else { return };
    let differs = |rows: &BoxRows| {
        rows.as_flattened().iter().zip(own.as_flattened()).any(|(a, b)| (a - b).abs() > SAME_NM)
    };
    let count = boxes.iter().filter(|rows| differs(rows)).count();
    if count > 0 {
        tracing::warn!(
            "starting-data.file: '{}': {count} of {} frames are of another box than the run, which has {own:?} nm; F is that of \
             the run's box",
            config.file.display(),
            boxes.len()
        );
    }
}

/// Well-tempered metadynamics with one bias for all walkers, or plain Langevin dynamics without hills.
///
/// Source: Barducci, Bussi and Parrinello, Physical Review Letters 2008, 100, 020603.
fn simulate(
    system: &System,
    config: &DynamicsConfig,
    masses_da: &[f64],
    rng: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(f64),
) -> Result<StartingData, DynamicsError> {
    let mut start = system.start().to_vec();
    if config.minimise {
        start = minimise(system, &start)?;
    }
    let dynamics = Langevin::new(system, masses_da, config.time_step.0, config.friction.0);
    let hills = config.hills.as_ref().map(|hills| {
        let height_kt = hills.height.in_kt(system.kt());
        (Hills::new(system.coarse(), height_kt, hills.relative_width, hills.bias_factor), hills.pace)
    });
    let mut bias = hills.as_ref().map(|(hills, _)| hills.grid(system.coarse())).transpose()?;
    let phase = Phase::StartingData;
    let positions = start.repeat(config.walkers);
    let mut walkers = dynamics.start(system, positions, as_bias(&bias), phase, rng)?;
    if walkers.restarts > 0 {
        return Err(bad_start(walkers.last_status));
    }
    let mut frames = Vec::new();
    for step in 1..=config.equilibration_steps + config.steps {
        dynamics.step(system, &mut walkers, as_bias(&bias), phase, rng)?;
        if let (Some(bias), Some((hills, pace))) = (&mut bias, &hills)
            && step % pace == 0
        {
            for site in walkers.sites().chunks_exact(system.coarse().len()) {
                hills.deposit(bias, site);
            }
        }
        if step > config.equilibration_steps && step % config.keep_every == 0 {
            frames.extend_from_slice(walkers.positions());
        }
        stable("starting-data", walkers.restarts, (step * config.walkers) as u64)?;
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

fn as_bias(bias: &Option<GridBias>) -> Option<&dyn Bias> {
    bias.as_ref().map(|bias| bias as &dyn Bias)
}
