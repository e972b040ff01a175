//! What went wrong in worker processes, counted.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What went wrong in worker processes and was made good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Workers that ended by themselves: by a signal, or by leaving.
    pub crashes: u64,
    /// Calls that overran their time limit, whether they then heeded the cancel flag or were killed.
    pub hangs: u64,
    /// Workers that were started again, after whatever fault.
    pub restarts: u64,
    /// Workers that were replaced because their memory grew.
    pub recycled: u64,
    /// Configurations given up, with status 8, because they bring down whatever worker evaluates them.
    pub killed_samples: u64,
    /// Configurations that were sent to the plugin again because a worker had lost them.
    pub sent_again: u64,
    /// Lines that the plugin wrote to stdout or stderr; they went to the log.
    pub output_lines: u64,
}

impl Faults {
    /// Whether nothing went wrong. Output is no fault.
    pub fn is_clean(&self) -> bool {
        let Self { crashes, hangs, restarts, recycled, killed_samples, sent_again, output_lines: _ } = *self;
        [crashes, hangs, restarts, recycled, killed_samples, sent_again].iter().all(|&count| count == 0)
    }
}

/// What a damaged checkpoint counts may be anything: a sum stays at the largest number there is.
impl AddAssign for Faults {
    fn add_assign(&mut self, other: Self) {
        let pairs = [
            (&mut self.crashes, other.crashes),
            (&mut self.hangs, other.hangs),
            (&mut self.restarts, other.restarts),
            (&mut self.recycled, other.recycled),
            (&mut self.killed_samples, other.killed_samples),
            (&mut self.sent_again, other.sent_again),
            (&mut self.output_lines, other.output_lines),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

impl fmt::Display for Faults {
    /// `2 crashes, 1 hang, 3 restarts, 1 configuration given up, 40 sent again`; what is 0 is left out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.crashes, "crash", "crashes"),
            (self.hangs, "hang", "hangs"),
            (self.restarts, "restart", "restarts"),
            (self.recycled, "replaced for its memory", "replaced for their memory"),
            (self.killed_samples, "configuration given up", "configurations given up"),
            (self.sent_again, "sent again", "sent again"),
            (self.output_lines, "line of output", "lines of output"),
        ];
        let mut first = true;
        for (count, one, many) in counts.into_iter().filter(|(count, ..)| *count > 0) {
            let comma = if std::mem::take(&mut first) { "" } else { ", " };
            write!(formatter, "{comma}{count} {}", if count == 1 { one } else { many })?;
        }
        if first { formatter.write_str("none") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_words() {
        let faults = Faults { crashes: 2, hangs: 1, restarts: 3, ..Faults::default() };
        assert_eq!(faults.to_string(), "2 crashes, 1 hang, 3 restarts");
        assert_eq!(Faults::default().to_string(), "none");
        let mut sum = faults;
        sum += faults;
        assert_eq!((sum.crashes, sum.hangs, sum.restarts), (4, 2, 6));
        sum += Faults { crashes: u64::MAX, ..Faults::default() };
        assert_eq!((sum.crashes, sum.hangs), (u64::MAX, 2));
        assert!(!sum.is_clean() && Faults { output_lines: 3, ..Faults::default() }.is_clean());
    }
}
