//! How long one energy and gradient takes, through the ABI: `cargo run --release --example energy-mm -p freeland-molecular-mechanics`.
//!
//! Prints tables, and one JSON line with all of them. Times are the best and the median of many short calls: on a machine
//! that others use as well, the best is the one that nobody disturbed. Options: `--quick` measures the first table only.
#[path = "../tests/plugin/copies.rs"]
mod copies;

use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use freeland_molecular_mechanics::config::Config;
use freeland_molecular_mechanics::count::operations;
use freeland_molecular_mechanics::lanes::{Double, Lane, Machine, Real, Single};
use freeland_molecule::pdb::Pdb;
use pulp::{Arch, Simd, WithSimd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const PRECISIONS: [&str; 2] = ["single", "double"];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    println!(
        "peak of one core, fused multiply-adds: {:.1} GFLOP/s single, {:.1} double",
        peak(false),
        peak(true)
    );
    let mut json = built_in();
    if !quick {
        json["batches"] = batches();
        json["atoms"] = atoms();
    }
    println!("{json}");
}

/// 4,096 alanine dipeptides on one and on two threads.
fn built_in() -> serde_json::Value {
    let operations = operations(&Config::default()).expect("the built-in molecule");
    println!("alanine dipeptide, ff96 + OBC1: {operations:?}, {} flop", operations.flops());
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../molecule/data");
    let files = [data.join("alanine-dipeptide.obc1.xml"), data.join("alanine-dipeptide.pdb")];
    let openmm = openmm(&files, 0.5, &["Reference"]).first().copied();
    match openmm {
        Some(time) => println!("one OpenMM Reference Context, through Python: {time:.0} us"),
        None => println!("OpenMM is not measured: no Python with openmm; set FREELAND_PYTHON"),
    }
    let openmm = openmm.unwrap_or(f64::NAN);
    println!(
        "{:10} {:>7} {:>12} {:>12} {:>9} {:>8} {:>13}",
        "precision", "threads", "best us", "median us", "GFLOP/s", "of peak", "x OpenMM/core"
    );
    let mut json =
        serde_json::json!({"name": "energy-mm", "flop": operations.flops(), "openmm_reference_us": openmm});
    for precision in PRECISIONS {
        let mut one = f64::NAN;
        for threads in [1, 2] {
            let system = Measured::new(&serde_json::json!({}), precision, threads);
            let (best, median) = system.time(4096, 1.0);
            let rate = operations.flops() as f64 / best / 1e3;
            let fraction = rate / (threads as f64 * peak(precision == "double"));
            let ratio = openmm / best / threads as f64;
            println!(
                "{precision:10} {threads:7} {best:12.3} {median:12.3} {rate:9.1} {:7.0}% {ratio:13.0}",
                100.0 * fraction
            );
            json[format!("{precision}_{threads}_us")] = best.into();
            if threads == 1 {
                one = best
            } else {
                println!("{precision}: two threads are {:.2} times one", one / best)
            }
        }
    }
    json
}

/// Microseconds per energy and gradient of a System and its atoms with OpenMM, in this run; empty without OpenMM.
fn openmm(files: &[PathBuf; 2], seconds: f64, platforms: &[&str]) -> Vec<f64> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let set_up = package.join("../../.deps/python/bin/python");
    let python = std::env::var_os("FREELAND_PYTHON").map_or(set_up, Into::into);
    let mut command = Command::new(python);
    command.arg(package.join("examples/openmm-times.py")).args(files).arg(seconds.to_string());
    let text = command.args(platforms).output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter_map(|line| line.parse().ok()).collect()
}

