//! Coarse space: the sets that coordinates take their values from, axes, and regular grids over them.

mod axis;
pub mod circle;
mod domain;
mod grid;
mod interpolation;
mod ticks;

pub use axis::Axis;
pub use domain::Domain;
pub use grid::Grid;
pub use interpolation::MOST_AXES;
pub use ticks::Ticks;
