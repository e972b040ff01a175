//! The progress bar of sampling, on stderr, where that is a terminal; plain lines otherwise.

use std::io::IsTerminal;
use std::time::Duration;

use freeland::dynamics::SamplingProgress;
use freeland::system::Phase;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the phase, energy calls and the remaining time.
pub struct Bar {
    bar: ProgressBar,
    terminal: bool,
    phase: Option<Phase>,
    windows: Option<usize>,
}

impl Bar {
    /// A bar over all energy calls of the run.
    pub fn new(begin: &SamplingProgress) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let total = begin.energy_calls + begin.calls_left;
        let bar = if terminal { ProgressBar::new(total) } else { ProgressBar::hidden() };
        bar.set_position(begin.energy_calls);
        bar.reset_eta();
        let template = "{wide_bar:.cyan/blue} {human_pos}/{human_len} energy calls, {eta} left\n{msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if terminal {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, terminal, phase: None, windows: None }
    }

    /// A line that stays.
    pub fn note(&self, line: &str) {
        if self.terminal {
            self.bar.println(line);
        } else {
            eprintln!("{line}");
        }
    }

    /// Moves on. The total may have grown.
    pub fn show(&mut self, progress: &SamplingProgress) {
        self.bar.set_length(progress.energy_calls + progress.calls_left);
        self.bar.set_position(progress.energy_calls);
        let Some(phase) = progress.phase else { return };
        if (progress.phase, progress.windows) != (self.phase, self.windows) {
            let windows = progress.windows.map_or_else(String::new, |windows| format!(", {windows} windows"));
            self.note(&format!("{phase}{windows}: from energy call {}", progress.energy_calls));
            self.bar.set_message(format!("{phase}{windows}"));
            (self.phase, self.windows) = (progress.phase, progress.windows);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
