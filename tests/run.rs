//! `freeland run` and `freeland compare`, from a run file to a free energy.

use std::path::{Path, PathBuf};

use freeland::landscape::Landscape;
use serde_json::Value;

use crate::support::{Ran, freeland_with, misbehaving, scratch, toys};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn mueller_brown() -> PathBuf {
    root().join("host/examples/mueller-brown.toml")
}

/// Runs `freeland run` with these arguments, and with the toys.
fn run(arguments: &[&str]) -> Ran {
    let arguments = std::iter::once("run").chain(arguments.iter().copied());
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
fn double_well(name: &str, plugin: &Path) -> PathBuf {
    let file = folder(&format!("{name}.toml"));
    let plugin = text(plugin);
    let toml = format!(
        r#"
temperature = "1 reduced"
potential.plugin = "{plugin}"
coordinates = {{ kind = "linear", names = ["x", "y"], start = [-0.97, 0.02] }}
coarse.variables = [{{ coordinate = "x", range = [-1.4, 1.4], bins = 50 }}]
starting-data = {{ method = "dynamics", walkers = 8, steps = 200, keep-every = 4, time-step = "0.05 reduced", friction = "2 reduced" }}
flow = {{ kind = "affine" }}
training.by-energy = {{ learning-rate = 5e-3, warm-up-steps = 10 }}
active-learning = {{ max-energy-calls = 8000, batch = 64, steps-per-round = 20, max-free-energy = "10 kT" }}
"#
    );
    std::fs::write(&file, toml).unwrap();
    file
}

/// The example's promise: every bin below 12 kT within 0.15 kT of the exact free energy.
#[test]
fn mueller_brown_comes_out() {
    let out = folder("mueller-brown");
    let stdout = run(&[text(&mueller_brown()), "--seed", "7", "--out", text(&out), "--json"]).good();
    let printed: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(printed, summary(&out));
    assert_eq!(printed["verdict"], serde_json::json!({ "grade": "good", "reasons": [], "warnings": [] }));
    let calls = printed["energy_calls"].as_u64().unwrap();
    assert!(calls < 28_800, "{calls}");
    let by_phase: u64 =
        printed["energy_calls_by_phase"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(calls, by_phase);

    let reference = root().join("tests/data/mueller-brown.npz");
    let compared = freeland_with(["compare", text(&out), "--reference", text(&reference), "--json"], &[]);
    let compared: Value = serde_json::from_str(&compared.good()).unwrap();
    assert!(compared["forward_kld"].as_f64().unwrap() < 1e-3, "{compared}");
    let (found, exact) =
        (Landscape::read(&out.join("pmf.npz")).unwrap(), Landscape::read(&reference).unwrap());
    for (bin, exact) in exact.f_kt.indexed_iter().filter(|(_, f)| **f < 12.0) {
        let (s, found) = (found.axes[0][bin[0]], found.f_kt[&bin]);
        assert!((found - exact).abs() < 0.15, "s = {s}: {found} {exact}");
    }
    for file in
        ["config.toml", "rounds.jsonl", "report.html", "figures/pmf.png", "figures/pmf.svg", "checkpoint"]
    {
        assert!(out.join(file).exists(), "{file}");
    }
    let lines = std::fs::read_to_string(out.join("rounds.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1 + printed["rounds"].as_u64().unwrap() as usize);
}

/// Other programs are told what went wrong and where a run is, also where it already is.
#[test]
fn a_run_does_not_overwrite_another() {
    let file = double_well("occupied", &misbehaving("well-behaved"));
    let out = folder("occupied");
    run(&[text(&file), "--out", text(&out), "--max-energy-calls", "3000"]).good();
    let refusal = run(&[text(&file), "--out", text(&out)]).refusal();
    assert!(refusal.contains("there is a run already; go on with --resume"), "{refusal}");
    let refusal = run(&["--resume", text(&folder("nowhere"))]).refusal();
    assert!(refusal.contains("not a run folder: it has no config.toml"), "{refusal}");
}

/// Threads of libtorch sleep when they wait, unless the user has said how they wait: libgomp tells what it is told.
#[test]
fn threads_do_not_spin() {
    let told = |name: &str, value: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_freeland"));
        for name in ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "OMP_NUM_THREADS"] {
            command.env_remove(name);
        }
        let output = command
            .args(["run", "nowhere.toml"])
            .env("OMP_DISPLAY_ENV", "VERBOSE")
            .env(name, value)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "the exit status is that of the second process");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("error: nowhere.toml: cannot be read"), "{stderr}");
        let spins = stderr.lines().filter_map(|line| line.split_once("GOMP_SPINCOUNT = '"));
        spins.map(|(_, rest)| rest.trim_end_matches('\'').to_owned()).collect::<Vec<_>>()
    };
    let spins = told("FREELAND_LOG", "warn");
    assert_eq!(spins.len(), 2, "begun anew once: {spins:?}");
    assert_eq!(spins[1], "5000");
    assert_eq!(told("GOMP_SPINCOUNT", "7"), ["7"]);
    assert_eq!(told("OMP_WAIT_POLICY", "passive").len(), 1);
    assert_eq!(told("OMP_NUM_THREADS", "1").len(), 1);
}

