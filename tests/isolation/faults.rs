//! Crashes and hangs: the configuration that brings them about gets status 8, the others their values.

use std::time::{Duration, Instant};

use freeland_loader::{EvaluateError, Evaluation, Faults, Potential, ProcessOptions};
use serde_json::json;

use super::limits::named;
use super::{isolated, isolated_c, process};
use crate::support::{misbehaving, misbehaving_potential, positions};

/// 21 harmless configurations, but for that at `places`, whose x is `x`.
fn with_misdeeds(places: &[usize], x: f64) -> Vec<f64> {
    let mut points = positions(21).into_raw_vec_and_offset().0;
    for place in places {
        points[2 * place] = x;
    }
    points
}

/// Evaluates with misdeeds at `places`; they have status 8, the others what they have without workers.
#[track_caller]
fn given_up(potential: &Potential, places: &[usize], x: f64) -> Faults {
    let found = potential.evaluate(&with_misdeeds(places, x), true).unwrap();
    let good = misbehaving_potential("well-behaved").evaluate(&with_misdeeds(&[], x), true).unwrap();
    check(&found, &good, places);
    let faults = potential.faults().unwrap();
    assert_eq!(faults.killed_samples, places.len() as u64, "{faults}");
    faults
}

#[track_caller]
fn check(found: &Evaluation, good: &Evaluation, places: &[usize]) {
    for index in 0..good.statuses.len() {
        let rows = 2 * index..2 * index + 2;
        if places.contains(&index) {
            assert_eq!(found.statuses[index], 8, "{:?}", found.statuses);
            assert!(found.energies[index].is_nan() && found.gradients[rows] == [0.0; 2]);
        } else {
            assert_eq!(found.statuses[index], 0, "{:?}", found.statuses);
            assert_eq!(found.energies[index].to_bits(), good.energies[index].to_bits());
            assert_eq!(found.gradients[rows.clone()], good.gradients[rows]);
        }
    }
}

#[test]
fn a_configuration_that_crashes_is_found() {
    for x in [100.0, 101.0, 102.0] {
        let potential = isolated_c("by-position", process());
        let faults = given_up(&potential, &[7], x);
        // 21, 10 or 11, 5 or 6, 2 or 3, perhaps 2, 1.
        assert!((5..=6).contains(&faults.crashes) && faults.hangs == 0, "{faults}");
        assert_eq!(faults.restarts, faults.crashes);
        assert!(faults.sent_again > 21, "{faults}");
    }
}

#[test]
fn several_that_crash_are_found_by_several_workers() {
    let potential = isolated_c("by-position", ProcessOptions { workers: Some(3), ..process() });
    given_up(&potential, &[0, 7, 8, 20], 101.0);
    let again = potential.evaluate(&with_misdeeds(&[], 0.0), false).unwrap();
    assert_eq!(again.failed(), 0, "workers are as new");
}

#[test]
fn a_configuration_that_hangs_is_found_and_killed() {
    let potential = isolated_c("by-position", process());
    let faults = given_up(&potential, &[20], 103.0);
    assert!((5..=6).contains(&faults.hangs) && faults.crashes == 0, "{faults}");
}

#[test]
fn one_that_heeds_the_cancel_flag_is_not_killed() {
    let potential = isolated_c("by-position", process());
    let faults = given_up(&potential, &[20], 104.0);
    assert_eq!((faults.crashes, faults.restarts), (0, 0), "{faults}");
    assert!(faults.hangs >= 2, "{faults}");
}

#[test]
fn memory_that_is_not_there_is_no_harm_to_others() {
    // Touching so much memory takes its time.
    let time_limit = Duration::from_secs(60);
    let process = ProcessOptions { memory: Some(256 << 20), time_limit, ..process() };
    let potential = isolated_c("by-position", process);
    let faults = given_up(&potential, &[3], 105.0);
    assert!(faults.crashes > 0, "{faults}");
}

#[test]
fn a_worker_that_leaks_is_replaced_before_it_runs_out() {
    let potential = isolated_c("by-position", ProcessOptions { memory: Some(512 << 20), ..process() });
    let until = Instant::now() + Duration::from_secs(60);
    while potential.faults().unwrap().recycled < 2 {
        // 16 MB each.
        assert_eq!(potential.evaluate(&[109.0, 0.0], false).unwrap().statuses, [0]);
        assert!(Instant::now() < until, "{}", potential.faults().unwrap());
        std::thread::sleep(Duration::from_millis(80));
    }
    assert_eq!(potential.faults().unwrap().crashes, 0);
}

#[test]
fn children_go_with_their_worker() {
    let potential = isolated_c("by-position", process());
    given_up(&potential, &[5], 106.0);
    // They would stay for ever; killed ones are gone as soon as the system gets round to it.
    let until = Instant::now() + Duration::from_secs(30);
    while !named("orphan-by-plan").is_empty() {
        assert!(Instant::now() < until, "children of a worker outlive it");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_plugin_that_crashes_when_it_is_created_is_an_error() {
    let error =
        isolated(&misbehaving("by-position"), &json!({"mode": "abort"}), process()).unwrap_err().to_string();
    let expected = "the worker process of plugin 'libby-position.so' was ended by SIGABRT (abort) while the plugin was \
                    loaded and created; its last words: the parameter file bit me; 'freeland plugin check' may tell why";
    assert_eq!(error, expected);
}

#[test]
fn the_restart_budget_ends_in_an_error_that_says_what_to_do() {
    let potential = isolated_c("by-position", ProcessOptions { max_restarts: 2, ..process() });
    let error = potential.evaluate(&with_misdeeds(&[4], 101.0), false).unwrap_err();
    assert!(matches!(error, EvaluateError::RestartBudget { allowed: 2, .. }), "{error}");
    let error = error.to_string();
    let expected = "'misbehaving' has brought down its worker processes too often (3 crashes, 2 restarts";
    assert!(error.starts_with(expected), "{error}");
    assert!(
        error.contains("the last one was ended by SIGSEGV (invalid memory reference). Find the cause with"),
        "{error}"
    );
    // Harmless batches go on: the place of the lost worker can be filled.
    assert_eq!(potential.evaluate(&with_misdeeds(&[], 0.0), false).unwrap().failed(), 0);
}
