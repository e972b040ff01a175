//! `freeland sample`: the free energy by long dynamics, with or without a bias.

mod bar;

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use freeland::config::Config;
use freeland::config::sampling::Method;
use freeland::dynamics::Sampling;
use freeland::report::RunFolder;
use freeland::system::System;

use self::bar::Bar;
use crate::isolation::IsolationArgs;
use crate::outcome::Outcome;
use crate::run::free_folder;
use crate::search::SearchArgs;
use crate::verdict;

/// Arguments of `freeland sample`.
#[derive(Debug, clap::Args)]
pub struct SampleArgs {
    /// The run file, whose section on sampling counts; with --resume it may be left out
    #[arg(value_name = "FILE", required_unless_present = "resume")]
    file: Option<PathBuf>,
    /// How F is sampled
    #[arg(long, value_enum, required_unless_present = "resume", conflicts_with = "resume")]
    method: Option<MethodName>,
    /// Use another plugin than the file says, for the same molecule: an id, or PATH, or PATH#ID
    #[arg(long, value_name = "ID")]
    plugin: Option<String>,
    /// Use another seed than the file says
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    seed: Option<u64>,
    /// Folder of the run; it must not hold a run yet [default: runs/NAME-OF-FILE]
    #[arg(long, visible_alias = "output", value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Go on with the run in this folder, from its last checkpoint
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", default_value = "20")]
    checkpoint_every: f64,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    isolation: IsolationArgs,
    #[command(flatten)]
    search: SearchArgs,
}

/// The methods, for people.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum MethodName {
    /// Dynamics as it is: right where barriers are low
    Langevin,
    /// Well-tempered metadynamics with many walkers, then reweighting of a frozen bias
    Metadynamics,
    /// Harmonic windows, added where F is low enough, put together by MBAR
    Umbrella,
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Langevin => Self::Langevin,
            MethodName::Metadynamics => Self::Metadynamics,
            MethodName::Umbrella => Self::Umbrella,
        }
    }
}

/// Samples, or goes on sampling, to the end.
pub fn sample(args: &SampleArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let resumed = args.resume.as_deref().map(RunFolder::open).transpose()?;
    let file = match (&args.file, &resumed) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.config_path(),
        (None, None) => bail!("sampling needs a FILE, or --resume DIR"),
    };
    let mut config = Config::read(&file)?;
    config.apply(args.plugin.as_deref(), args.seed, None);
    args.isolation.apply(&mut config.potential);
    let system = System::open(&config, &args.search.path())?;
    let (folder, mut sampling, before) = match (resumed, args.method) {
        (Some(folder), _) => {
            let Some(saved) = folder.saved_sampling()? else {
                bail!("{}: there is no checkpoint yet; start the run anew", folder.path().display())
            };
            if let Some(warning) = saved.plugin().goes_on_with(&system)? {
                tracing::warn!("{warning}");
            }
            let seconds = saved.wall_seconds();
            let sampling = saved.resume(&config, system)?;
            folder.write_config(&config)?;
            (folder, sampling, seconds)
        }
        (None, Some(method)) => {
            // The folder is made when there is something to put into it.
            let path = args.out.clone().unwrap_or_else(|| free_folder(&file));
            RunFolder::refuse_existing(&path)?;
            let clock = Instant::now();
            let sampling = Sampling::start(system, &config, method.into())?;
            let folder = RunFolder::create(&path, &config)?;
            let seconds = clock.elapsed().as_secs_f64();
            folder.save_sampling(&sampling, seconds)?;
            (folder, sampling, seconds)
        }
        (None, None) => bail!("sampling needs a --method"),
    };

    let mut bar = Bar::new(&sampling.progress());
    bar.note(&format!("run folder: {}", folder.path().display()));
    bar.show(&sampling.progress());
    let clock = Instant::now();
    let seconds = || before + clock.elapsed().as_secs_f64();
    let mut last = Instant::now();
    while sampling.advance()? {
        bar.show(&sampling.progress());
        if last.elapsed().as_secs_f64() >= args.checkpoint_every {
            folder
                .save_sampling(&sampling, seconds())
                .context("the run stops here; its last checkpoint is kept")?;
            last = Instant::now();
        }
    }
    bar.finish();
    sampling.rotamers().notes().iter().for_each(|line| bar.note(line));
    folder.save_sampling(&sampling, seconds())?;
    let summary = folder.finish_sampling(&sampling, &config.title, seconds())?;
    if args.json {
        serde_json::to_writer_pretty(&mut *stdout, &summary)?;
        writeln!(stdout)?;
        return Ok(verdict::outcome(summary.verdict.as_ref()));
    }
    let metric = |name: &str| {
        let known = summary.metrics.get(name).filter(|value| value.is_finite());
        known.map_or_else(|| "unknown".to_owned(), |value| format!("{value:.2e}"))
    };
    if let Some(faults) = &summary.faults {
        writeln!(stdout, "plugin faults {faults}")?;
    }
    writeln!(stdout, "energy calls  {}", summary.energy_calls)?;
    writeln!(
        stdout,
        "error of F    {} kT (root mean square below 10 kT), largest {} kT",
        metric("rms_std_kt"),
        metric("max_std_kt")
    )?;
    writeln!(stdout, "two halves    KLD {}", metric("half_kld"))?;
    if !summary.metrics.is_empty() {
        writeln!(stdout, "free energy   {}", folder.pmf_path().display())?;
    }
    verdict::write(summary.verdict.as_ref(), stdout)?;
    Ok(verdict::outcome(summary.verdict.as_ref()))
}
