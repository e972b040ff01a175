//! Runs that are killed, damaged or out of space, and go on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Ran, freeland_with, scratch, toys, worker};

const BUDGET: &str = "9000";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host/examples/mueller-brown.toml")
}

fn run(arguments: &[&Path]) -> Ran {
    let mut all = vec![Path::new("run"), Path::new("--max-energy-calls"), Path::new(BUDGET)];
    all.extend(arguments);
    freeland_with(all, &[("FREELAND_PLUGIN_PATH", toys())])
}

fn folder(name: &str) -> PathBuf {
    scratch().path().join(name)
}

/// `pmf.npz` of a run left alone, and how long it took.
fn left_alone() -> (Vec<u8>, Duration) {
    static ALONE: std::sync::OnceLock<(Vec<u8>, Duration)> = std::sync::OnceLock::new();
    ALONE
        .get_or_init(|| {
            let (out, clock) = (folder("alone"), Instant::now());
            run(&[&example(), Path::new("--out"), &out]).good();
            (std::fs::read(out.join("pmf.npz")).unwrap(), clock.elapsed())
        })
        .clone()
}

/// Killed by SIGKILL at ten moments spread over its life, and gone on with each time: the same bits.
#[test]
fn ten_kills_change_nothing() {
    let (expected, mut scale) = left_alone();
    let out = folder("killed");
    let mut killed = 0;
    // Moments from the golden ratio: irregular, and the same in every test run.
    let mut moment = 0.5_f64;
    while killed < 10 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freeland"));
        command.args(["run", "--max-energy-calls", BUDGET]).env("FREELAND_PLUGIN_PATH", toys());
        if out.join("config.toml").exists() {
            command.arg("--resume").arg(&out);
        } else {
            command.arg(example()).arg("--out").arg(&out);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        moment = (moment + 0.618_033_988_749_895).fract();
        std::thread::sleep(scale.mul_f64(0.05 + 0.25 * moment));
        let over = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        if over {
            // It ended before its kill came, as on a machine that was busier before: begin again, with earlier kills.
            killed = 0;
            scale = scale.mul_f64(0.5);
            std::fs::remove_dir_all(&out).unwrap();
        }
    }
    assert!(out.join("config.toml").exists(), "ten kills, and not even a start");
    run(&[Path::new("--resume"), &out]).good();
    assert!(std::fs::read(out.join("pmf.npz")).unwrap() == expected, "pmf.npz differs from a run left alone");
}

/// A finished run, copied, so that a test may damage it.
fn finished(name: &str) -> PathBuf {
    left_alone();
    let (from, to) = (folder("alone"), folder(name));
    std::fs::create_dir_all(to.join("checkpoint")).unwrap();
    std::fs::create_dir_all(to.join("figures")).unwrap();
    for entry in std::fs::read_dir(from.join("checkpoint")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join("checkpoint").join(entry.file_name())).unwrap();
    }
    std::fs::copy(from.join("config.toml"), to.join("config.toml")).unwrap();
    to
}

/// The newest file of the checkpoint with this ending.
fn newest(run: &Path, ending: &str) -> PathBuf {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(run.join("checkpoint")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    files.pop().unwrap()
}

#[test]
fn a_truncated_checkpoint_is_said_and_the_round_before_serves() {
    for ending in [".state.safetensors", ".flow.safetensors", ".json"] {
        let out = finished(&format!("truncated{ending}"));
        let file = newest(&out, ending);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        let refusal = run(&[Path::new("--resume"), &out]).refusal();
        assert!(refusal.starts_with(file.to_str().unwrap()), "{refusal}");
        assert!(refusal.contains("truncated or changed since it was written"), "{refusal}");
        assert!(refusal.contains("Delete the files of this round to go on from the one before"), "{refusal}");

        // The advice holds: the round before leads to the same end.
        let stem = file.file_name().unwrap().to_string_lossy()[.."round-0000".len()].to_owned();
        for ending in [".state.safetensors", ".flow.safetensors", ".json"] {
            std::fs::remove_file(out.join("checkpoint").join(format!("{stem}{ending}"))).unwrap();
        }
        run(&[Path::new("--resume"), &out]).good();
        assert!(std::fs::read(out.join("pmf.npz")).unwrap() == left_alone().0, "pmf.npz differs");
    }
}

#[test]
fn a_checkpoint_of_another_system_is_refused() {
    let out = finished("other-system");
    let config = std::fs::read(out.join("config.toml")).unwrap();
    let other = folder("other-system.toml");
    let toml = std::fs::read_to_string(example()).unwrap().replace("\"s\"", "\"sigma\"");
    std::fs::write(&other, toml).unwrap();
    let refusal = run(&[&other, Path::new("--resume"), &out]).refusal();
    assert!(
        refusal.contains(
            "checkpoint of another system: its coarse variables are s; the configuration gives sigma"
        ),
        "{refusal}"
    );
    assert_eq!(
        std::fs::read(out.join("config.toml")).unwrap(),
        config,
        "a refused configuration is not kept"
    );
}

/// On a full disk the run stops and says so; with more room it goes on to the same end.
#[test]
fn a_run_does_not_go_on_with_other_energies() {
    let out = finished("other-energies");
    // Another configuration of the same plugin: another fingerprint.
    let path = out.join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("[potential.config]"), "{text}");
    let terms = "\n[potential.config]\nterms = [{ amplitude = -200.0, xx = -1.0, xy = 0.0, yy = -10.0, centre = [1.0, 0.0] }]\n";
    std::fs::write(&path, text + terms).unwrap();
    let refusal = run(&[Path::new("--resume"), &out]).refusal();
    assert!(
        refusal
            .starts_with("'mueller-brown' does not give the energies that this run began with (fingerprint "),
        "{refusal}"
    );
}

#[test]
fn a_full_disk_loses_nothing() {
    let disk = folder("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&disk).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !mount("size=1200k") {
        eprintln!("skipped: a full disk needs a small tmpfs, and this user may not mount one");
        return;
    }
    let out = disk.join("run");
    let first = run(&[&example(), Path::new("--out"), &out]);
    let roomy = mount("remount,size=64m");
    let second = run(&[Path::new("--resume"), &out]);
    let pmf = std::fs::read(out.join("pmf.npz"));
    let unmounted = Command::new("umount").arg(&disk).status().unwrap().success();
    assert!(roomy && unmounted);

    assert_eq!(first.code, Some(2), "{first:?}");
    let last = first.stderr.lines().last().unwrap();
    assert!(last.contains("No space left on device"), "{last}");
    assert!(last.contains("the run stops here; its last complete round is kept"), "{last}");
    second.good();
    assert!(pmf.unwrap() == left_alone().0, "pmf.npz differs from a run left alone");
}

/// A run in worker processes that is killed and goes on gives the same bits as one in a single process left alone.
#[test]
fn isolation_changes_no_bit_of_a_run_that_goes_on() {
    worker();
    let (expected, _) = left_alone();
    let out = folder("isolated");
    let mut child = Command::new(env!("CARGO_BIN_EXE_freeland"))
        .args(["run", "--isolation", "process", "--max-energy-calls", BUDGET])
        .env("FREELAND_PLUGIN_PATH", toys())
        .arg(example())
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let rounds = || std::fs::read_to_string(out.join("rounds.jsonl")).map_or(0, |text| text.lines().count());
    while rounds() < 3 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // That it lives in workers is in the run folder.
    let stdout = run(&[Path::new("--resume"), &out]).good();
    assert!(stdout.contains("plugin faults none"), "{stdout}");
    assert!(std::fs::read(out.join("pmf.npz")).unwrap() == expected, "the same bits");
}
