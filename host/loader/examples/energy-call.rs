//! What a call of a plugin costs beyond the energy itself: `cargo run --release -p freeland-loader --example energy-call -- LIBRARY`.
//!
//! `LIBRARY` is the toys' shared library. One configuration of Müller-Brown with its gradient, and batches of 64 and 4,096:
//! the function called directly, through the plugin in this process, and through a worker process. In turns; of many runs
//! the best, which nobody disturbed, and the median. What a worker adds to the largest batch is a small difference of two
//! long times: it is measured in pairs of its own, the two after one another. Prints a table and one JSON line.
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use epp::sdk::{CreateRequest, Potential as _};
use freeland_loader::{
    Isolation, OpenError, Options, Potential, ProcessOptions, Request, SearchPath, open, open_with,
};
use freeland_toys::{MuellerBrown, MuellerBrownConfig};
use serde_json::{Value, json};

/// How long one run takes, about.
const RUN: Duration = Duration::from_millis(2);
const RUNS: usize = 400;
const BATCHES: [usize; 3] = [1, 64, LARGE];
const LARGE: usize = 4096;
const PAIRS: usize = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = std::env::args_os().nth(1).map(PathBuf::from).ok_or("say where the toys' library is")?;
    let spec = format!("{}#mueller-brown", library.display());
    let direct = MuellerBrown::create(CreateRequest::new(MuellerBrownConfig::default()))?;
    let here = open(&spec, &Value::Null, &SearchPath::of([]))?;
    let there = isolated(&spec)?;
    println!(
        "{:>6} {:>26} {:>26} {:>26} {:>12} {:>12}",
        "batch", "direct ns (median)", "in process", "worker", "added/call", "added/batch"
    );
    let mut rows = Vec::new();
    for batch in BATCHES {
        let positions = positions(batch);
        let (mut energies, mut gradients, mut statuses) =
            (vec![0.0; batch], vec![0.0; 2 * batch], vec![0; batch]);
        let mut calls: [Box<dyn FnMut()>; 3] = [
            Box::new(|| {
                for place in black_box(&positions).chunks_exact(2) {
                    black_box(direct.energy_and_gradient([place[0], place[1]]));
                }
            }),
            through(&here, &positions),
            through(&there, &positions),
        ];
        let mut times = [const { Vec::new() }; 3];
        let repeats = calls.each_mut().map(|call| repeats(call));
        for _ in 0..RUNS {
            for ((call, times), repeats) in calls.iter_mut().zip(&mut times).zip(repeats) {
                times.push(time(call, repeats));
            }
        }
        drop(calls);
        let request =
            Request::new(&positions, &mut statuses).energies(&mut energies).gradients(&mut gradients);
        there.evaluate_into(request)?;
        assert!(statuses.iter().all(|&status| status == 0), "every configuration has an energy");
        let [(d, dm), (h, hm), (t, tm)] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            (times[0], times[RUNS / 2])
        });
        let cell = |best: f64, median: f64| format!("{best:.0} ({median:.0})");
        println!(
            "{batch:>6} {:>26} {:>26} {:>26} {:>9.0} ns {:>9.2} us",
            cell(d, dm),
            cell(h, hm),
            cell(t, tm),
            (h - d) / batch as f64,
            (t - h) / 1e3
        );
        rows.push(json!({
            "batch": batch, "direct_ns": d, "in_process_ns": h, "worker_ns": t,
            "in_process_added_per_call_ns": h - d, "worker_added_per_batch_us": (t - h) / 1e3,
            "median": { "direct_ns": dm, "in_process_ns": hm, "worker_ns": tm },
        }));
    }
    let pairs = pairs(&here, &there);
    println!("{}", json!({ "benchmark": "energy-call", "rows": rows, "pairs": pairs }));
    Ok(())
}

fn positions(batch: usize) -> Vec<f64> {
    (0..batch).flat_map(|k| [-0.5, 1.4 + 1e-5 * k as f64]).collect()
}

/// What a worker adds to a large batch, in microseconds: by the best times, and by the differences of neighbours in time.
fn pairs(here: &Potential, there: &Potential) -> Value {
    let positions = positions(LARGE);
    let mut calls = [here, there].map(|potential| through(potential, &positions));
    let repeats = calls.each_mut().map(|call| repeats(call));
    let mut best = [f64::INFINITY; 2];
    let mut added: Vec<f64> = (0..PAIRS)
        .map(|pair| {
            let mut times = [0.0; 2];
            // Each goes first as often as the other.
            for place in [pair % 2, 1 - pair % 2] {
                times[place] = time(&mut calls[place], repeats[place]) / 1e3;
                best[place] = best[place].min(times[place]);
            }
            times[1] - times[0]
        })
        .collect();
    added.sort_by(f64::total_cmp);
    let [low, median, high] = [1, 2, 3].map(|quarter| added[quarter * (PAIRS - 1) / 4]);
    let of_best = best[1] - best[0];
    println!(
        "a worker adds to a batch of {LARGE}, in {PAIRS} pairs: best {of_best:.1} us, median {median:.1} us ({low:.1} to {high:.1})"
    );
    json!({ "batch": LARGE, "worker_added_us": { "best": of_best, "median": median, "quartiles": [low, high] } })
}

fn isolated(spec: &str) -> Result<Potential, OpenError> {
    let isolation = Isolation::Process(ProcessOptions { workers: Some(1), ..ProcessOptions::default() });
    open_with(spec, &Value::Null, &SearchPath::of([]), &Options { isolation, ..Options::default() })
}

/// One batch, in buffers that are there already.
fn through<'a>(potential: &'a Potential, positions: &'a [f64]) -> Box<dyn FnMut() + 'a> {
    let count = positions.len() / 2;
    let (mut energies, mut gradients, mut statuses) =
        (vec![0.0; count], vec![0.0; positions.len()], vec![0; count]);
    Box::new(move || {
        let request = Request::new(black_box(positions), &mut statuses);
        let outcome = potential.evaluate_into(request.energies(&mut energies).gradients(&mut gradients));
        outcome.expect("Müller-Brown has an energy everywhere");
    })
}

/// How many calls make a run.
fn repeats(call: &mut Box<dyn FnMut() + '_>) -> u32 {
    let begun = Instant::now();
    let mut calls = 0_u32;
    while begun.elapsed() < RUN {
        call();
        calls += 1;
    }
    calls.max(1)
}

/// Nanoseconds per call.
fn time(call: &mut Box<dyn FnMut() + '_>, repeats: u32) -> f64 {
    let begun = Instant::now();
    (0..repeats).for_each(|_| call());
    begun.elapsed().as_nanos() as f64 / f64::from(repeats)
}
