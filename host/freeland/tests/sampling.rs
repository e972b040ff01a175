//! Sampling through real plugins: exact free energies, counted calls, temperature, runs that are interrupted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use freeland::config::Config;
use freeland::config::sampling::Method;
use freeland::dynamics::{Langevin, Sampling, Walls};
use freeland::landscape::Landscape;
use freeland::system::{Phase, System};
use freeland_loader::{Library, Manifest, SearchPath};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The folder with the toys, built once: `cargo test` alone does not leave their library there.
fn plugins() -> SearchPath {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "-p", "freeland-toys", "--target-dir"])
            .arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the plugin builds");
        let file = format!("{}freeland_toys{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let library = Library::open_ignoring_manifest(&profile.join(file)).unwrap();
        library.manifest().write(&Manifest::path_of(library.path())).unwrap();
        profile.to_path_buf()
    });
    SearchPath::new(std::slice::from_ref(folder))
}

const REST: &str = r#"
[starting-data]
method = "dynamics"
walkers = 1
steps = 1
time-step = "0.01 reduced"
friction = "1 reduced"

[active-learning]
max-energy-calls = 1
max-free-energy = "12 kT"
"#;

fn config(text: &str) -> Config {
    Config::parse(&format!("{text}{REST}"), Path::new("test.toml")).unwrap_or_else(|error| panic!("{error}"))
}

fn open(config: &Config) -> System {
    System::open(config, &plugins()).unwrap_or_else(|error| panic!("{error}"))
}

fn complete(mut sampling: Sampling) -> (Landscape, Sampling) {
    while sampling.advance().unwrap() {}
    (sampling.sampled().unwrap().landscape, sampling)
}

fn sample(text: &str, method: Method) -> (Landscape, Sampling) {
    let config = config(text);
    complete(Sampling::start(open(&config), &config, method).unwrap())
}

const MUELLER_BROWN: &str = r#"
temperature = "10 reduced"
seed = 5
potential.plugin = "mueller-brown"
coordinates = { kind = "linear", names = ["s", "t"], matrix = [[1, -1], [1, 1]], start = [-0.55, 1.44] }
coarse.variables = [{ coordinate = "s", range = [-2.5, 1.1] }]
sampling = { time-step = "0.004 reduced", friction = "2 reduced", steps = 30000, metadynamics = { build-up-steps = 10000 } }
"#;

/// F at the centres by integration over t; `[-8, 10]` holds all of it.
fn mueller_brown(s: f64) -> f64 {
    let term =
        |a: f64, xx: f64, xy: f64, yy: f64, x: f64, y: f64| a * (xx * x * x + xy * x * y + yy * y * y).exp();
    let energy = |x: f64, y: f64| {
        term(-200.0, -1.0, 0.0, -10.0, x - 1.0, y)
            + term(-100.0, -1.0, 0.0, -10.0, x, y - 0.5)
            + term(-170.0, -6.5, 11.0, -6.5, x + 0.5, y - 1.5)
            + term(15.0, 0.7, 0.6, 0.7, x + 1.0, y - 1.0)
    };
    let integrand = (0..18_000).map(|k| -8.0 + 0.001 * f64::from(k)).map(|t| {
        let u = 0.1 * energy(0.5 * (t + s), 0.5 * (t - s));
        (-u).exp()
    });
    -integrand.sum::<f64>().ln()
}

const DOUBLE_WELL: &str = r#"
temperature = "1 reduced"
seed = 3
potential = { plugin = "double-well", config = { b = 6 } }
coordinates = { kind = "linear", names = ["x1", "x2"], start = [-1.7, 0.0] }
coarse.variables = [{ coordinate = "x1", range = [-2.3, 2.2], bins = 60 }]
sampling = { time-step = "0.01 reduced", friction = "1 reduced" }
"#;

fn double_well(b: f64) -> impl Fn(f64) -> f64 {
    move |x: f64| x.powi(4) - b * x * x + x
}