/// Resuming a run that is over with a larger budget goes on.
#[test]
fn a_larger_budget_goes_on() {
    let file = double_well("budget", &misbehaving("well-behaved"));
    let out = folder("budget");
    run(&[text(&file), "--out", text(&out), "--max-energy-calls", "3000"]).good();
    let before = summary(&out);
    assert_eq!(before["outcome"], "energy-budget");
    assert!(before["energy_calls"].as_u64().unwrap() <= 3000);
    run(&["--resume", text(&out), "--max-energy-calls", "6000"]).good();
    let calls = summary(&out)["energy_calls"].as_u64().unwrap();
    assert!((5000..=6000).contains(&calls), "{calls}");
}

#[test]
fn a_budget_that_the_starting_data_take_is_refused() {
    let file = double_well("nothing-left", &misbehaving("well-behaved"));
    let out = folder("nothing-left");
    let refusal = run(&[text(&file), "--out", text(&out), "--max-energy-calls", "1000"]).refusal();
    let expected = "active-learning.max-energy-calls: 1000 calls do not reach: the starting data take up to 1608, checks and \
                    looking for rotamers up to 0, and a training step 64; give at least 1672, or shorten starting-data";
    assert_eq!(refusal, expected);
    assert!(!out.exists(), "nothing was begun, and yet there is a folder");
}

/// Where there is no CUDA device the sentence says what to do, and nothing was spent; where there is one the run goes well, and
/// goes on with the optimiser's moments on the device.
#[test]
fn a_run_on_cuda_or_its_refusal() {
    let (file, out) = (double_well("cuda", &misbehaving("well-behaved")), folder("cuda"));
    let toml = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, toml.replace("kind = \"affine\"", "kind = \"affine\", device = \"cuda\"")).unwrap();
    let ran = run(&[text(&file), "--max-energy-calls", "4000", "--out", text(&out)]);
    if ran.code == Some(0) {
        run(&["--resume", text(&out), "--max-energy-calls", "8000"]).good();
        return;
    }
    let refusal = ran.refusal();
    assert!(refusal.contains("flow.device: device 'cuda:0'"), "{refusal}");
    assert!(refusal.contains("or use device \"cpu\""), "{refusal}");
    assert!(!out.exists(), "nothing is made of a run that was refused");
    println!("skipped: {refusal}");
}

