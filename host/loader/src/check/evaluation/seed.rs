//! Random numbers: drawn from the stream of a seed and a place, or not at all.

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::demand::demand_same;
use crate::check::verdict::{Finding, Outcome};

/// The place of the first configuration in its stream.
const FIRST: u64 = 1000;

pub(super) fn streams(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(7);
    let draw = |from: usize, count: usize, seed: u64, first: u64| {
        let mut call = Call::new(survey, &survey.batch(from, count))?;
        (call.batch.seed, call.batch.first) = (seed, first);
        call.run(&instance)
    };
    let compare = |reply: &Reply, from: usize, expected: &Reply, what: &str| {
        for index in 0..reply.statuses.len() {
            let what = format!("{what}, configuration {}", from + index);
            demand_same(survey, survey.base(from + index), (reply, index), (expected, from + index), &what)?;
        }
        Ok::<_, Finding>(())
    };
    let whole = draw(0, count, 7, FIRST)?;
    if !survey.info.uses_seed {
        for (seed, first) in [(0, 0), (8, FIRST), (7, 0), (u64::MAX, u64::MAX - 10)] {
            let what = "with another seed, which info does not say that it uses";
            compare(&draw(0, count, seed, first)?, 0, &whole, what)?;
        }
        return Ok("it uses none".to_owned());
    }
    compare(&draw(0, count, 7, FIRST)?, 0, &whole, "the same seed again")?;
    for size in [1, 2, 3].into_iter().filter(|&size| size < count) {
        for from in (0..count).step_by(size) {
            let piece = draw(from, size.min(count - from), 7, FIRST + from as u64)?;
            let what = format!("the batch cut into pieces of {size}, each with its `first`");
            compare(&piece, from, &whole, &what)?;
        }
    }
    let differs = |other: &Reply| {
        let pairs = other.energies.iter().zip(&whole.energies).zip(&whole.statuses);
        let gradients = other.gradients != whole.gradients;
        gradients || pairs.into_iter().any(|((a, b), &status)| status == sys::SAMPLE_OK && a != b)
    };
    demand!(
        differs(&draw(0, count, 8, FIRST)?),
        "another seed gives the same results; info says that it uses it"
    );
    demand!(
        differs(&draw(0, count, 7, FIRST + 500)?),
        "another `first` gives the same results; configuration i draws from the stream (seed, first + i)"
    );
    Ok("from streams".to_owned())
}
