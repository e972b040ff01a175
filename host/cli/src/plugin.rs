//! `freeland plugin`: what there is, what it says of itself, and how a new one begins.

mod check;
mod describe;
mod list;
mod manifest;
mod new;

use std::io::Write;

use crate::outcome::Outcome;

/// What can be done with plugins.
#[derive(Debug, clap::Subcommand)]
pub enum PluginVerb {
    /// The potentials in the search path, from their manifests; no plugin is executed
    List(list::ListArgs),
    /// What a potential says of itself, the schema of its configuration included
    Describe(describe::DescribeArgs),
    /// Write the manifest of a plugin library, beside it; this loads the library
    Manifest(manifest::ManifestArgs),
    /// Write the source of a new plugin, ready to build, from a template
    New(new::NewArgs),
    /// Say whether a plugin can be trusted: every rule is tried, each in a process of its own
    Check(check::CheckArgs),
}

impl PluginVerb {
    /// Does it.
    pub fn run(self, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::List(args) => list::list(&args, stdout),
            Self::Describe(args) => describe::describe(&args, stdout),
            Self::Manifest(args) => manifest::manifest(&args, stdout),
            Self::New(args) => new::new(&args, stdout),
            Self::Check(args) => check::check(&args, stdout),
        }
    }
}
