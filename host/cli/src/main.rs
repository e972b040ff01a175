//! The `freeland` command. Results go to stdout, the log to stderr.
//!
//! Exit status: 0 good, 1 it ran and found something bad, 2 it could not run.

#[cfg(feature = "science")]
mod compare;
mod evaluate;
mod isolation;
mod log;
mod outcome;
mod plugin;
#[cfg(feature = "science")]
mod run;
#[cfg(feature = "science")]
mod sample;
mod search;
mod verb;
#[cfg(feature = "science")]
mod verdict;
mod version;

use std::io::{BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::outcome::Outcome;
use crate::verb::Verb;

/// Free-energy landscapes from energy plugins.
#[derive(Debug, Parser)]
#[command(name = "freeland", disable_version_flag = true, subcommand_required = false)]
struct Arguments {
    /// Print the versions of freeland, of the plugin ABI, and of libtorch
    #[arg(short = 'V', long)]
    version: bool,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    verb: Option<Verb>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.verbose);
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    let result = match arguments.verb {
        _ if arguments.version => version::print(&mut stdout),
        Some(verb) => verb.run(&mut stdout),
        None => {
            // Nothing was asked for: the help, as clap prints it for a usage error.
            eprintln!("{}", Arguments::command().render_help());
            return Outcome::CouldNotRun.into();
        }
    };
    match result.and_then(|outcome| Ok(stdout.flush().map(|()| outcome)?)) {
        Ok(outcome) => outcome.into(),
        // The reader of our output has seen enough: `freeland plugin list | head`.
        Err(error) if is_broken_pipe(&error) => Outcome::Good.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::CouldNotRun.into()
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
