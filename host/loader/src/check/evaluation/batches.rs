//! Batches: a configuration's result does not depend on its company.

use epp::sys;
use rand::seq::SliceRandom;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Reply};
use crate::check::demand::demand_same;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome};
use crate::status::NO_STATUS;

/// The base configurations one by one.
pub(super) fn one_by_one(
    survey: &Survey,
    instance: &crate::check::raw::Instance,
    count: usize,
) -> Result<Vec<Reply>, Finding> {
    let one = |index: usize| {
        let mut call = Call::new(survey, survey.base(index))?;
        // The same place in the stream of random numbers as in a batch.
        call.batch.first = index as u64;
        call.run(instance)
    };
    (0..count.min(survey.count())).map(one).collect()
}

pub(super) fn singles(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(8);
    let batch = Call::new(survey, &survey.batch(0, count))?.run(&instance)?;
    let single = one_by_one(survey, &instance, count)?;
    let mut worst = 0.0_f64;
    for index in 0..count {
        let what = format!("configuration {index} in a batch of {count}, compared with it alone");
        let expected = (&single[index % single.len()], 0);
        worst = worst.max(demand_same(survey, survey.base(index), (&batch, index), expected, &what)?);
    }
    Ok(format!("largest difference {worst:.1e}"))
}

pub(super) fn order(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    if survey.info.uses_seed {
        return Err(Finding::Skipped("its results depend on the place, by the seed".to_owned()));
    }
    let count = survey.at_most(survey.count().max(2));
    if count < 2 {
        return Err(Finding::Skipped("it takes one configuration at a time".to_owned()));
    }
    let expected = Call::new(survey, &survey.batch(0, count))?.run(&instance)?;
    let mut random = bench.random();
    let mut order: Vec<usize> = (0..count).collect();
    for trial in 0..4 {
        match trial {
            0 => order.reverse(),
            _ => order.shuffle(&mut random),
        }
        let positions: Vec<f64> = order.iter().flat_map(|&index| survey.base(index)).copied().collect();
        let reply = Call::new(survey, &positions)?.run(&instance)?;
        for (place, &index) in order.iter().enumerate() {
            let what = format!("the same batch in another order, configuration {index} at place {place}");
            demand_same(survey, survey.base(index), (&reply, place), (&expected, index), &what)?;
        }
    }
    Ok(String::new())
}

pub(super) fn sizes(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let single = one_by_one(survey, &instance, survey.count())?;
    let (code, text, _) = Call::new(survey, &[])?.run_anyhow(&instance);
    demand!(code == sys::OK, "evaluate refuses a batch of 0 configurations ({text}); it has nothing to do");
    let mut sizes = vec![1, 2, 3, 7, 13, 31];
    sizes.push(survey.affordable(0.3, 1, 257));
    if let Some(most) = survey.info.max_batch.filter(|&most| most <= survey.affordable(2.0, 16, 65_537)) {
        sizes.push(most);
    }
    sizes.retain(|&size| survey.at_most(size) == size && size <= survey.affordable(1.0, 3, 1000));
    for &size in &sizes {
        let reply = Call::new(survey, &survey.batch(0, size))?.run(&instance)?;
        // Further places draw other random numbers.
        let comparable = if survey.info.uses_seed { size.min(single.len()) } else { size };
        for index in 0..comparable {
            let what = format!("configuration {index} of a batch of {size}, compared with it alone");
            demand_same(
                survey,
                survey.base(index),
                (&reply, index),
                (&single[index % single.len()], 0),
                &what,
            )?;
        }
    }
    if let Some(most) = survey.info.max_batch.filter(|&most| most < survey.affordable(2.0, 16, 65_537)) {
        above(survey, &instance, most + 1, &single)?;
    }
    Ok(format!("{sizes:?}"))
}

/// A batch above the largest: refused with statuses, or answered as any other.
fn above(
    survey: &Survey,
    instance: &crate::check::raw::Instance,
    size: usize,
    single: &[Reply],
) -> Result<(), Finding> {
    let (code, _, reply) = Call::new(survey, &survey.batch(0, size))?.run_anyhow(instance);
    for index in 0..size {
        let status = reply.statuses[index];
        demand!(
            status != NO_STATUS,
            "a batch of {size}, one above max_batch, leaves configuration {index} without a status"
        );
        if code == sys::OK && (!survey.info.uses_seed || index < single.len()) {
            let what = format!("configuration {index} of a batch of {size}, one above max_batch");
            demand_same(
                survey,
                survey.base(index),
                (&reply, index),
                (&single[index % single.len()], 0),
                &what,
            )?;
        }
    }
    Ok(())
}
