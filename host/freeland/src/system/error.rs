//! What is wrong with a system, or with the frames it is given.

use freeland_frames::FramesError;
use freeland_loader::{EvaluateError, OpenError};

use super::checks::CheckError;
use super::derive::DeriveError;
use super::peptide::AtomProblem;
use super::variables::VariableError;
use super::z_matrix::{Degenerate, ZMatrixError};

/// A coarse variable that no flow can be conditional on; dynamics can be biased along it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "coarse.variables[{index}]: {variable} is not a coordinate of the z-matrix{hint}, and a flow is conditional on coordinates; \
     {cure}, or sample with `freeland sample --method metadynamics`, which takes any variable"
)]
pub struct NotInternal {
    /// Which variable, from 0.
    pub index: usize,
    /// What it measures.
    pub variable: String,
    /// Further reason.
    pub hint: &'static str,
    /// What would make it one.
    pub cure: &'static str,
}

/// A system that cannot be set up or evaluated.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// The plugin.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A call to the plugin failed as a whole.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// The file with the molecule.
    #[error("potential.topology: {0}")]
    Topology(FramesError),
    /// A potential that tells energies alone.
    #[error(
        "potential.plugin: '{id}' has no gradient, and nothing here can do without one; 'freeland evaluate' can"
    )]
    NoGradient {
        /// The potential.
        id: String,
    },
    /// A potential of spins or the like.
    #[error(
        "potential.plugin: '{id}' has energies at certain positions only, and its coordinates cannot be varied by small steps"
    )]
    Discrete {
        /// The potential.
        id: String,
    },
    /// A temperature in K for a potential without kJ/mol.
    #[error(
        "temperature: '{id}' has an energy unit of its own; expected kT in it, such as \"{example} reduced\", got {found}"
    )]
    Temperature {
        /// The potential.
        id: String,
        /// The temperature of the configuration.
        found: String,
        /// Some number.
        example: f64,
    },
    /// The z-matrix that was written.
    #[error("[coordinates] {0}")]
    ZMatrix(#[from] ZMatrixError),
    /// The z-matrix that could not be derived.
    #[error(transparent)]
    Derive(#[from] DeriveError),
    /// Internal coordinates of something flat.
    #[error(
        "coordinates.kind: internal coordinates need 3 dimensions, '{id}' has {found}; use kind = \"linear\""
    )]
    Dimensions {
        /// The potential.
        id: String,
        /// Its dimensions.
        found: usize,
    },
    /// The matrix of a linear map does not fit the potential.
    #[error("coordinates.matrix: expected {expected} rows for '{id}', got {found}")]
    MatrixSize {
        /// The potential.
        id: String,
        /// Coordinates of one configuration.
        expected: usize,
        /// Rows of the matrix, or names.
        found: usize,
    },
    /// The matrix of a linear map has no inverse.
    #[error("coordinates.matrix: expected an invertible matrix, its determinant is {determinant}")]
    Singular {
        /// The determinant.
        determinant: f64,
    },
    /// A row of the linear map by a name there is not.
    #[error("{key}: no row of the map is called '{name}'; its rows are {}", known.join(", "))]
    UnknownRow {
        /// The key in the configuration.
        key: String,
        /// The name written.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// An atom that the molecule has not, or has twice.
    #[error("{key}: {problem}")]
    Atom {
        /// The key in the configuration.
        key: String,
        /// What is wrong.
        problem: AtomProblem,
    },
    /// A coarse variable that is no internal coordinate.
    #[error(transparent)]
    NotInternal(#[from] NotInternal),
    /// A collective variable that cannot be one.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// Two coarse variables are one coordinate.
    #[error(
        "coarse.variables[{index}]: {variable} is the same coordinate as an earlier variable; remove one"
    )]
    SameCoordinate {
        /// Which variable, from 0.
        index: usize,
        /// What it measures.
        variable: String,
    },
    /// The start configuration has the wrong size.
    #[error("coordinates.start: expected {expected} numbers ({atoms} atoms x {dimensions}), got {found}")]
    StartSize {
        /// Coordinates of one configuration.
        expected: usize,
        /// Atoms of the potential.
        atoms: usize,
        /// Its dimensions.
        dimensions: usize,
        /// Numbers given.
        found: usize,
    },
    /// The start configuration cannot be read.
    #[error("coordinates.start: {0}")]
    Start(#[from] FramesError),
    /// A box for a potential that has none.
    #[error("potential.box: '{id}' is not periodic and takes no box; remove the key")]
    BoxOfNothing {
        /// The potential.
        id: String,
    },
    /// Internal coordinates of several molecules, or of who knows how many, in a box.
    #[error(
        "coordinates.kind: '{id}' is periodic, and by its bonds its {atoms} atoms are {found} molecules: internal coordinates are of one \
         molecule, whose surroundings in a box they cannot hold. What works: one molecule alone in the box, the same molecule in \
         implicit solvent or in vacuum, and `freeland evaluate` for any box"
    )]
    PeriodicPieces {
        /// The potential.
        id: String,
        /// Its atoms.
        atoms: usize,
        /// Pieces that no bond joins.
        found: usize,
    },
    /// The start configuration has no internal coordinates.
    #[error("coordinates.start: {0}; give another configuration, or a z-matrix that avoids these atoms")]
    DegenerateStart(Degenerate),
    /// What is tried before a run spends its energy calls.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Frames that have no internal coordinates.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Arrays of the wrong shape.
    #[error("{array}: expected rows of {expected} numbers, got {found}")]
    Shape {
        /// Which array.
        array: &'static str,
        /// Its width by the system.
        expected: usize,
        /// Its width.
        found: usize,
    },
    /// Arrays that do not belong together.
    #[error("s has {s} rows, x has {x}; expected as many of one as of the other")]
    Rows {
        /// Rows of `s`.
        s: usize,
        /// Rows of `x`.
        x: usize,
    },
    /// No frames to take scales from.
    #[error("standardise: expected at least one frame, got none")]
    NoFrames,
    /// A standardisation of other coordinates.
    #[error(
        "standardisation: coordinate {index} is '{expected}' in this system and '{found}' in the checkpoint; it belongs to another system"
    )]
    OtherCoordinates {
        /// Index of the first fine coordinate that differs.
        index: usize,
        /// Its name here.
        expected: String,
        /// Its name there.
        found: String,
    },
    /// A standardisation with a scale that is not positive and finite, or of the wrong kind.
    #[error(
        "standardisation: the scale of '{name}' does not fit the coordinate or is not positive and finite"
    )]
    BadScale {
        /// The fine coordinate.
        name: String,
    },
}

/// A frame that has no internal coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("frame {frame}: {reason}; drop the frame, or choose a z-matrix that avoids these atoms")]
pub struct FrameError {
    /// Which frame, from 0.
    pub frame: usize,
    /// Why.
    pub reason: Degenerate,
}
