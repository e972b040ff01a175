//! The arguments that say where the code of a plugin runs.

use freeland_loader::{Isolation, Options, ProcessOptions};

/// Where the code of a plugin runs, and which libraries are trusted.
#[derive(Debug, clap::Args)]
pub struct IsolationArgs {
    /// Where the plugin runs: in this process, or in worker processes that may crash and hang without ending this one
    #[arg(long, value_name = "WHERE", value_enum)]
    isolation: Option<Place>,
    /// Worker processes at most [default: one for every thread where the plugin takes one call at a time, else one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    workers: Option<u32>,
    /// Load plugins that others than you may write to as well
    #[arg(long)]
    trust_writable_plugins: bool,
}

/// Where the code of a plugin runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Place {
    /// In this process
    None,
    /// In worker processes
    Process,
}

impl IsolationArgs {
    /// For a plugin with this pin, where no run file says more.
    pub fn options(&self, sha256: Option<String>) -> Options {
        let mut options = Options { sha256, ..Options::default() };
        self.apply(&mut options);
        options
    }

    /// Lays what was given over what a run file says.
    pub fn apply(&self, options: &mut Options) {
        options.trust_writable |= self.trust_writable_plugins;
        match (self.isolation, &options.isolation) {
            (Some(Place::None), _) => options.isolation = Isolation::None,
            (Some(Place::Process), Isolation::None) => {
                options.isolation = Isolation::Process(ProcessOptions::default());
            }
            (None | Some(Place::Process), _) => {}
        }
        if let (Some(workers), Isolation::Process(process)) = (self.workers, &mut options.isolation) {
            process.workers = Some(workers as usize);
        }
    }
}
