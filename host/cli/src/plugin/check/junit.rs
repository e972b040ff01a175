//! The result for continuous integration.

use std::time::Duration;

use freeland_loader::check::{Report, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

/// A suite for the library and one for each potential; a case for each check.
pub fn junit(report: &Report) -> anyhow::Result<String> {
    let name = report.library.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut whole = quick_junit::Report::new(name.as_str());
    whole.set_time(Duration::from_secs_f64(report.seconds));
    let mut suites: Vec<(Option<&str>, TestSuite)> = Vec::new();
    for result in &report.results {
        let potential = result.potential.as_deref();
        if !suites.iter().any(|(of, _)| *of == potential) {
            let title = potential.map_or_else(|| name.clone(), |id| format!("{name}#{id}"));
            suites.push((potential, TestSuite::new(title)));
        }
        let mut status = match result.verdict {
            Verdict::Skipped => TestCaseStatus::skipped(),
            // JUnit knows no warnings: what does not make a plugin bad does not fail.
            Verdict::Passed | Verdict::Warning => TestCaseStatus::success(),
            Verdict::Failed | Verdict::Crashed | Verdict::TimedOut if !result.is_bad() => {
                TestCaseStatus::success()
            }
            Verdict::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Verdict::Crashed | Verdict::TimedOut => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        if result.is_bad() {
            status.set_message(result.reason.as_str()).set_type(result.verdict.text());
        } else if result.verdict == Verdict::Skipped {
            status.set_message(result.reason.as_str());
        }
        let mut case = TestCase::new(result.check, status);
        case.set_time(Duration::from_secs_f64(result.seconds));
        if !result.reason.is_empty() {
            case.set_system_out(result.reason.as_str());
        }
        if let Some((_, suite)) = suites.iter_mut().find(|(of, _)| *of == potential) {
            suite.add_test_case(case);
        }
    }
    whole.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    Ok(whole.to_string()?)
}
