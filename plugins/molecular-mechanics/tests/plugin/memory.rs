//! Nothing is allocated for a configuration once the first batch has been seen.
use epp::sdk::Trial;
use freeland_molecular_mechanics::MolecularMechanics;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations of one call with `count` configurations, the least of some: other tests run at the same time.
fn allocations(potential: &Trial<MolecularMechanics>, count: usize) -> usize {
    let positions: Vec<f64> = (0..count * 66).map(|index| 0.1 * (index % 66) as f64).collect();
    (0..200)
        .map(|_| {
            let region = Region::new(ALLOCATOR);
            potential.evaluate(&positions).unwrap();
            region.change().allocations
        })
        .min()
        .unwrap()
}

#[test]
fn allocations_do_not_grow_with_the_batch() {
    let potential = Trial::create(r#"{"threads": 1}"#, None).unwrap();
    let few = allocations(&potential, 1);
    // What is left is the caller's: results and text of the trial.
    assert!(few < 10, "{few}");
    assert!(allocations(&potential, 500) <= few);
}
