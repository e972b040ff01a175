//! The arguments that say where plugins are looked for.

use std::path::PathBuf;

use freeland_loader::SearchPath;

/// Where plugins are looked for.
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Look for plugins here first; may be given several times. Then: FREELAND_PLUGIN_PATH, beside this program,
    /// ../lib/freeland/plugins, and freeland/plugins in the user's data folder
    #[arg(long, value_name = "FOLDER")]
    plugin_path: Vec<PathBuf>,
}

impl SearchArgs {
    /// The folders, in order.
    pub fn path(&self) -> SearchPath {
        SearchPath::new(&self.plugin_path)
    }
}
