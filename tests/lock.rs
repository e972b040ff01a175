//! One process at a time on a run folder, and nothing left behind by those that were killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{freeland_with, scratch, toys};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host/examples/mueller-brown.toml")
}

/// `freeland` on the toys, once it has made `there`. It works far longer than any test looks at it.
fn working(arguments: &[&str], there: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(arguments)
        .env("FREELAND_PLUGIN_PATH", toys())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let clock = Instant::now();
    while !there.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "{arguments:?} ended before it made {}",
            there.display()
        );
        assert!(clock.elapsed() < Duration::from_secs(120), "{arguments:?} makes no {}", there.display());
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// A second process is told who works there; after kill -9 of the first it goes on, and sweeps what that left.
#[test]
fn a_folder_of_a_run_has_one_process() {
    let out = scratch().path().join("locked-run");
    let text = out.to_str().unwrap();
    let example = example();
    let run = ["run", example.to_str().unwrap(), "--out", text, "--max-energy-calls", "100000000"];
    let mut first = working(&run, &out.join("summary.json"));
    let goes_on = ["run", "--resume", text, "--max-energy-calls", "9000"];
    let second = || freeland_with(goes_on, &[("FREELAND_PLUGIN_PATH", toys())]);
    let refusal = second().refusal();
    let who = format!("{text}: process {} on ", first.id());
    assert!(refusal.starts_with(&who), "{refusal}");
    assert!(
        refusal.ends_with("works in this folder; wait for its end, or choose another --out"),
        "{refusal}"
    );
    first.kill().unwrap();
    first.wait().unwrap();
    let left = [".writing-abc123.tmp", "checkpoint/.writing-xyz.tmp", "figures/.writing-1.tmp"]
        .map(|name| out.join(name));
    left.iter().for_each(|path| std::fs::write(path, "half").unwrap());
    second().good();
    left.iter().for_each(|path| assert!(!path.exists(), "{} is still there", path.display()));
}

#[test]
fn a_folder_of_sampling_has_one_process() {
    let out = scratch().path().join("locked-sampling");
    let text = out.to_str().unwrap();
    let example = example();
    let file = out.with_extension("toml");
    let long =
        std::fs::read_to_string(example).unwrap().replace("[sampling]", "[sampling]\nsteps = 1000000000");
    std::fs::write(&file, long).unwrap();
    let sample = ["sample", file.to_str().unwrap(), "--method", "langevin", "--out", text];
    let mut first = working(&sample, &out.join("summary.json"));
    let refusal = freeland_with(["sample", "--resume", text], &[("FREELAND_PLUGIN_PATH", toys())]).refusal();
    assert!(refusal.starts_with(&format!("{text}: process {} on ", first.id())), "{refusal}");
    first.kill().unwrap();
    first.wait().unwrap();
}
