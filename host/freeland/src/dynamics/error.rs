//! Why there are no frames, or no free energy.
use freeland_frames::FramesError;
use thiserror::Error;

use crate::landscape::NoOverlap;
use crate::system::SystemError;

/// Why there are no frames, or no free energy.
#[derive(Debug, Error)]
pub enum DynamicsError {
    /// The potential could not be evaluated at all.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The file of frames.
    #[error("starting-data.file: {0}")]
    Frames(#[from] FramesError),
    /// Too little to learn from.
    #[error(
        "starting data: {found} frames, at least {least} are needed; raise starting-data.steps or lower keep-every"
    )]
    TooFew {
        /// Frames there are.
        found: usize,
        /// Frames that are needed.
        least: usize,
    },
    /// The integrator does not hold.
    #[error(
        "{section}: walkers left the finite part of the potential {restarts} times in {steps} steps; \
         lower {section}.time-step or give a better start"
    )]
    Unstable {
        /// The section of the run file.
        section: &'static str,
        /// How often.
        restarts: u64,
        /// Of how many steps of all walkers.
        steps: u64,
    },
    /// A particle that dynamics cannot move.
    #[error(
        "{section}: atom {atom} has a mass of {mass_da} Da, and dynamics moves nothing without mass (a fixed particle or a virtual \
         site); give it a mass in the System, or take it out"
    )]
    Massless {
        /// The section of the run file.
        section: &'static str,
        /// Which.
        atom: String,
        /// What the potential says.
        mass_da: f64,
    },
    /// Hydrogens that leave nothing to what they are bonded to.
    #[error(
        "{section}.hydrogen-mass: {hydrogen_da} Da is taken from what hydrogens are bonded to, and atom {atom} with {hydrogens} of them \
         would be left with less than 1 Da; at most {heaviest_da} Da is possible for this molecule"
    )]
    HydrogenTooHeavy {
        /// The section of the run file.
        section: &'static str,
        /// What was asked for.
        hydrogen_da: f64,
        /// The atom that would be the lightest.
        atom: String,
        /// Its hydrogens.
        hydrogens: usize,
        /// What is allowed.
        heaviest_da: f64,
    },
    /// Every energy failed.
    #[error(
        "coordinates.start: the configuration to start from has no energy: {meaning} (status {status}); give another one"
    )]
    BadStart {
        /// The sample's status.
        status: i32,
        /// What it means.
        meaning: &'static str,
    },
    /// Nothing to bias, and nothing that F is a function of.
    #[error("coarse.variables: sampling needs at least one coarse variable, got none")]
    NoVariables,
    /// A bias on a grid in too many dimensions.
    #[error(
        "a bias on {variables} coarse variables needs a grid of {points:.1e} points, which is too many; use fewer coarse \
         variables or wider hills"
    )]
    GridTooLarge {
        /// Coarse variables.
        variables: usize,
        /// Points.
        points: f64,
    },
    /// A setting without a default in this file.
    #[error(
        "sampling.{key}: missing; give it, for example \"{example}\" (its default comes from starting-data with dynamics)"
    )]
    Missing {
        /// The key.
        key: &'static str,
        /// A value.
        example: &'static str,
    },
    /// A checkpoint that belongs to something else.
    #[error(
        "the checkpoint does not fit the run: {what}; resume with the config.toml of its folder and the same method, or start \
         a new run"
    )]
    OtherRun {
        /// What differs.
        what: String,
    },
    /// Windows whose samples have nothing in common.
    #[error("sampling.umbrella: {0}; lower relative-spacing, raise relative-width, or take more steps")]
    NoOverlap(#[from] NoOverlap),
    /// Windows without end.
    #[error(
        "sampling.umbrella: more than {most} windows would be needed; raise relative-spacing and relative-width, or lower \
         max-free-energy"
    )]
    TooManyWindows {
        /// The limit.
        most: usize,
    },
    /// Too little to say anything about errors.
    #[error(
        "sampling: {found} samples of each window are kept, at least {least} are needed; raise steps or lower keep-every"
    )]
    TooFewSamples {
        /// Samples of each window.
        found: usize,
        /// Samples there must be.
        least: usize,
    },
    /// No sample at all within the grid.
    #[error(
        "coarse: no walker was ever inside the ranges of the coarse variables; widen the ranges or change coordinates.start"
    )]
    NothingInside,
}
