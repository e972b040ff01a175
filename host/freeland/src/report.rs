//! What leaves a run: the run folder with its checkpoints, tables and figures.
mod arrays;
mod checkpoint;
mod figure;
mod html;
mod lock;
mod run_folder;
mod sampling;
mod state_arrays;
mod summary;
mod verdict;

pub use checkpoint::{CheckpointError, Saved};
pub use figure::{FigureError, draw};
pub use run_folder::{RunFolder, RunFolderError};
pub use sampling::{SamplingSummary, SavedSampling, SavedSamplingError};
pub use summary::{OtherEnergies, PluginRecord, Summary};
pub use verdict::{LARGEST_HALF_KLD, LEAST_ESS_FRACTION, Reason, Verdict, Warning};
