//! The progress bar of a run, on stderr, where that is a terminal; plain lines otherwise.

use std::io::IsTerminal;
use std::time::Duration;

use freeland::active::{Observer, Progress, Round, StartingRound};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows round, loss, spread, effective sample size, energy calls and the remaining time.
pub struct Bar {
    bar: ProgressBar,
    terminal: bool,
}

impl Bar {
    /// A bar over the budget of energy calls.
    pub fn new(max_energy_calls: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new(max_energy_calls) } else { ProgressBar::hidden() };
        let template = "{wide_bar:.cyan/blue} {human_pos}/{human_len} energy calls, {eta} left\n{msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if terminal {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, terminal }
    }

    /// A line that stays.
    pub fn note(&self, line: &str) {
        if self.terminal {
            self.bar.println(line);
        } else {
            eprintln!("{line}");
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn progress(&mut self, progress: &Progress, energy_calls: u64) {
        self.bar.set_position(energy_calls);
        let text = match progress {
            Progress::StartingData { fraction } => format!("starting data: {:.0} %", 100.0 * fraction),
            Progress::ByExample { record, epochs } => format!(
                "by example: epoch {} of {epochs}, loss {:.3}, held out {:.3}",
                record.epoch + 1,
                record.loss,
                record.held_out
            ),
            Progress::ByEnergy { round, step, steps, loss_kt, ess_fraction, failed, rms_std_kt } => {
                let spread = rms_std_kt.map_or_else(|| "-".to_owned(), |spread| format!("{spread:.3} kT"));
                let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
                format!(
                    "round {round}: step {step} of {steps}, loss {loss_kt:.2} kT, ESS {ess_fraction:.2}, \
                     spread {spread}{failed}"
                )
            }
        };
        self.bar.set_message(text);
    }

    fn started(&mut self, round: &StartingRound) {
        self.note(&format!(
            "start: {} frames, held-out loss {:.3}, {} energy calls, {:.1} s",
            round.starting_data.frames, round.held_out_loss, round.energy_calls, round.wall_seconds
        ));
        for line in round.checks.warnings() {
            self.note(&format!("warning: {line}"));
        }
        round.rotamers.notes().iter().for_each(|line| self.note(line));
        for line in round.rotamers.warnings("the starting data") {
            self.note(&format!("warning: {line}"));
        }
    }

    fn round(&mut self, round: &Round) {
        let change = round.change_kt.map_or_else(|| "-".to_owned(), |change| format!("{change:.3}"));
        self.note(&format!(
            "round {}: {} centres added ({:.0} % of walkers at the frontier), loss {:.2} kT, ESS {:.2}, spread {:.3} kT \
             (largest {:.2}), change {change} kT, {} failed, {} energy calls, {:.1} s",
            round.index,
            round.added,
            100.0 * round.walkers_at_frontier,
            round.loss_kt,
            round.ess_fraction,
            round.rms_std_kt,
            round.max_std_kt,
            round.failed,
            round.energy_calls,
            round.wall_seconds,
        ));
    }
}