/// Compares F below a cap with the exact one, in units of the stated error: no bin is far off, and together they are as
/// far as the error says. `systematic_kt`: what the time step and the bins leave.
#[track_caller]
fn check(profile: &Landscape, exact: impl Fn(f64) -> f64, cap_kt: f64, systematic_kt: f64) {
    let rows: Vec<(f64, f64, f64)> = (profile.axes[0].iter().zip(&profile.f_kt).zip(&profile.f_std_kt))
        .map(|((s, f), std)| (*f, exact(*s), *std))
        .collect();
    let lowest = rows.iter().map(|(_, exact, _)| *exact).fold(f64::INFINITY, f64::min);
    let known: Vec<_> = rows.iter().filter(|(_, exact, _)| exact - lowest < cap_kt).collect();
    // The errors are those of the logarithms of probabilities: both are normalised.
    let norm =
        |f: &dyn Fn(&(f64, f64, f64)) -> f64| -rows.iter().map(|row| (-f(row)).exp()).sum::<f64>().ln();
    let shift = norm(&|row| row.1) - norm(&|row| row.0);
    let mut squares = 0.0;
    for (f, exact, std) in &known {
        assert!(*std > 0.0 && *std < 1.0, "error {std}");
        let z = (f + shift - exact).abs() / std.hypot(systematic_kt);
        assert!(z < 5.0, "F = {f} + {shift}, exact {exact}, error {std}");
        squares += z * z;
    }
    let rms = f64::sqrt(squares / known.len() as f64);
    println!("rms error in units of the stated error: {rms:.2} over {} bins", known.len());
    assert!(rms < 2.0, "{rms} times the stated error");
}

#[test]
fn mueller_brown_by_metadynamics() {
    let (profile, _) = sample(MUELLER_BROWN, Method::Metadynamics);
    check(&profile, mueller_brown, 10.0, 0.02);
}

#[test]
fn mueller_brown_by_umbrella_sampling() {
    let (profile, sampling) = sample(MUELLER_BROWN, Method::Umbrella);
    check(&profile, mueller_brown, 10.0, 0.02);
    // The whole range is below the cap: every lattice point has its window.
    assert_eq!(sampling.progress().windows, Some(21));
}

/// The error says how far F is off, no less and no more, though walkers are exchanged between windows: over many short runs,
/// with the exact F and F as it came out both normalised.
#[test]
fn errors_of_umbrella_sampling_are_what_they_say() {
    let (mut squares, mut n, mut unseen) = (0.0, 0.0, 0.0);
    for seed in 1..=16 {
        let text = MUELLER_BROWN
            .replace("seed = 5", &format!("seed = {seed}"))
            .replace("steps = 30000", "steps = 1500")
            .replace("friction = \"2 reduced\",", "friction = \"2 reduced\", equilibration-steps = 300, umbrella = { max-free-energy = \"20 kT\" },");
        let (profile, _) = sample(&text, Method::Umbrella);
        let exact: Vec<f64> = profile.axes[0].iter().map(|s| mueller_brown(*s)).collect();
        let log_whole = |f_kt: &[f64]| f_kt.iter().map(|f| (-f).exp()).sum::<f64>().ln();
        let found: Vec<f64> = profile.f_kt.iter().copied().collect();
        let shift = log_whole(&found) - log_whole(&exact);
        let lowest = exact.iter().copied().fold(f64::INFINITY, f64::min);
        for ((found, exact), std) in found.iter().zip(&exact).zip(&profile.f_std_kt) {
            if exact - lowest < 10.0 && !std.is_finite() {
                unseen += 1.0;
            } else if exact - lowest < 10.0 {
                squares += ((found + shift - exact) / std).powi(2);
                n += 1.0;
            }
        }
    }
    let rms = f64::sqrt(squares / n);
    println!("rms error in units of the stated error: {rms:.2} over {n} bins of 16 runs, {unseen} unseen");
    assert!((0.7..1.4).contains(&rms) && unseen < 0.01 * n, "{rms}, {unseen} bins unseen");
}

/// Over the barrier of 10 kT nobody goes; in the deep well alone F is right, up to the barrier's foot.
#[test]
fn mueller_brown_by_langevin_in_its_deep_well() {
    let text = MUELLER_BROWN.replace("range = [-2.5, 1.1]", "range = [-2.5, -1.4], bins = 30");
    let (profile, _) = sample(&text, Method::Langevin);
    check(&profile, mueller_brown, 6.0, 0.02);
}

#[test]
fn the_double_well_by_biased_methods() {
    for method in [Method::Metadynamics, Method::Umbrella] {
        let (profile, _) = sample(DOUBLE_WELL, method);
        check(&profile, double_well(6.0), 10.0, 0.01);
    }
}

/// A barrier of 1 kT needs no bias.
#[test]
fn a_shallow_double_well_by_langevin() {
    let text = DOUBLE_WELL.replace("b = 6", "b = 2").replace("[-2.3, 2.2]", "[-1.8, 1.6]");
    let (profile, _) = sample(&text, Method::Langevin);
    check(&profile, double_well(2.0), 6.0, 0.01);
}

