//! A System made ready for one configuration at a time: what belongs to atoms in columns, terms in groups as wide as a register.
mod born;
mod chunk;
mod groups;
mod pairs;
mod program;

pub use born::{BornColumns, Column, NeckOfKind};
pub use chunk::{Chunk, chunks};
pub use groups::Groups;
pub use pairs::{PairColumns, PairRows};
pub use program::{KEPT, PER_PAIR, Part, SoloProgram};
