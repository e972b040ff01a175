//! The verbs. Each has a file of its own, with its arguments and one function.

use std::io::Write;

use crate::outcome::Outcome;
use crate::{evaluate, plugin};

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Energies of configurations from a file
    Evaluate(evaluate::EvaluateArgs),
    /// List, describe and register energy plugins
    #[command(subcommand)]
    Plugin(plugin::PluginVerb),
    // The verbs that need libtorch go here, as `#[cfg(feature = "science")] Run(run::RunArgs)`, with a file each.
}

impl Verb {
    /// Does it. The result goes to `stdout`.
    pub fn run(self, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::Evaluate(args) => evaluate::evaluate(&args, stdout),
            Self::Plugin(verb) => verb.run(stdout),
        }
    }
}
