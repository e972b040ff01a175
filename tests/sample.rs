//! `freeland sample`, from a run file to a free energy; interrupted and gone on with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use freeland::landscape::{Landscape, compare};
use serde_json::Value;

use crate::support::{Ran, freeland_with, misbehaving, scratch, toys};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(arguments: &[&str]) -> Ran {
    let arguments = std::iter::once("sample").chain(arguments.iter().copied());
    freeland_with(arguments, &[("FREELAND_PLUGIN_PATH", toys())])
}

fn folder(name: &str) -> PathBuf {
    scratch().path().join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

fn summary(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("summary.json")).unwrap()).unwrap()
}

/// Writes a run file on a plugin with E = 5 (x^2 - 1)^2 + 10 y^2 in reduced units, F(x) = 5 (x^2 - 1)^2 at kT = 1.
fn double_well(name: &str, plugin: &str, steps: usize) -> PathBuf {
    let file = folder(&format!("{name}.toml"));
    let plugin = misbehaving(plugin);
    let plugin = text(&plugin);
    let toml = format!(
        r#"
temperature = "1 reduced"
potential.plugin = "{plugin}"
coordinates = {{ kind = "linear", names = ["x", "y"], start = [-0.97, 0.02] }}
coarse.variables = [{{ coordinate = "x", range = [-1.4, 1.4], bins = 50 }}]
starting-data = {{ method = "dynamics", walkers = 8, steps = 200, time-step = "0.05 reduced", friction = "2 reduced" }}
active-learning = {{ max-energy-calls = 8000, max-free-energy = "10 kT" }}
sampling = {{ walkers = 64, steps = {steps}, equilibration-steps = 200, metadynamics = {{ build-up-steps = 1000 }} }}
"#
    );
    std::fs::write(&file, toml).unwrap();
    file
}

/// The example as it stands, by both biased methods, against the exact F.
#[test]
fn the_example_comes_out() {
    let reference = Landscape::read(&root().join("tests/data/mueller-brown.npz")).unwrap();
    for method in ["metadynamics", "umbrella"] {
        let out = folder(&format!("sampled-by-{method}"));
        let file = root().join("host/examples/mueller-brown.toml");
        let stdout =
            sample(&[text(&file), "--method", method, "--seed", "11", "--out", text(&out), "--json"]).good();
        let printed: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(printed, summary(&out));
        assert_eq!((&printed["outcome"], &printed["method"]), (&"complete".into(), &method.into()));
        assert_eq!(printed["verdict"]["grade"], "good");
        assert_eq!((&printed["seed"], &printed["plugin"]["id"]), (&11.into(), &"mueller-brown".into()));
        let by_phase = printed["energy_calls_by_phase"].as_object().unwrap();
        let sum: u64 = by_phase.values().filter_map(Value::as_u64).sum();
        assert_eq!(printed["energy_calls"].as_u64(), Some(sum));
        let compared = compare(&Landscape::read(&out.join("pmf.npz")).unwrap(), &reference).unwrap();
        println!("{method}: {compared:?} {printed}");
        assert!(compared.forward_kld < 2e-3 && compared.unseen < 1e-4, "{compared:?}");
        let stated = printed["metrics"]["rms_std_kt"].as_f64().unwrap();
        assert!(compared.pmf_rmse_kt < 3.0 * stated + 0.03, "{compared:?}, stated {stated}");
        for file in ["config.toml", "figures/pmf.png", "figures/pmf.svg", "checkpoint/sampling.json"] {
            assert!(out.join(file).exists(), "{file}");
        }
    }
}

