//! What the boundary costs. Timings of a shared machine are no test; run this one by hand:
//! `cargo test --release -p freeland-toys speed -- --ignored --nocapture`.
use std::hint::black_box;
use std::time::Instant;

use epp::sdk::{CreateRequest, Potential, Trial, TrialResults};
use freeland_toys::{MuellerBrown, MuellerBrownConfig};

const CALLS: u32 = 300_000;

/// Nanoseconds per call, the best of five.
fn time(mut call: impl FnMut()) -> f64 {
    let run = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    (0..5).map(|_| run(&mut call)).fold(f64::INFINITY, f64::min)
}

#[test]
#[ignore = "a timing"]
fn one_configuration_of_mueller_brown() {
    let direct = MuellerBrown::create(CreateRequest::new(MuellerBrownConfig::default())).unwrap();
    let alone = time(|| {
        black_box(direct.energy_and_gradient(black_box([-0.5, 1.4])));
    });
    let trial = Trial::<MuellerBrown>::create("{}", None).unwrap();
    let mut results = TrialResults::default();
    let through = time(|| trial.evaluate_into(black_box(&[-0.5, 1.4]), black_box(&mut results)).unwrap());
    let many: Vec<f64> = (0..1000).flat_map(|k| [-0.5, 1.4 + 1e-4 * f64::from(k)]).collect();
    let batch = Instant::now();
    (0..100).for_each(|_| trial.evaluate_into(black_box(&many), black_box(&mut results)).unwrap());
    let each = batch.elapsed().as_nanos() as f64 / 1e5;
    println!(
        "{alone:.0} ns the function, {through:.0} ns through the boundary, {each:.0} ns each of a thousand"
    );
}
