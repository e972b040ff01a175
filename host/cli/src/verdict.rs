//! A verdict on the terminal, and in the exit status.

use std::io::Write;

use freeland::report::Verdict;

use crate::outcome::Outcome;

/// Writes the last line of a result.
pub fn write(verdict: Option<&Verdict>, stdout: &mut dyn Write) -> std::io::Result<()> {
    verdict.map_or(Ok(()), |verdict| writeln!(stdout, "verdict       {verdict}"))
}

/// A result that cannot be trusted is something bad.
pub fn outcome(verdict: Option<&Verdict>) -> Outcome {
    if verdict.is_none_or(Verdict::is_good) { Outcome::Good } else { Outcome::FoundBad }
}