/// A process killed in the middle, and gone on with: the same bits as one left alone.
#[test]
fn a_killed_run_goes_on() {
    let file = double_well("killed-sampling", "well-behaved", 60_000);
    let (alone, out) = (folder("sampled-alone"), folder("sampled-killed"));
    let clock = Instant::now();
    sample(&[text(&file), "--method", "metadynamics", "--out", text(&alone)]).good();
    let whole = clock.elapsed();

    let mut command = Command::new(env!("CARGO_BIN_EXE_freeland"));
    command.args(["sample", text(&file), "--method", "metadynamics", "--checkpoint-every", "0.05", "--out"]);
    command.arg(&out);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let produced = || {
        let text = std::fs::read(out.join("summary.json")).unwrap_or_default();
        let summary: Value = serde_json::from_slice(&text).unwrap_or_default();
        summary["energy_calls_by_phase"]["production"].as_u64().unwrap_or(0)
    };
    // Killed when a checkpoint of production is there, which is early.
    while produced() == 0 {
        assert!(clock.elapsed() < 20 * whole, "no checkpoint of production");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(summary(&out)["outcome"], Value::Null, "it was killed in time");

    sample(&["--resume", text(&out)]).good();
    let pmf = |folder: &Path| std::fs::read(folder.join("pmf.npz")).unwrap();
    assert!(pmf(&out) == pmf(&alone), "pmf.npz differs from a run left alone");
    assert_eq!(summary(&out)["energy_calls"], summary(&alone)["energy_calls"]);
    // Gone on with once more, there is nothing left to do.
    sample(&["--resume", text(&out)]).good();
    assert_eq!(summary(&out)["energy_calls"], summary(&alone)["energy_calls"]);
}

/// In worker processes, the same bits as in this one.
#[test]
fn isolation_changes_no_bit_of_sampling() {
    let file = double_well("isolated-sampling", "well-behaved", 400);
    let pmf = |isolation: &str| {
        let out = folder(&format!("sampled-in-{isolation}"));
        let arguments = ["--method", "umbrella", "--isolation", isolation, "--out", text(&out)];
        let stdout = sample(&[&[text(&file)], &arguments[..]].concat()).good();
        assert_eq!(stdout.contains("plugin faults none"), isolation == "process", "{stdout}");
        std::fs::read(out.join("pmf.npz")).unwrap()
    };
    assert!(pmf("none") == pmf("process"), "pmf.npz differs");
}

/// A tenth of all energies is NaN: such steps are taken back, counted and said, and F is right all the same.
#[test]
fn failed_energies_are_taken_back() {
    let file = double_well("holes-in-sampling", "nan-for-a-tenth", 5_000);
    let out = folder("sampled-with-holes");
    let stdout = sample(&[text(&file), "--method", "metadynamics", "--out", text(&out)]).good();
    let restarts = summary(&out)["restarts"].as_u64().unwrap();
    let calls = summary(&out)["energy_calls"].as_u64().unwrap() as f64;
    assert!((restarts as f64 / calls - 0.1).abs() < 0.02, "{restarts} of {calls}");
    let expected = format!("verdict       good: {restarts} steps had no energy and were taken back");
    assert_eq!(stdout.lines().last(), Some(expected.as_str()));

    let file = double_well("nothing-to-sample", "nan-for-all", 100);
    let out = folder("nothing-sampled");
    let refusal = sample(&[text(&file), "--method", "langevin", "--out", text(&out)]).refusal();
    assert!(refusal.contains("the configuration to start from has no energy"), "{refusal}");
    assert!(!out.exists(), "a refused run leaves nothing");
}

/// Two walkers of a few steps tell of two landscapes, and walkers outside the grid tell of none: both are said, and the
/// exit status is not that of a good result.
#[test]
fn samples_that_say_nothing_cannot_be_trusted() {
    let file = double_well("too-short", "well-behaved", 20);
    let short = std::fs::read_to_string(&file).unwrap();
    let short = short.replace("walkers = 64", "walkers = 2").replace("steps = 200, meta", "steps = 1, meta");
    std::fs::write(&file, &short).unwrap();
    let out = folder("sampled-too-short");
    let verdict = sample(&[text(&file), "--method", "langevin", "--out", text(&out)]).bad();
    let expected = "verdict       cannot be trusted: two halves of the samples differ by a divergence of ";
    assert!(verdict.starts_with(expected), "{verdict}");
    assert_eq!(summary(&out)["verdict"]["reasons"][0]["kind"], "halves-disagree");
    let again = sample(&["--resume", text(&out), "--json"]);
    assert_eq!((again.code, serde_json::from_str::<Value>(&again.stdout).unwrap()), (Some(1), summary(&out)));

    std::fs::write(&file, short.replace("range = [-1.4, 1.4]", "range = [5.0, 6.0]")).unwrap();
    let out = folder("sampled-outside");
    let verdict = sample(&[text(&file), "--method", "langevin", "--out", text(&out)]).bad();
    let expected = "verdict       cannot be trusted: coarse: no walker was ever inside the ranges of the coarse variables; ";
    assert!(verdict.starts_with(expected), "{verdict}");
    assert_eq!(summary(&out)["verdict"]["reasons"][0]["kind"], "no-free-energy");
    assert!(!out.join("pmf.npz").exists(), "there is no free energy");
}

#[test]
fn folders_and_methods_are_checked() {
    let file = double_well("checked-sampling", "well-behaved", 400);
    let out = folder("sampled-once");
    sample(&[text(&file), "--method", "langevin", "--out", text(&out)]).good();
    let refusal = sample(&[text(&file), "--method", "langevin", "--out", text(&out)]).refusal();
    assert!(refusal.contains("there is a run already; go on with --resume"), "{refusal}");
    let refusal = freeland_with(["run", "--resume", text(&out)], &[]).refusal();
    assert!(refusal.contains("this folder was made by `freeland sample`; go on with it there"), "{refusal}");
    let ran = sample(&[text(&file), "--out", text(&folder("no-method"))]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--method"), "{}", ran.stderr);

    // Damaged arrays are said, not used.
    let checkpoint = std::fs::read_dir(out.join("checkpoint")).unwrap();
    let arrays =
        checkpoint.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "safetensors");
    let arrays = arrays.unwrap();
    let bytes = std::fs::read(&arrays).unwrap();
    std::fs::write(&arrays, &bytes[..bytes.len() / 2]).unwrap();
    let refusal = sample(&["--resume", text(&out)]).refusal();
    assert!(refusal.contains("truncated or changed since it was written"), "{refusal}");

    // What an earlier freeland wrote is said to be that.
    let json = out.join("checkpoint/sampling.json");
    let record = std::fs::read_to_string(&json).unwrap();
    std::fs::write(&json, record.replace("\"format\": 2", "\"format\": 1")).unwrap();
    let refusal = sample(&["--resume", text(&out)]).refusal();
    assert!(refusal.contains("checkpoint format 1, this freeland reads 2"), "{refusal}");
}

/// The reference of alanine dipeptide is what its recipe says.
#[test]
fn the_reference_of_alanine_dipeptide_is_whole() {
    let reference = Landscape::read(&root().join("tests/data/alanine-dipeptide-300K.npz")).unwrap();
    assert_eq!(reference.f_kt.shape(), [100, 100]);
    let p = reference.f_kt.mapv(|f| (-f).exp());
    let total = p.sum();
    // Left-handed structures, phi between 0 and 120 degrees, are seldom, and not never.
    let left = |phi: f64| (0.0..2.1).contains(&phi);
    let p_left: f64 =
        p.indexed_iter().filter(|(bin, _)| left(reference.axes[0][bin[0]])).map(|(_, p)| p).sum();
    assert!((0.001..0.2).contains(&(p_left / total)), "{}", p_left / total);
    let std = reference.f_std_kt;
    let below = reference.f_kt.iter().zip(&std).filter(|(f, _)| **f < 10.0);
    assert!(below.clone().count() > 5_000 && below.into_iter().all(|(_, std)| *std < 0.05));
}