/// A tenth of all energies is NaN, wherever the configuration is: the free energy is right all the same.
#[test]
fn a_tenth_of_nan_is_counted_and_said() {
    let file = double_well("holes", &misbehaving("nan-for-a-tenth"));
    let out = folder("holes");
    let stdout = run(&[text(&file), "--out", text(&out)]).good();
    let summary = summary(&out);
    let (failed, draws) = (summary["failed"].as_u64().unwrap(), 6_300.0);
    assert!((failed as f64 / draws - 0.1).abs() < 0.03, "{failed}");
    let last = stdout.lines().last().unwrap();
    assert!(last.starts_with(&format!("verdict       good: {failed} of ")), "{stdout}");
    assert!(last.ends_with("draws had no energy and count with weight zero"), "{stdout}");
    assert_eq!(summary["verdict"]["warnings"][0]["kind"], "failed-draws");
    let pmf = Landscape::read(&out.join("pmf.npz")).unwrap();
    let (mut sum, mut n) = (0.0, 0.0);
    for (x, f) in pmf.axes[0].iter().zip(&pmf.f_kt) {
        let exact = 5.0 * (x * x - 1.0).powi(2);
        sum += (f - exact).powi(2);
        n += 1.0;
    }
    let rms = f64::sqrt(sum / n);
    assert!(rms < 0.15, "{rms}");
}

#[test]
fn nothing_but_nan_is_a_clear_stop() {
    let file = double_well("nan", &misbehaving("nan-for-all"));
    let refusal = run(&[text(&file), "--out", text(&folder("nan"))]).refusal();
    assert!(refusal.contains("the configuration to start from has no energy"), "{refusal}");

    let frames = crate::support::positions_file("nan-frames.npy", 100);
    from_frames(&file, &frames);
    let refusal = run(&[text(&file), "--out", text(&folder("nan-for-frames"))]).refusal();
    assert!(
        refusal.starts_with("starting-data.file: none of 8 frames that were tried has an energy"),
        "{refusal}"
    );

    // Where a few frames have energies, those of training are the first that have none.
    let file = double_well("nan-for-many", &misbehaving("nan-for-many"));
    from_frames(&file, &frames);
    let out = folder("nan-frames");
    let verdict = run(&[text(&file), "--out", text(&out)]).bad();
    let expected = "verdict       cannot be trusted: the potential failed for every configuration of 5 training steps in a \
                    row (320 energy calls); the last status was 3 ";
    assert!(verdict.starts_with(expected), "{verdict}");
    assert_eq!(summary(&out)["outcome"], "no-usable-draw");
    assert_eq!(summary(&out)["verdict"]["reasons"][0]["kind"], "no-usable-draw");
    assert!(!out.join("pmf.npz").exists(), "there is no free energy");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Verdict: cannot be trusted"), "{page}");
    // Gone on with, it is no better.
    assert_eq!(run(&["--resume", text(&out)]).bad(), verdict);
}

/// Puts a file of frames in the place of starting data by dynamics.
fn from_frames(file: &Path, frames: &Path) {
    let toml = std::fs::read_to_string(file).unwrap();
    let (before, rest) = toml.split_once("starting-data").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    let frames = text(frames);
    let toml = format!("{before}starting-data = {{ method = \"frames\", file = \"{frames}\" }}\n{after}");
    std::fs::write(file, toml).unwrap();
}

/// Frames that the potential knows nothing of, and a flow that may not move away from them: F has a number and an error, and
/// the run says that they are worth nothing, again when it is resumed.
#[test]
fn a_flow_without_overlap_cannot_be_trusted() {
    let file = double_well("no-overlap", &misbehaving("well-behaved"));
    let mut frames = crate::support::positions(100);
    frames.column_mut(1).mapv_inplace(|y| 5.0 + y);
    let path = folder("far-frames.npy");
    ndarray_npy::write_npy(&path, &frames).unwrap();
    from_frames(&file, &path);
    let toml = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, toml.replace("learning-rate = 5e-3", "learning-rate = 1e-9")).unwrap();
    let out = folder("no-overlap");
    let verdict = run(&[text(&file), "--out", text(&out), "--max-energy-calls", "2000"]).bad();
    let expected = "verdict       cannot be trusted: the effective sample size of the last draws is 0.00";
    assert!(verdict.starts_with(expected) && verdict.contains("look at"), "{verdict}");
    assert_eq!(summary(&out)["verdict"]["reasons"][0]["kind"], "few-effective-draws");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Verdict: cannot be trusted"), "{page}");
    let pmf = Landscape::read(&out.join("pmf.npz")).unwrap();
    assert!(pmf.f_std_kt.iter().all(|std| *std > 0.0), "an error of nothing");

    let again = run(&["--resume", text(&out), "--json"]);
    assert_eq!(again.code, Some(1));
    let printed: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(printed["verdict"], summary(&out)["verdict"]);
    assert_eq!(printed["verdict"]["grade"], "cannot-be-trusted");
}

