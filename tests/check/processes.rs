//! What is left of the processes that checks run in: nothing.

use std::collections::HashMap;
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

/// A zombie lives longer than this only if nobody reaps it.
const REAPED_WITHIN: Duration = Duration::from_secs(2);

/// Each of the checks leaves processes behind, as many as it makes instances: they are killed and reaped on the way.
#[test]
fn no_process_and_no_zombie_is_left() {
    let library = misbehaving("leaves-processes");
    let mut child = Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(["plugin", "check", library.to_str().unwrap(), "--jobs", "2"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let (mut dead_since, mut seen) = (HashMap::new(), 0);
    while child.try_wait().unwrap().is_none() {
        let now = std::fs::read_to_string(&children).unwrap_or_default();
        let is_zombie = |pid: &&str| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            status.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'))
        };
        seen += now.split_whitespace().count();
        let zombies: Vec<String> = now.split_whitespace().filter(is_zombie).map(str::to_owned).collect();
        dead_since.retain(|pid, _| zombies.contains(pid));
        for pid in zombies {
            let since = *dead_since.entry(pid).or_insert_with(Instant::now);
            assert!(since.elapsed() < REAPED_WITHIN, "a zombie is left lying");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(seen > 0, "no child was seen at all");
    assert_eq!(with_library(&library), 0);
}

/// A process may leave the group that is killed with its check. No check but the one of children finds fault with it.
#[test]
fn a_process_that_leaves_its_group_is_ended_too() {
    let library = misbehaving("leaves-its-group");
    let ran = freeland(["plugin", "check", library.to_str().unwrap(), "--only", "process/children"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("FAILED     process/children"), "{}", ran.stdout);
    assert_eq!(with_library(&library), 0);
}
