//! What an instance is made with, beyond which potential and what configuration.

use std::path::PathBuf;

use epp::sdk::Topology;

use crate::log::Log;

/// What an instance is made with, beyond which potential and what configuration. The default is nothing of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Creation {
    /// What the host knows of the molecule; [`Descriptor::topology`](crate::Descriptor::topology) says what becomes of it.
    pub topology: Option<Topology>,
    /// The folder that relative paths in the configuration start from. `None`: the working folder.
    pub folder: Option<PathBuf>,
    /// On how many threads one call may work: of the plugin, and of this library where it cuts up batches for a plugin that
    /// uses none itself. `None`: as many as there are.
    pub threads: Option<u32>,
    /// Where messages go.
    pub log: Log,
}