#[test]
fn bad_run_files_name_the_line_and_the_key() {
    let file = folder("bad.toml");
    let good = std::fs::read_to_string(mueller_brown()).unwrap();
    for (from, to, expected) in [
        (
            "temperature = \"10 reduced\"",
            "temperature = 10",
            "a temperature needs a unit, for example \"10 K\"",
        ),
        ("[flow]", "[flwo]", "flwo: unknown key; did you mean 'flow'?"),
        ("\"mueller-brown\"\n", "\"mueller-braun\"\n", "there is no plugin 'mueller-braun'"),
        (
            "variables = [{ coordinate = \"s\", range = [-2.5, 1.1] }]",
            "",
            "coarse.variables: expected at least one coarse variable, got none",
        ),
        ("max-free-energy = \"14 kT\"", "max-free-energy = \"-1 kT\"", "active-learning.max-free-energy"),
    ] {
        std::fs::write(&file, good.replace(from, to)).unwrap();
        let refusal = run(&[text(&file), "--out", text(&folder("bad"))]).refusal();
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!folder("bad").exists(), "a refused run leaves nothing");
    }
}

#[test]
fn references_that_do_not_fit_are_refused() {
    let axis = [0.0, 1.0, 2.0];
    let pmf = |n: usize| {
        let f_kt: Vec<f64> = axis.iter().copied().take(n).collect();
        Landscape::new(vec![f_kt.clone()], f_kt, vec![f64::NAN; n])
    };
    let (two, three) = (folder("two.npz"), folder("three.npz"));
    pmf(2).write(&two).unwrap();
    pmf(3).write(&three).unwrap();
    let compare = |run: &Path, reference: &Path| {
        freeland_with(["compare", text(run), "--reference", text(reference)], &[])
    };
    assert!(compare(&two, &two).good().contains("forward KLD  0.000e0"));
    let refusal = compare(&two, &three).refusal();
    assert_eq!(refusal, "the grids differ: the run has [2] bins, the reference [3]");
    let refusal = compare(&mueller_brown(), &two).refusal();
    assert!(refusal.contains("not a PMF"), "{refusal}");
    // Bins in common there have to be.
    let nowhere = Landscape { f_kt: pmf(2).f_kt.mapv(|_| f64::INFINITY), ..pmf(2) };
    let path = folder("nowhere.npz");
    nowhere.write(&path).unwrap();
    let refusal = compare(&path, &two).refusal();
    assert!(refusal.contains("its F is infinite in all 2 bins there"), "{refusal}");
}

/// F is known up to a constant, and a reference may be in single precision.
#[test]
fn references_may_be_shifted_and_single() {
    let reference = root().join("tests/data/mueller-brown.npz");
    let exact = Landscape::read(&reference).unwrap();
    let path = folder("shifted-single.npz");
    let mut npz = ndarray_npy::NpzWriter::new(std::fs::File::create(&path).unwrap());
    npz.add_array("axis_0", &ndarray::Array1::from(exact.axes[0].clone()).mapv(|s| s as f32)).unwrap();
    npz.add_array("f_kt", &exact.f_kt.mapv(|f| (f + 50.0) as f32)).unwrap();
    npz.finish().unwrap();
    let compared =
        freeland_with(["compare", text(&reference), "--reference", text(&path), "--json"], &[]).good();
    let compared: Value = serde_json::from_str(&compared).unwrap();
    let bins = exact.f_kt.iter().filter(|f| **f < 10.0).count() as u64;
    assert!(bins > 50 && compared["bins"].as_u64().unwrap().abs_diff(bins) <= 1, "{compared}");
    // Single precision of 60 kT is 4e-6 kT.
    assert!(compared["pmf_max_kt"].as_f64().unwrap() < 1e-5, "{compared}");
    assert!(compared["forward_kld"].as_f64().unwrap().abs() < 1e-6, "{compared}");
}
