//! The result for people.

use std::io::Write;

use freeland_loader::check::{Check, CheckResult, Grade, Report, Verdict};

/// Characters of a line of a reason.
const WIDTH: usize = 100;

/// A line for each check, the reason under each that did not pass, and a summary.
pub fn table(report: &Report, stdout: &mut dyn Write) -> std::io::Result<()> {
    let width = report.results.iter().map(|result| result.check.len()).max().unwrap_or(0);
    let mut heading: Option<Option<&str>> = None;
    for result in &report.results {
        let potential = result.potential.as_deref();
        if heading != Some(potential) {
            if heading.is_some() {
                writeln!(stdout)?;
            }
            let name = report.library.file_name().unwrap_or_default().to_string_lossy();
            match potential {
                None => writeln!(stdout, "{name}")?,
                Some(id) => writeln!(stdout, "{name}#{id}")?,
            }
            heading = Some(potential);
        }
        line(result, width, stdout)?;
    }
    summary(report, stdout)
}

fn line(result: &CheckResult, width: usize, stdout: &mut dyn Write) -> std::io::Result<()> {
    let verdict = match (result.verdict.is_bad(), result.grade) {
        (true, Grade::Information) => result.verdict.text().to_owned(),
        (true, _) => result.verdict.text().to_uppercase(),
        (false, _) => result.verdict.text().to_owned(),
    };
    let bad = result.verdict.is_bad() || result.verdict == Verdict::Warning;
    if !bad {
        let note = if result.reason.is_empty() { result.title } else { &result.reason };
        let text = format!("  {verdict:<9}  {:<width$}  {note}", result.check);
        return writeln!(stdout, "{}", text.trim_end());
    }
    writeln!(stdout, "  {verdict:<9}  {:<width$}  {}", result.check, result.title)?;
    for line in wrapped(&result.reason) {
        writeln!(stdout, "             {line}")?;
    }
    if let Some(path) = &result.saved {
        writeln!(stdout, "             the configuration is in '{}'", path.display())?;
    }
    Ok(())
}

fn summary(report: &Report, stdout: &mut dyn Write) -> std::io::Result<()> {
    let verdicts = [
        Verdict::Passed,
        Verdict::Failed,
        Verdict::Crashed,
        Verdict::TimedOut,
        Verdict::Warning,
        Verdict::Skipped,
    ];
    let counts: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| (report.count(verdict), verdict.text()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, text)| format!("{count} {text}"))
        .collect();
    let end = if report.is_good() { "no rule is broken" } else { "rules are broken" };
    writeln!(stdout, "\n{}: {end} ({:.1} s, seed {})", counts.join(", "), report.seconds, report.seed)
}

/// Every check with what it demands.
pub fn catalogue<'a>(checks: impl Iterator<Item = &'a Check>, stdout: &mut dyn Write) -> std::io::Result<()> {
    let checks: Vec<&Check> = checks.collect();
    let width = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    for check in checks {
        let grade = match check.grade {
            Grade::Mandatory => "mandatory",
            Grade::Consistency => "consistency",
            Grade::Information => "information",
        };
        writeln!(stdout, "{:<width$}  {grade:<11}  {}", check.id, check.title)?;
    }
    Ok(())
}

/// Lines of at most [`WIDTH`] characters, cut between words.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
