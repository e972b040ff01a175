//! The arguments that say where the code of a plugin runs.

use freeland_loader::{Confinement, Isolation, Options, ProcessOptions};

/// Where the code of a plugin runs, and which libraries are trusted.
#[derive(Debug, clap::Args)]
pub struct IsolationArgs {
    /// Where the plugin runs: in this process, or in worker processes, which may crash and hang without ending this one
    #[arg(long, value_name = "WHERE", value_enum)]
    isolation: Option<Place>,
    /// Worker processes at most; implies --isolation process [default: one for every thread where the plugin takes one
    /// call at a time, else one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    workers: Option<u32>,
    /// Do not load the plugin where this system cannot keep it from writing files, using the network and reaching into other
    /// processes; implies --isolation process
    #[arg(long)]
    require_confinement: bool,
    /// Load the plugin even if others than you may write to it or its folder
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
    /// What was chosen, if anything was.
    fn place(&self) -> Option<Place> {
        let implied = self.workers.is_some() || self.require_confinement;
        self.isolation.or(implied.then_some(Place::Process))
    }

    fn workers(&self) -> Option<usize> {
        self.workers.map(|workers| workers as usize)
    }

    /// For a plugin with this pin, where there is no run file.
    pub fn options(&self, sha256: Option<String>) -> Options {
        let isolation = match self.place() {
            None | Some(Place::None) => Isolation::None,
            Some(Place::Process) => {
                let required = self.require_confinement;
                let confinement = if required { Confinement::Required } else { Confinement::BestEffort };
                let workers = self.workers();
                Isolation::Process(ProcessOptions { workers, confinement, ..ProcessOptions::default() })
            }
        };
        let trust_writable = self.trust_writable_plugins;
        Options { isolation, sha256, trust_writable, ..Options::default() }
    }

    /// Lays what was given over what the run file says.
    #[cfg(feature = "science")]
    pub fn apply(&self, section: &mut freeland::config::potential::PotentialConfig) {
        use freeland::config::isolation::{Confinement, Isolation};
        match self.place() {
            None => {}
            Some(Place::None) => section.isolation = Isolation::None,
            Some(Place::Process) => section.isolation = Isolation::Process,
        }
        section.process.workers = self.workers().or(section.process.workers);
        if self.require_confinement {
            section.process.confinement = Confinement::Required;
        }
        section.trust_writable |= self.trust_writable_plugins;
    }
}
