//! What a worker cannot do, and that it does not outlive its host.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use freeland_loader::{ProcessOptions, Request};

use super::{isolated_c, process};
use crate::support::{freeland, misbehaving, scratch, worker};

#[test]
fn a_worker_writes_no_files_and_opens_no_sockets() {
    let potential = isolated_c("by-position", process());
    let wrong = potential.evaluate(&[107.0, 0.0], false).unwrap().energies[0] as u32;
    let gaps = potential.unconfined();
    if gaps.is_empty() {
        assert_eq!(wrong, 0, "bits of what_is_wrong in by-position.c");
    } else {
        println!("this system confines less: {gaps:?}, {wrong}");
        assert!(
            wrong != 0 && gaps.iter().all(|gap| gap.starts_with("this system does not keep plugins from"))
        );
    }
}

#[test]
fn folders_that_are_named_may_be_written_to() {
    // The places that what_is_wrong tries to write to.
    let potential = isolated_c("by-position", ProcessOptions { writable: vec!["/tmp".into()], ..process() });
    let wrong = potential.evaluate(&[107.0, 0.0], false).unwrap().energies[0] as u32;
    assert_eq!(wrong & 1, 1);
}

#[test]
fn what_a_plugin_prints_is_no_result() {
    worker();
    let file = scratch().path().join("noise.npy");
    ndarray_npy::write_npy(&file, &ndarray::arr2(&[[0.5, 0.5], [108.0, 0.0]])).unwrap();
    let library = misbehaving("by-position");
    let arguments = ["evaluate", "--isolation", "process", "-v", "--plugin"].map(str::to_owned).into_iter();
    let arguments =
        arguments.chain([library.display().to_string(), "--positions".into(), file.display().to_string()]);
    let ran = freeland(arguments);
    assert!(ran.stderr.contains("noise on stdout"), "{ran:?}");
    let lines: Vec<String> = ran.good().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[3], "1 0 16");
}

#[test]
fn the_caller_can_stop_a_plugin_that_does_not_listen() {
    let long = Duration::from_secs(600);
    let potential = isolated_c("by-position", ProcessOptions { time_limit: long, ..process() });
    let flag = AtomicU32::new(0);
    let (mut energies, mut statuses) = ([0.0; 2], [0; 2]);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            flag.store(1, Ordering::Relaxed);
        });
        let positions = [0.5, 0.5, 103.0, 0.0];
        let request = Request::new(&positions, &mut statuses).energies(&mut energies).cancel(&flag);
        potential.evaluate_into(request).unwrap();
    });
    assert_eq!(statuses, [7, 7]);
    assert!(begun.elapsed() < long / 10);
    let request = Request::new(&[103.0, 0.0], &mut statuses[..1])
        .energies(&mut energies)
        .time_limit(Duration::from_millis(50));
    potential.evaluate_into(request).unwrap();
    assert_eq!(statuses[0], 7);
    assert_eq!(potential.evaluate(&[0.5, 0.5], false).unwrap().statuses, [0]);
}

#[test]
fn what_is_cancelled_without_a_wish_is_sent_again() {
    let potential = isolated_c("early-clock", process());
    let (mut energies, mut statuses) = ([0.0; 2], [0; 2]);
    let flag = AtomicU32::new(0);
    let positions = [0.0, 0.0, 0.5, 0.5];
    let request = Request::new(&positions, &mut statuses).energies(&mut energies).cancel(&flag);
    potential.evaluate_into(request.time_limit(Duration::from_secs(600))).unwrap();
    assert_eq!((statuses, energies[0]), ([0; 2], 5.0));
    assert_eq!(potential.faults().unwrap().sent_again, 1);
}