/// Kinetic energy and the variance of a harmonic coordinate are those of the temperature.
#[test]
fn temperature_and_harmonic_variance() {
    let config = config(DOUBLE_WELL);
    let system = open(&config);
    let dynamics = Langevin::new(&system, system.masses(), 0.1, 1.0);
    let walls = Walls::new(system.coarse());
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let start = system.start().repeat(64);
    let mut walkers = dynamics.start(&system, start, Some(&walls), Phase::Test, &mut rng).unwrap();
    let (mut kinetic, mut square, mut n) = (0.0, 0.0, 0.0);
    for step in 0..20_000 {
        dynamics.step(&system, &mut walkers, Some(&walls), Phase::Test, &mut rng).unwrap();
        if step > 500 && step % 10 == 0 {
            let state = walkers.state();
            for (r, v) in state.positions.chunks_exact(2).zip(state.velocities.chunks_exact(2)) {
                (kinetic, square, n) = (kinetic + v[1] * v[1], square + r[1] * r[1], n + 1.0);
            }
        }
    }
    assert_eq!(system.energy_calls().of(Phase::Test), 64 * 20_001);
    // 125,000 samples, about one in two independent: a standard deviation of 0.006. In x2 the frequency is 1: the
    // positions of BAOAB are exact, its velocities off by (0.1)^2 / 4.
    let (kinetic, square) = (kinetic / n, square / n);
    assert!((kinetic - 1.0).abs() < 0.025, "{kinetic}");
    assert!((square - 1.0).abs() < 0.025, "{square}");
}

#[test]
fn every_energy_call_is_counted() {
    let text = DOUBLE_WELL.replace(
        "sampling = {",
        "sampling = { walkers = 20, steps = 330, equilibration-steps = 70, metadynamics = { build-up-steps = 120, pace = 50 }, ",
    );
    for (method, build_up) in [(Method::Langevin, 0), (Method::Metadynamics, 120)] {
        let (_, sampling) = sample(&text, method);
        let calls = sampling.system().energy_calls();
        let start = if build_up == 0 { Phase::Equilibration } else { Phase::BuildUp };
        let extra = |phase| if phase == start { 20 } else { 0 };
        assert_eq!(calls.of(Phase::BuildUp), 20 * build_up + extra(Phase::BuildUp));
        assert_eq!(calls.of(Phase::Equilibration), 20 * 70 + extra(Phase::Equilibration));
        assert_eq!((calls.of(Phase::Production), sampling.progress().calls_left), (20 * 330, 0));
    }
    let config = config(&text);
    let mut sampling = Sampling::start(open(&config), &config, Method::Umbrella).unwrap();
    let mut predicted = None;
    while sampling.advance().unwrap() {
        let progress = sampling.progress();
        if progress.phase == Some(Phase::Production) {
            let all = *predicted.get_or_insert(progress.energy_calls + progress.calls_left);
            assert_eq!(progress.energy_calls + progress.calls_left, all);
        }
    }
    assert_eq!(Some(sampling.progress().energy_calls), predicted);
    let windows = sampling.progress().windows.unwrap() as u64;
    assert_eq!(sampling.system().energy_calls().of(Phase::Equilibration), 70 * windows);
}

/// Interrupted at several moments, in another process so to speak, a run gives the same bits.
#[test]
fn an_interrupted_run_gives_the_same_bits() {
    let text = DOUBLE_WELL.replace(
        "sampling = {",
        "sampling = { walkers = 40, steps = 1200, equilibration-steps = 300, metadynamics = { build-up-steps = 300 }, ",
    );
    let config = config(&text);
    for method in [Method::Langevin, Method::Metadynamics, Method::Umbrella] {
        let (expected, alone) = sample(&text, method);
        let mut sampling = Sampling::start(open(&config), &config, method).unwrap();
        let mut segments = 0;
        while sampling.advance().unwrap() {
            segments += 1;
            if segments % 3 == 0 {
                let (snapshot, system) = (sampling.snapshot(), open(&config));
                system.energy_calls().restore(&sampling.system().energy_calls().by_phase());
                sampling = Sampling::resume(system, &config, method, snapshot).unwrap();
            }
        }
        assert!(segments > 6, "{segments}");
        assert_eq!(sampling.sampled().unwrap().landscape, expected, "{method:?}");
        assert_eq!(sampling.system().energy_calls().by_phase(), alone.system().energy_calls().by_phase());
    }
}

#[test]
fn what_cannot_be_sampled_is_refused() {
    let mut none = config(DOUBLE_WELL);
    none.coarse.variables.clear();
    let refusal = Sampling::start(open(&none), &none, Method::Metadynamics).unwrap_err().to_string();
    assert_eq!(refusal, "coarse.variables: sampling needs at least one coarse variable, got none");

    // A snapshot of one run for another.
    let config = config(DOUBLE_WELL);
    let sampling = Sampling::start(open(&config), &config, Method::Langevin).unwrap();
    let error = Sampling::resume(open(&config), &config, Method::Umbrella, sampling.snapshot()).unwrap_err();
    assert!(error.to_string().contains("the checkpoint does not fit the run: it has no array"), "{error}");
}
