//! `freeland run`: from a TOML file to a free-energy landscape.

mod bar;
mod waiting;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use freeland::active::{Checked, Driver};
use freeland::config::Config;
use freeland::report::{RunFolder, Saved};
use freeland::system::System;

use self::bar::Bar;
use crate::isolation::IsolationArgs;
use crate::outcome::Outcome;
use crate::search::SearchArgs;
use crate::verdict;

/// Arguments of `freeland run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The run file; with --resume it may be left out, and the folder's config.toml counts
    #[arg(value_name = "FILE", required_unless_present = "resume")]
    file: Option<PathBuf>,
    /// Use another plugin than the file says, for the same molecule: an id, or PATH, or PATH#ID
    #[arg(long, value_name = "ID")]
    plugin: Option<String>,
    /// Use another seed than the file says
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    seed: Option<u64>,
    /// Folder of the run; it must not hold a run yet [default: runs/NAME-OF-FILE]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Go on with the run in this folder, from its last complete round
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// Stop before more configurations than this are sent to the plugin, all phases together
    #[arg(long, value_name = "N")]
    max_energy_calls: Option<u64>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    isolation: IsolationArgs,
}

/// What a run goes on from.
enum Begun {
    /// Its last complete round.
    Before(Box<Saved>),
    /// Nothing: it was tried, and begins.
    Now(Checked),
}

/// Runs, or goes on with a run, until there is a reason to stop.
pub fn run(args: &RunArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    waiting::sleep_soon();
    let resumed = args.resume.as_deref().map(RunFolder::open).transpose()?;
    let file = match (&args.file, &resumed) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.config_path(),
        (None, None) => bail!("a run needs a FILE, or --resume DIR"),
    };
    let mut config = Config::read(&file)?;
    config.apply(args.plugin.as_deref(), args.seed, args.max_energy_calls);
    args.isolation.apply(&mut config.potential);
    let mut system = System::open(&config, &args.search.path())?;
    let path = args.out.clone().unwrap_or_else(|| free_folder(&file));
    if resumed.is_none() {
        RunFolder::refuse_existing(&path)?;
    }
    let begun = match resumed.as_ref().map(RunFolder::saved).transpose()?.flatten() {
        Some(saved) => Begun::Before(Box::new(saved)),
        None => Begun::Now(Driver::check(&config, &mut system)?),
    };
    // The folder is made when there is something to put into it.
    let folder = match resumed {
        Some(folder) => folder,
        None => RunFolder::create(&path, &config)?,
    };

    let mut bar = Bar::new(config.active_learning.max_energy_calls);
    bar.note(&format!("run folder: {}", folder.path().display()));
    let mut driver = match begun {
        Begun::Before(saved) => {
            bar.note(&format!("going on after round {}", saved.rounds()));
            if let Some(warning) = saved.plugin().goes_on_with(&system)? {
                tracing::warn!("{warning}");
            }
            saved.resume(config, system)?
        }
        Begun::Now(checked) => {
            let driver = Driver::start(config, system, checked, &mut bar)?;
            folder.save(&driver, None)?;
            driver
        }
    };
    // Only now: a folder whose checkpoint refused the configuration keeps its own.
    folder.write_config(driver.config())?;
    let mut saved = None;
    let outcome = driver.run::<anyhow::Error>(&mut bar, &mut |driver| {
        let summary = folder.save(driver, driver.outcome());
        saved = Some(summary.context("the run stops here; its last complete round is kept")?);
        Ok(())
    })?;
    bar.finish();
    let summary = match saved {
        // The round that was not completed is in no checkpoint.
        _ if driver.unusable().is_some() => folder.report(&driver, Some(outcome))?,
        Some(summary) => summary,
        None => folder.save(&driver, Some(outcome))?,
    };
    if args.json {
        serde_json::to_writer_pretty(&mut *stdout, &summary)?;
        writeln!(stdout)?;
    } else {
        writeln!(stdout, "{outcome}")?;
        writeln!(stdout, "energy calls  {}", summary.energy_calls)?;
        if let Some(faults) = &summary.faults {
            writeln!(stdout, "plugin faults {faults}")?;
        }
        if driver.pmf().is_some() {
            writeln!(stdout, "free energy   {}", folder.pmf_path().display())?;
        }
        writeln!(stdout, "report        {}", folder.report_path().display())?;
        verdict::write(summary.verdict.as_ref(), stdout)?;
    }
    Ok(verdict::outcome(summary.verdict.as_ref()))
}

/// `runs/NAME`, or the first of `runs/NAME-2`, `runs/NAME-3`, ... that does not exist.
pub fn free_folder(file: &Path) -> PathBuf {
    let name = file.file_stem().map_or_else(|| "run".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    std::iter::once(name.clone())
        .chain(numbered)
        .map(|name| Path::new("runs").join(name))
        .find(|path| !path.exists())
        .expect("some number is free")
}
