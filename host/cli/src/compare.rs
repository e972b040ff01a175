//! `freeland compare`: how far a run's free energy is from a reference.

use std::io::Write;
use std::path::PathBuf;

use freeland::landscape::{Landscape, compare};

use crate::outcome::Outcome;

/// Arguments of `freeland compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// A run folder, or a PMF in .npz
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// A PMF on the same grid: .npz with f_kt (or p) and axis_0, axis_1, ...
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints forward and reverse Kullback-Leibler divergence and the PMF's error.
pub fn compare_run(args: &CompareArgs, stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    let file = if args.run.is_dir() { args.run.join("pmf.npz") } else { args.run.clone() };
    let comparison = compare(&Landscape::read(&file)?, &Landscape::read(&args.reference)?)?;
    if args.json {
        serde_json::to_writer_pretty(&mut *stdout, &comparison)?;
        writeln!(stdout)?;
        return Ok(Outcome::Good);
    }
    writeln!(stdout, "forward KLD  {:.3e}", comparison.forward_kld)?;
    if comparison.unseen > 0.0 {
        let unseen = comparison.unseen;
        writeln!(
            stdout,
            "              without bins the run never saw, of probability {unseen:.1e} by the reference"
        )?;
    }
    writeln!(stdout, "reverse KLD  {:.3e}", comparison.reverse_kld)?;
    writeln!(
        stdout,
        "PMF RMSE     {:.4} kT (largest {:.3} kT) over {} bins below 10 kT",
        comparison.pmf_rmse_kt, comparison.pmf_max_kt, comparison.bins
    )?;
    Ok(Outcome::Good)
}
