//! What is left of the processes that checks run in: nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{freeland, misbehaving};

/// Processes that have a library mapped.
fn with_library(library: &Path) -> usize {
    let name = library.to_str().unwrap();
    let maps = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("maps")).ok();
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(maps).filter(|maps| maps.contains(name)).count()
}

#[test]
fn a_hanging_plugin_is_killed_with_all_that_it_has_started() {
    let library = misbehaving("hang-at-load");
    let started = Instant::now();
    let arguments =
        ["plugin", "check", library.to_str().unwrap(), "--time-limit", "1", "--only", "library/loads"];
    let ran = freeland(arguments);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("TIMED OUT  library/loads"), "{}", ran.stdout);
    assert!(ran.stdout.contains("no answer within 1 s; it was killed"), "{}", ran.stdout);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(with_library(&library), 0);
}

/// Each of some seventy checks leaves a process behind; were they not killed and reaped, they would add up.
#[test]
fn no_process_and_no_zombie_is_left() {
    const JOBS: usize = 2;
    let library = misbehaving("leaves-processes");
    let mut child = Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(["plugin", "check", library.to_str().unwrap(), "--jobs", &JOBS.to_string()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let now = std::fs::read_to_string(&children).unwrap_or_default();
        most = most.max(now.split_whitespace().count());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(most > 0, "no child was seen at all");
    // A check, and the orphans of the one that has just ended, for each job; a check makes up to three instances.
    assert!(most <= 5 * JOBS, "{most} children at once");
    assert_eq!(with_library(&library), 0);
}
