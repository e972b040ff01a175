//! Calls that a plugin must refuse, those that it must not, and statuses that it must not give.

use std::sync::atomic::AtomicU32;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Layout};
use crate::check::demand::{UNKNOWN_BITS, demand_same};
use crate::check::raw::Instance;
use crate::check::verdict::{Finding, Outcome, failed_at};
use crate::request::monotonic_ns;
use crate::status::NO_STATUS;

/// Demands that a call is refused as one of which the plugin is not capable.
fn unsupported(call: &mut Call, instance: &Instance, what: &str) -> Result<(), Finding> {
    let (code, text, reply) = call.run_anyhow(instance);
    demand!(code != sys::OK, "evaluate takes {what}; refuse it with code {}", sys::E_UNSUPPORTED);
    demand!(
        code == sys::E_UNSUPPORTED,
        "evaluate refuses {what} with code {code} ({text}), expected {} (EPP_E_UNSUPPORTED)",
        sys::E_UNSUPPORTED
    );
    demand!(
        reply.statuses.iter().all(|&status| status != NO_STATUS && status != sys::SAMPLE_OK),
        "evaluate refuses {what}, but does not write the statuses; write {} then",
        sys::SAMPLE_INTERNAL
    );
    Ok(())
}

pub(super) fn required(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    for bit in UNKNOWN_BITS {
        let mut call = Call::new(survey, survey.base(0))?;
        call.batch.required = bit;
        unsupported(&mut call, &instance, &format!("a batch whose `required` has the bit {bit:#x}"))?;
    }
    Ok(String::new())
}

pub(super) fn unknown_want(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let wants = [sys::WANT_ENERGY, sys::WANT_GRADIENT, sys::WANT_ENERGY | sys::WANT_GRADIENT];
    for want in wants.into_iter().filter(|want| survey.info.has_gradient || *want == sys::WANT_ENERGY) {
        // What is not wanted has no buffer.
        let with = |bits: u32| {
            let mut call = Call::with(survey, survey.base(0), Layout { want, ..Layout::default() })?;
            call.batch.want |= bits;
            Ok::<_, Finding>(call.run_anyhow(&instance))
        };
        let (_, _, expected) = with(0)?;
        for bit in [4, 1 << 16, 1 << 31] {
            let (code, text, reply) = with(bit)?;
            let what = format!("want {:#x}, of which it does not know the bit {bit:#x}", want | bit);
            demand!(code == sys::OK, "evaluate refuses {what}, with code {code} ({text}); ignore the bit");
            demand_same(survey, survey.base(0), (&reply, 0), (&expected, 0), &what)?;
        }
    }
    Ok(String::new())
}

pub(super) fn no_gradient(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if survey.info.has_gradient {
        return Err(Finding::Skipped("it tells gradients".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let shape = crate::check::call::Shape { gradient: true, ..survey.into() };
    for want in [sys::WANT_GRADIENT, sys::WANT_ENERGY | sys::WANT_GRADIENT] {
        let mut call = Call::with(shape, survey.base(0), Layout { want, ..Layout::default() })?;
        unsupported(&mut call, &instance, "a call that wants a gradient, which info says there is not")?;
    }
    Ok(String::new())
}

pub(super) fn discrete(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.discrete {
        return Err(Finding::Skipped("its positions are not discrete".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    for place in [0, survey.row() - 1] {
        let mut positions = survey.base(0).to_vec();
        positions[place] += 0.123_456;
        let reply = Call::new(survey, &positions)?.run(&instance)?;
        if reply.statuses[0] != sys::SAMPLE_OUTSIDE_DOMAIN {
            let text = format!(
                "info says that only certain positions have an energy, but with coordinate {place} in between the status is \
                 {}, expected {}",
                reply.statuses[0],
                sys::SAMPLE_OUTSIDE_DOMAIN
            );
            return Err(failed_at(&positions, text));
        }
    }
    Ok(String::new())
}

pub(super) fn cancelled(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let row = survey.row();
    let count = survey.at_most(survey.affordable(0.3, 4, 200));
    let mut positions = survey.neighbours(count, 3.0, &mut bench.random());
    positions[..row].fill(f64::NAN);
    if count > 2 {
        positions[(count - 1) * row..].fill(1e300);
        positions[row..2 * row].fill(0.0);
    }
    let down = AtomicU32::new(0);
    for asked in [false, true] {
        let mut call = Call::new(survey, &positions)?;
        if asked {
            call.set_cancel(&down);
            call.batch.deadline_ns = monotonic_ns() + 3_600_000_000_000;
        }
        let (_, _, reply) = call.run_anyhow(&instance);
        if let Some(index) = reply.statuses.iter().position(|&status| status == sys::SAMPLE_CANCELLED) {
            let text = format!(
                "configuration {index} has status {} (cancelled), but nobody asked to stop",
                sys::SAMPLE_CANCELLED
            );
            return Err(failed_at(&positions[index * row..(index + 1) * row], text));
        }
    }
    Ok(format!("{count} configurations"))
}
