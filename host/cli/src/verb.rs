//! The verbs. Each has a file of its own, with its arguments and one function.

use std::io::Write;

use crate::outcome::Outcome;
#[cfg(feature = "science")]
use crate::{compare, run, sample};
use crate::{evaluate, plugin};

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Energies of configurations from a file
    Evaluate(evaluate::EvaluateArgs),
    /// List, describe, register and begin energy plugins
    #[command(subcommand)]
    Plugin(plugin::PluginVerb),
    /// Learn a free-energy landscape from a run file, or go on with a run
    #[cfg(feature = "science")]
    Run(run::RunArgs),
    /// The free energy of a run file by long dynamics: Langevin, metadynamics, or umbrella sampling
    #[cfg(feature = "science")]
    Sample(sample::SampleArgs),
    /// How far a run's free energy is from a reference
    #[cfg(feature = "science")]
    Compare(compare::CompareArgs),
}

impl Verb {
    /// Does it. The result goes to `stdout`.
    pub fn run(self, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::Evaluate(args) => evaluate::evaluate(&args, stdout),
            Self::Plugin(verb) => verb.run(stdout),
            #[cfg(feature = "science")]
            Self::Run(args) => run::run(&args, stdout),
            #[cfg(feature = "science")]
            Self::Sample(args) => sample::sample(&args, stdout),
            #[cfg(feature = "science")]
            Self::Compare(args) => compare::compare_run(&args, stdout),
        }
    }
}