#[test]
fn nothing_that_a_plugin_starts_outlives_a_killed_host() {
    worker();
    for (name, x) in [("by-position", 103.0), ("harasses-host", 104.0)] {
        let file = scratch().path().join(format!("forever-{name}.npy"));
        ndarray_npy::write_npy(&file, &ndarray::arr2(&[[x, 0.0]])).unwrap();
        let mut host = Command::new(env!("CARGO_BIN_EXE_freeland"))
            .args(["evaluate", "--isolation", "process", "--plugin"])
            .arg(misbehaving(name))
            .arg("--positions")
            .arg(file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let soon = |what: &str, condition: &dyn Fn() -> bool| {
            let until = Instant::now() + Duration::from_secs(30);
            while !condition() {
                assert!(Instant::now() < until, "{what}");
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        let strays = || named("stray-by-plan");
        // The guard, and below it the worker.
        let found = std::cell::Cell::new(None);
        soon("there is a worker", &|| {
            found.set(child_of(host.id()).and_then(|guard| Some((guard, child_of(guard)?))));
            found.get().is_some()
        });
        let (guard, worker) = found.get().unwrap();
        if name == "harasses-host" {
            soon("there are children and theirs", &|| strays().len() >= 6);
        }
        host.kill().unwrap();
        host.wait().unwrap();
        soon("the worker is gone", &|| !is_alive(worker) && !is_alive(guard));
        soon("its children are gone", &|| strays().is_empty());
    }
}

#[test]
fn a_plugin_that_floods_its_host_is_ended_and_the_host_stays_small() {
    for (x, reason) in [
        (100.0, "said more than 64 MB"),
        (102.0, "said what cannot be understood: it announces 2021161080 bytes"),
        (103.0, "said more than 64 MB"),
        (101.0, "said more than 64 MB"),
    ] {
        let process = ProcessOptions { max_restarts: 0, time_limit: Duration::from_secs(60), ..process() };
        let potential = isolated_c("harasses-host", process);
        let before = memory();
        let error = potential.evaluate(&[x, 0.0], false).unwrap_err().to_string();
        let grown = memory().saturating_sub(before);
        assert!(error.contains(&format!("was ended, because it {reason}")), "{error}");
        // Other tests run in this process, too.
        assert!(grown < 48 << 20, "{x}: grown by {} MB", grown >> 20);
    }
}

/// The most memory that this process had so far, in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    most.unwrap().trim().parse::<u64>().unwrap() << 10
}

#[test]
fn a_library_that_everybody_may_write_to_is_refused_before_it_runs() {
    worker();
    let folder = scratch().path().join("open-to-all");
    std::fs::create_dir(&folder).unwrap();
    let library = folder.join("libopen.so");
    std::fs::copy(misbehaving("well-behaved"), &library).unwrap();
    let file = crate::support::positions_file("open.npy", 3);
    let evaluate = |more: &[&str]| {
        let fixed =
            ["evaluate", "--plugin", library.to_str().unwrap(), "--positions", file.to_str().unwrap()];
        freeland(fixed.iter().chain(more))
    };
    evaluate(&[]).good();
    for (place, mode) in [(&library, 0o777), (&folder, 0o777)] {
        let before = place.metadata().unwrap().permissions();
        std::fs::set_permissions(place, std::fs::Permissions::from_mode(mode)).unwrap();
        for mode in [&[][..], &["--isolation", "process"]] {
            let refusal = evaluate(mode).refusal();
            let expected = "plugin 'libopen.so' is not loaded: everybody may write to '";
            assert!(refusal.starts_with(expected) && refusal.contains("'chmod o-w "), "{refusal}");
        }
        let described = freeland(["plugin", "describe", library.to_str().unwrap()]).refusal();
        assert!(described.contains("everybody may write to"), "{described}");
        evaluate(&["--trust-writable-plugins"]).good();
        std::fs::set_permissions(place, before).unwrap();
    }
    evaluate(&[]).good();
}

/// The first child of a process.
fn child_of(parent: u32) -> Option<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).ok()?;
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).next()?.parse().ok()
}

/// The processes of this name that are alive. One that is dead and waits for its parent to notice is not.
pub fn named(name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    entries
        .filter(|path| {
            let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
            stat.contains(&format!("({name}) ")) && !stat.contains(&format!("({name}) Z "))
        })
        .collect()
}

fn is_alive(process: u32) -> bool {
    let path = format!("/proc/{process}/stat");
    // A zombie, whom a careless first process of a container does not reap, is dead as well.
    std::fs::read_to_string(Path::new(&path)).is_ok_and(|stat| !stat.contains(") Z "))
}
