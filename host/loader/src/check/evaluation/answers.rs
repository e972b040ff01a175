//! Whether there are answers at all.

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Layout, Reply};
use crate::check::demand::duration;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, apart, failed_at};
use crate::status::{NO_STATUS, status_name};

pub(super) fn answers(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let survey = Survey::make(bench.descriptor()?, &instance, bench.random())?;
    let note = format!(
        "{} configurations from {}; {} each",
        survey.count(),
        survey.source,
        duration(survey.seconds)
    );
    bench.facts.borrow_mut().survey = Some(survey);
    Ok(note)
}

pub(super) fn statuses(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let info = instance.info(bench.descriptor()?)?;
    // Whatever these configurations are: a status is due.
    let survey = Survey::unsettled(bench.descriptor()?, info);
    for count in [1, 2, 5] {
        let count = survey.at_most(count);
        let positions: Vec<f64> =
            (0..count * survey.row()).map(|place| 0.37 * (place as f64).sin()).collect();
        let (_, _, reply) = Call::new(&survey, &positions)?.run_anyhow(&instance);
        for (index, &status) in reply.statuses.iter().enumerate() {
            demand!(
                status != NO_STATUS,
                "configuration {index} of {count} gets no status; write all of them, also where evaluate fails"
            );
            demand!(
                (sys::SAMPLE_OK..=sys::SAMPLE_INTERNAL).contains(&status),
                "configuration {index} of {count} gets status {status}, which version 1 does not define (0 to 8)"
            );
        }
    }
    Ok(String::new())
}

pub(super) fn finite_results(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.affordable(0.3, 16, 400);
    let mut positions = survey.not_finite.clone();
    positions.extend(survey.neighbours(count, 3.0, &mut bench.random()));
    let reply = survey.evaluate(&instance, &positions)?;
    demand_finite(survey, &positions, &reply)?;
    Ok(format!("{count} configurations"))
}

/// Demands that energy and gradient are finite wherever the status is 0.
pub(super) fn demand_finite(survey: &Survey, positions: &[f64], reply: &Reply) -> Result<(), Finding> {
    for (index, configuration) in positions.chunks(survey.row()).enumerate() {
        if reply.statuses[index] != sys::SAMPLE_OK {
            continue;
        }
        let energy = reply.energies[index];
        if !energy.is_finite() {
            let text = format!(
                "configuration {index} has status 0 and the energy {energy}; give status {} ({})",
                sys::SAMPLE_ENERGY_NOT_FINITE,
                status_name(sys::SAMPLE_ENERGY_NOT_FINITE)
            );
            return Err(failed_at(configuration, text));
        }
        if let Some(place) = reply.gradient(index).iter().position(|g| !g.is_finite()) {
            let text = format!(
                "configuration {index} has status 0, but its gradient is {} at coordinate {place}; give status {} ({})",
                reply.gradient(index)[place],
                sys::SAMPLE_GRADIENT_NOT_FINITE,
                status_name(sys::SAMPLE_GRADIENT_NOT_FINITE)
            );
            return Err(failed_at(configuration, text));
        }
    }
    Ok(())
}

pub(super) fn energy_alone(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.has_gradient {
        return Err(Finding::Skipped("it tells no gradient".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(survey.count());
    let positions = survey.batch(0, count);
    let both = Call::new(survey, &positions)?.run(&instance)?;
    let only = |want| Call::with(survey, &positions, Layout { want, ..Layout::default() })?.run(&instance);
    let (energies, gradients) = (only(sys::WANT_ENERGY)?, only(sys::WANT_GRADIENT)?);
    let relative = survey.rounding();
    let mut worst = 0.0_f64;
    for index in 0..count {
        let at = survey.base(index);
        if [&energies, &gradients].iter().any(|reply| reply.statuses[index] != both.statuses[index]) {
            let text = format!(
                "configuration {index} has status {} with both, {} with the energy alone, {} with the gradient alone",
                both.statuses[index], energies.statuses[index], gradients.statuses[index]
            );
            return Err(failed_at(at, text));
        }
        let difference = (energies.energies[index] - both.energies[index]).abs();
        worst = worst.max(difference);
        if apart(difference, survey.energy_tolerance(both.energies[index], relative)) {
            let text = format!(
                "the energy of configuration {index} is {} alone and {} with the gradient, {difference:.3e} apart",
                energies.energies[index], both.energies[index]
            );
            return Err(failed_at(at, text));
        }
        let most = relative * 10.0 * survey.gradient_norm(both.gradient(index));
        let pairs = gradients.gradient(index).iter().zip(both.gradient(index));
        if let Some((place, (alone, together))) =
            pairs.enumerate().find(|(_, (a, b))| apart((*a - *b).abs(), most))
        {
            let text = format!(
                "the gradient of configuration {index} at coordinate {place} is {alone} alone and {together} with the energy"
            );
            return Err(failed_at(at, text));
        }
    }
    Ok(format!("largest difference {worst:.1e}"))
}
