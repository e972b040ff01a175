//! The command: its arguments, files and exit codes.

use serde_json::Value;

use crate::support::{freeland, misbehaving, scratch};

fn path(name: &str) -> String {
    misbehaving(name).to_str().unwrap().to_owned()
}

#[test]
fn a_table_with_the_reason_under_each_failure() {
    let ran = freeland(["plugin", "check", &path("force-for-gradient")]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let failed = lines.iter().position(|line| line.contains("evaluation/gradient")).unwrap();
    assert!(lines[failed].trim_start().starts_with("FAILED"), "{}", ran.stdout);
    assert!(
        lines[failed + 1].trim_start().starts_with("configuration 0: along coordinate 0"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("it is the force: the gradient is +dE/dx"), "{}", ran.stdout);
    for check in freeland_loader::check::catalogue() {
        assert_eq!(lines.iter().filter(|line| line.split_whitespace().nth(1) == Some(check.id)).count(), 1);
    }
    assert!(lines.last().unwrap().contains("1 failed"), "{}", ran.stdout);
    assert!(lines.last().unwrap().contains("rules are broken"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "", "progress is for terminals");
}

#[test]
fn only_some_checks() {
    let ran =
        freeland(["plugin", "check", &path("well-behaved"), "--json", "-", "--only", "evaluation/gradient"]);
    let report: Value = serde_json::from_str(&ran.good()).unwrap();
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["check"], "evaluation/gradient");
    assert_eq!(results[0]["potential"], "misbehaving");
    // What keeps it from being tried is told.
    let ran = freeland(["plugin", "check", &path("wrong-major"), "--only", "evaluation/gradient"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("FAILED     library/magic-and-major"), "{}", ran.stdout);
    assert!(ran.stdout.contains("skipped    evaluation/gradient"), "{}", ran.stdout);
}

#[test]
fn junit_for_continuous_integration() {
    let file = scratch().path().join("check.xml");
    let ran = freeland(["plugin", "check", &path("abort-in-evaluate"), "--junit", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1));
    let text = std::fs::read_to_string(&file).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!(report.test_suites.len(), 2, "one of the library, one of its potential");
    let cases = || report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    assert_eq!(cases().count(), freeland_loader::check::catalogue().count());
    let bad: Vec<_> = cases()
        .filter(|case| matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. }))
        .collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].name.as_str(), "evaluation/answers");
    assert!(text.contains("SIGABRT"), "{text}");
}

#[test]
fn a_failing_configuration_is_saved_and_the_seed_makes_it_again() {
    let library = path("no-inversion");
    let saved = |name: &str, seed: &str| {
        let folder = scratch().path().join(name);
        let folder_text = folder.to_str().unwrap();
        let ran = freeland([
            "plugin",
            "check",
            &library,
            "--seed",
            seed,
            "--save",
            folder_text,
            "--only",
            "evaluation/inversion",
        ]);
        assert_eq!(ran.code, Some(1));
        let file = folder.join("evaluation-inversion.misbehaving.npy");
        assert!(ran.stdout.contains(file.to_str().unwrap()), "{}", ran.stdout);
        file
    };
    let (first, again, other) = (saved("first", "7"), saved("again", "7"), saved("other", "8"));
    let read = |file: &std::path::Path| std::fs::read(file).unwrap();
    assert_eq!(read(&first), read(&again));
    assert_ne!(read(&first), read(&other));
    let story: Value = serde_json::from_slice(&read(&first.with_extension("json"))).unwrap();
    assert_eq!((&story["seed"], &story["check"]), (&7.into(), &"evaluation/inversion".into()));
    freeland(["evaluate", "--plugin", &library, "--positions", first.to_str().unwrap()]).good();
}

#[test]
fn in_this_process() {
    let ran = freeland(["plugin", "check", &path("well-behaved"), "--in-process"]);
    assert!(ran.good().contains("no rule is broken"));
    // Without a process of its own, the plugin takes the tester with it.
    let ran = freeland(["plugin", "check", &path("abort-in-evaluate"), "--in-process"]);
    assert_eq!(ran.code, None);
}

#[test]
fn what_cannot_be_run() {
    let library = path("well-behaved");
    assert!(freeland(["plugin", "check", "/nowhere/libx.so"]).refusal().contains("does not exist"));
    let refusal = freeland(["plugin", "check", &library, "--id", "other"]).refusal();
    assert_eq!(refusal, "the library has no potential 'other'; it has 'misbehaving'");
    let refusal = freeland(["plugin", "check", &library, "--only", "evaluation/colour"]).refusal();
    assert!(refusal.starts_with("there is no check 'evaluation/colour'"), "{refusal}");
    let refusal = freeland(["plugin", "check", &library, "--config", "[1]"]).refusal();
    assert!(refusal.starts_with("the configuration '[1]' is no JSON object"), "{refusal}");
    for seconds in ["0", "NaN", "inf", "1e300"] {
        let refusal = freeland(["plugin", "check", &library, "--time-limit", seconds]).refusal();
        assert!(refusal.ends_with(" s; expected more than 0 and at most 604800 s"), "{refusal}");
    }
}

#[test]
fn the_catalogue_is_listed() {
    let listed = freeland(["plugin", "check", "--list"]).good();
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(ids, freeland_loader::check::catalogue().map(|check| check.id).collect::<Vec<_>>());
}