/// Cost against the number of atoms: copies of alanine dipeptide as one molecule.
fn atoms() -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a folder for files");
    println!("us per energy and gradient of one molecule, ff96 + OBC1; *: one configuration a call");
    println!(
        "{:>6} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>13} {:>11}",
        "atoms",
        "single*",
        "single* 2t",
        "double*",
        "double* 2t",
        "single 2t",
        "double 2t",
        "OpenMM Ref.",
        "OpenMM CPU"
    );
    let mut rows = Vec::new();
    for (copies, seconds) in [(1, 0.3), (5, 0.3), (14, 0.3), (23, 0.5), (45, 0.5), (136, 0.5)] {
        let config = copies::write(folder.path(), copies);
        let file = |key: &str| PathBuf::from(config[key].as_str().expect("a path"));
        let mut times = Vec::new();
        for precision in PRECISIONS {
            for threads in [1, 2] {
                times.push(Measured::new(&config, precision, threads).time(1, seconds).0);
            }
        }
        for precision in PRECISIONS {
            times.push(Measured::new(&config, precision, 2).time(64, seconds).0);
        }
        times.extend(openmm(&[file("system-xml"), file("pdb")], seconds, &["Reference", "CPU"]));
        print!("{:6}", 22 * copies);
        for (place, time) in times.iter().enumerate() {
            print!(" {time:>width$.1}", width = if place == 6 { 13 } else { 11 });
        }
        println!();
        rows.push(serde_json::json!({"atoms": 22 * copies, "us": times}));
    }
    rows.into()
}

/// Cost against the size of the batch, alanine dipeptide, one thread.
fn batches() -> serde_json::Value {
    let mut rows = Vec::new();
    println!("{:10} {:>6} {:>12}", "precision", "batch", "best us");
    for precision in PRECISIONS {
        let system = Measured::new(&serde_json::json!({}), precision, 1);
        for count in [1, 2, 3, 4, 6, 8, 16, 64, 512, 4096] {
            let best = system.time(count, 0.5).0;
            println!("{precision:10} {count:6} {best:12.3}");
            rows.push(serde_json::json!({"precision": precision, "batch": count, "us": best}));
        }
    }
    rows.into()
}

struct Measured {
    potential: Trial<MolecularMechanics>,
    start: Vec<f64>,
}

impl Measured {
    fn new(config: &serde_json::Value, precision: &str, threads: usize) -> Self {
        let mut config = config.clone();
        config["precision"] = precision.into();
        config["threads"] = threads.into();
        let text = config.to_string();
        let potential = Trial::create(&text, None).expect("a molecule of this package");
        let pdb = match config["pdb"].as_str() {
            Some(path) => std::fs::read(path).expect("a file of this package"),
            None => freeland_molecule::alanine::PDB.into(),
        };
        let start = Pdb::parse(&pdb).expect("a good PDB file").positions().to_vec();
        Self { potential, start }
    }

    /// Best and median time per configuration, us, of calls with `count` configurations, measured for some seconds.
    fn time(&self, count: usize, seconds: f64) -> (f64, f64) {
        let width = self.start.len();
        let positions: Vec<f64> = (0..count * width)
            .map(|index| self.start[index % width] + 1e-5 * ((index * 7919 % 1009) as f64 - 504.0))
            .collect();
        let mut times: Vec<f64> = Vec::new();
        let begin = Instant::now();
        while times.len() < 3 || (times.len() < 100_000 && begin.elapsed().as_secs_f64() < seconds) {
            let start = Instant::now();
            let results = self.potential.evaluate(&positions).expect("the call works");
            times.push(start.elapsed().as_secs_f64() / count as f64 * 1e6);
            assert!(results.statuses.iter().all(|&status| status == 0));
        }
        times.sort_by(f64::total_cmp);
        (times[0], times[times.len() / 2])
    }
}

/// GFLOP/s of independent fused multiply-adds.
fn peak(double: bool) -> f64 {
    let rate = |_| Arch::new().dispatch(Peak { double });
    (0..40).map(rate).fold(0.0, f64::max)
}

struct Peak {
    double: bool,
}

impl WithSimd for Peak {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        if self.double { multiply_add(Double(simd)) } else { multiply_add(Single(simd)) }
    }
}

#[inline(always)]
fn multiply_add<M: Machine>(m: M) -> f64 {
    const CHAINS: usize = 12;
    const ROUNDS: usize = 100_000;
    let mut memory = vec![M::Real::of(1.0); M::LANES * CHAINS];
    let sums: &mut [M::Stored] = bytemuck::cast_slice_mut(&mut memory);
    let factor = m.splat(std::hint::black_box(M::Real::of(0.999)));
    let addend = m.splat(std::hint::black_box(M::Real::of(1e-3)));
    let start = Instant::now();
    let mut chains = [factor; CHAINS];
    for _ in 0..ROUNDS {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, addend);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    for (index, chain) in chains.into_iter().enumerate() {
        m.put(sums, index, chain);
    }
    std::hint::black_box(&memory);
    (2 * CHAINS * ROUNDS * M::LANES) as f64 / seconds / 1e9
}
