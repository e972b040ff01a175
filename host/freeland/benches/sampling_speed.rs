//! What a step of sampling costs beside the energy call in it: alanine dipeptide, one block of walkers, one thread.
//!
//! `cargo build --release -p freeland-molecular-mechanics && cargo bench -p freeland --bench sampling_speed`
use std::path::{Path, PathBuf};
use std::time::Instant;

use freeland::config::Config;
use freeland::dynamics::{Bias, GridBias, Langevin, Walls};
use freeland::system::{Phase, System};
use freeland_loader::{Library, Manifest, SearchPath};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

const WALKERS: usize = 16;
const STEPS: usize = 2_000;
const REPEATS: usize = 15;

fn config(precision: &str) -> Config {
    let text = format!(
        r#"
temperature = "300 K"
potential = {{ plugin = "molecular-mechanics", config = {{ precision = "{precision}", threads = 1 }} }}
coarse.variables = ["phi", "psi"]
starting-data = {{ method = "dynamics", walkers = 1, steps = 1, time-step = "1 fs", friction = "2 /ps" }}
active-learning = {{ max-energy-calls = 1, max-free-energy = "14 kT" }}
"#
    );
    Config::parse(&text, Path::new("bench.toml")).expect("the run file is good")
}

/// The folder of the plugin: `target/release`, two above the benchmark.
fn folder() -> PathBuf {
    let bench = std::env::current_exe().expect("it runs");
    let folder = bench.ancestors().nth(2).expect("it lies in target/release/deps").to_path_buf();
    let name = format!(
        "{}freeland_molecular_mechanics{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let library = Library::open_ignoring_manifest(&folder.join(name)).expect("the plugin was built");
    library.manifest().write(&Manifest::path_of(library.path())).expect("the folder can be written");
    folder
}

fn best(mut work: impl FnMut()) -> f64 {
    let times = (0..REPEATS).map(|_| {
        let clock = Instant::now();
        work();
        clock.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min) / (STEPS * WALKERS) as f64 * 1e6
}

fn main() {
    let search = SearchPath::new(&[folder()]);
    println!("| precision | energy call / us | step with a bias / us | added / us |\n|---|---|---|---|");
    for precision in ["single", "double"] {
        let system = System::open(&config(precision), &search).expect("the system opens");
        let dynamics = Langevin::new(&system, system.masses(), 0.001, 2.0);
        let mut grid = GridBias::new(system.coarse(), &[0.3, 0.3]).expect("a small grid");
        grid.add_hill(&[-1.5, 1.0], 3.0, &[0.3, 0.3]);
        let walls = Walls::new(system.coarse());
        let bias = freeland::dynamics::Walled { grid: &grid, walls: &walls };
        let bias: Option<&dyn Bias> = Some(&bias);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let start = system.start().repeat(WALKERS);
        let mut walkers =
            dynamics.start(&system, start, bias, Phase::Test, &mut rng).expect("the start has an energy");
        let step = best(|| {
            for _ in 0..STEPS {
                dynamics
                    .step(&system, &mut walkers, bias, Phase::Test, &mut rng)
                    .expect("energies are finite");
            }
        });
        let positions = walkers.positions().to_vec();
        let (mut u, mut g, mut status) = (vec![0.0; WALKERS], vec![0.0; positions.len()], vec![0; WALKERS]);
        let call = best(|| {
            for _ in 0..STEPS {
                system
                    .cartesian_energy_into(&positions, &mut u, &mut g, &mut status, Phase::Test)
                    .expect("energies are finite");
            }
        });
        println!("| {precision} | {call:.2} | {step:.2} | {:.2} |", step - call);
    }
}
