//! What an instance tells of itself.

use epp::sdk::Topology;
use serde::{Deserialize, Serialize};

use crate::descriptor::Descriptor;
use crate::info::Info;
use crate::output::Output;
use crate::parameter::Parameter;

/// What an instance tells of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) descriptor: Descriptor,
    pub(crate) info: Info,
    pub(crate) topology: Option<Topology>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) parameters: Vec<Parameter>,
}

impl Facts {
    /// Numbers in one configuration.
    #[inline]
    pub(crate) fn row(&self) -> usize {
        self.info.atoms * self.info.dimensions
    }

    /// Numbers of an output for one configuration, by its place among the outputs.
    pub(crate) fn width(&self, place: usize) -> usize {
        self.outputs[place].shape.width(self.info.atoms, self.info.dimensions)
    }

    /// Numbers of all outputs for one configuration.
    #[cfg(target_os = "linux")]
    pub(crate) fn widths(&self) -> usize {
        (0..self.outputs.len()).map(|place| self.width(place)).sum()
    }
}
