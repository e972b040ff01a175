//! `freeland plugin check`

mod bar;
mod junit;
mod print;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use freeland_loader::Registry;
use freeland_loader::check::{Plan, Progress, catalogue, respond, run};

use crate::outcome::Outcome;
use crate::search::SearchArgs;

/// The hidden argument with which this program answers another one of its kind.
const RESPOND: &str = "--respond";

/// Arguments of `freeland plugin check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The path of a library, an id, or PATH#ID
    #[arg(value_name = "LIB|ID", required_unless_present_any = ["list", "respond"])]
    plugin: Option<String>,
    /// Only this potential of the library; default: all it offers
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Configuration of the potential: a JSON object, or @FILE that holds one
    #[arg(long, value_name = "JSON", default_value = "{}")]
    config: String,
    /// Write the result as JSON to a file; - prints it instead of the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the result as JUnit XML to a file, for CI
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Only this check, and what it needs; or a beginning, such as evaluation/. May be given several times
    #[arg(long, value_name = "CHECK")]
    only: Vec<String>,
    /// All checks in this process, for debuggers: a crash of the plugin ends freeland
    #[arg(long)]
    in_process: bool,
    /// Makes the random configurations of an earlier check again
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Save the configurations at which a check fails, as .npy and .json
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Checks that run at the same time; default: the number of cores
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Kill a check after so many seconds, instead of after what it allows itself (30 or 60)
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Print the catalogue of checks, and check nothing
    #[arg(long)]
    list: bool,
    #[arg(long = "respond", hide = true, value_name = "FOLDER")]
    respond: Option<PathBuf>,
    #[command(flatten)]
    search: SearchArgs,
}

/// Checks a plugin, and prints a line for each check. A broken rule is found bad, unless it is mere information.
pub fn check(args: &CheckArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    if let Some(folder) = &args.respond {
        match respond(folder).map_err(|error| anyhow::anyhow!("{error}"))? {}
    }
    if args.list {
        print::catalogue(catalogue(), stdout)?;
        return Ok(Outcome::Good);
    }
    let plan = plan(args)?;
    let mut bar = bar::Bar::new();
    let report = run(&plan, &mut |progress| match progress {
        Progress::Running { done, of, check } => bar.running(done, of, check),
        Progress::Ended(_) => {}
    });
    bar.clear();
    let report = report?;
    let cannot_write = |path: &PathBuf| format!("'{}' cannot be written", path.display());
    if let Some(path) = &args.junit {
        std::fs::write(path, junit::junit(&report)?).with_context(|| cannot_write(path))?;
    }
    let json = format!("{:#}\n", serde_json::to_value(&report)?);
    match &args.json {
        Some(path) if path.as_os_str() == "-" => stdout.write_all(json.as_bytes())?,
        path => {
            if let Some(path) = path {
                std::fs::write(path, json).with_context(|| cannot_write(path))?;
            }
            print::table(&report, stdout)?;
        }
    }
    Ok(if report.is_good() { Outcome::Good } else { Outcome::FoundBad })
}

fn plan(args: &CheckArgs) -> anyhow::Result<Plan> {
    let spec = args.plugin.as_deref().unwrap_or_default();
    let found = Registry::scan(&args.search.path()).find(spec)?;
    if let (Some(one), Some(other)) = (&found.id, &args.id)
        && one != other
    {
        anyhow::bail!("'{spec}' names the potential '{one}', but --id '{other}'; give one of them");
    }
    let defaults = Plan::new(found.library);
    Ok(Plan {
        id: found.id.or_else(|| args.id.clone()),
        config: crate::evaluate::read_config(&args.config)?.to_string(),
        only: args.only.clone(),
        seed: args.seed,
        jobs: args.jobs.map_or(defaults.jobs, std::num::NonZeroUsize::get),
        in_process: args.in_process,
        save: args.save.clone(),
        time_limit: args.time_limit,
        respond: ["plugin", "check", RESPOND].map(str::to_owned).to_vec(),
        ..defaults
    })
}
