//! What an instance tells of itself.

use epp::sdk::Topology;

use crate::descriptor::Descriptor;
use crate::info::Info;

/// What an instance tells of itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) descriptor: Descriptor,
    pub(crate) info: Info,
    pub(crate) topology: Option<Topology>,
    pub(crate) component_names: Vec<String>,
    pub(crate) tells_virials: bool,
    pub(crate) parameters: Vec<(String, f64)>,
}

/// Numbers in a virial: three rows of three.
pub(crate) const VIRIAL: usize = 9;

impl Facts {
    /// The most numbers that an extension writes for one configuration.
    #[cfg(target_os = "linux")]
    pub(crate) fn extra(&self) -> usize {
        self.component_names.len().max(if self.tells_virials { VIRIAL } else { 0 })
    }
}
