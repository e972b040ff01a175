//! What happens to the caller's buffers.

use std::mem::offset_of;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{CANARY, CANARY_SINGLE, Call, Fill, Layout, Reply};
use crate::check::demand::demand_same;
use crate::check::memory::{Memory, Placement};
use crate::check::raw::Instance;
use crate::check::survey::Survey;
use crate::check::verdict::{Finding, Outcome, failed, failed_at};
use crate::descriptor::Dtype;

/// A batch of up to seven, as everybody would call it.
fn plain(survey: &Survey, instance: &Instance) -> Result<(Vec<f64>, Reply), Finding> {
    let positions = survey.batch(0, survey.at_most(7));
    let reply = Call::new(survey, &positions)?.run(instance)?;
    Ok((positions, reply))
}

fn compare(survey: &Survey, reply: &Reply, expected: &Reply, what: &str) -> Result<(), Finding> {
    for index in 0..reply.statuses.len() {
        let what = format!("{what}, configuration {index}");
        demand_same(survey, survey.base(index), (reply, index), (expected, index), &what)?;
    }
    Ok(())
}

/// What may be wanted.
fn wants(survey: &Survey) -> &'static [u32] {
    const ALL: [u32; 3] = [sys::WANT_ENERGY, sys::WANT_GRADIENT, sys::WANT_ENERGY | sys::WANT_GRADIENT];
    if survey.info.has_gradient { &ALL } else { &ALL[..1] }
}

pub(super) fn strides(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, expected) = plain(survey, &instance)?;
    for (position_gap, gradient_gap) in [(0, 0), (1, 0), (0, 1), (5, 2), (survey.row(), 3)] {
        let layout = Layout {
            position_gap,
            gradient_gap,
            explicit_strides: true,
            box_for_each: !survey.box_rows.is_empty(),
            ..Layout::default()
        };
        let reply = Call::with(survey, &positions, layout)?.run(&instance)?;
        let row = survey.row();
        let what = format!(
            "with position_stride {} and gradient_stride {} (a row has {row})",
            row + position_gap,
            row + gradient_gap
        );
        compare(survey, &reply, &expected, &what)?;
    }
    Ok(String::new())
}

pub(super) fn gaps(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let positions = survey.batch(0, survey.at_most(5));
    let singles: &[bool] = if survey.info.takes(Dtype::F32) { &[false, true] } else { &[false] };
    for &single in singles {
        let layout = Layout { gradient_gap: 3, position_gap: 2, single, ..Layout::default() };
        let mut call = Call::with(survey, &positions, layout)?;
        call.run(&instance)?;
        let (row, stride) = (survey.row(), survey.row() + 3);
        let width = if single { 4 } else { 8 };
        for (place, bytes) in call.gradients.bytes().chunks_exact(width).enumerate() {
            let intact = match single {
                true => bytes == CANARY_SINGLE.to_ne_bytes(),
                false => bytes == CANARY.to_ne_bytes(),
            };
            demand!(
                place % stride < row || intact,
                "evaluate writes {} numbers behind row {} of the gradients, into the gap that the stride leaves",
                place % stride - row + 1,
                place / stride
            );
        }
    }
    Ok(String::new())
}

pub(super) fn guard_pages(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let single = survey.info.takes(Dtype::F32);
    let values: Vec<f64> = survey.parameters.iter().map(|parameter| parameter.default).collect();
    for placement in [Placement::BeforeGuard, Placement::AfterGuard] {
        for count in [1, 2, 3, 7, 8, 9].into_iter().map(|count| survey.at_most(count)) {
            let positions = survey.batch(0, count);
            for &want in wants(survey) {
                for single in [false, single] {
                    for gap in [0, 1] {
                        let layout = Layout {
                            placement,
                            want,
                            single,
                            position_gap: gap,
                            gradient_gap: gap,
                            ..Layout::default()
                        };
                        let mut call = Call::with(survey, &positions, layout)?;
                        if !values.is_empty() {
                            call.set_parameters(&values, placement)?;
                        }
                        call.run(&instance)?;
                    }
                }
            }
            if survey.seconds * count as f64 > 0.02 {
                break;
            }
        }
    }
    Ok(String::new())
}

pub(super) fn inputs_unmodified(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let positions = survey.batch(0, survey.at_most(5));
    let values: Vec<f64> = survey.parameters.iter().map(|parameter| parameter.default).collect();
    let mut call = Call::new(survey, &positions)?;
    if !values.is_empty() {
        call.set_parameters(&values, Placement::Slack)?;
    }
    let image =
        |call: &Call| [&call.positions, &call.boxes, &call.parameters].map(|memory| memory.bytes().to_vec());
    let before = image(&call);
    let batch = call.batch;
    call.run(&instance)?;
    let after = image(&call);
    for (name, (before, after)) in ["positions", "box", "parameters"].iter().zip(before.iter().zip(&after)) {
        if let Some(byte) = before.iter().zip(after).position(|(a, b)| a != b) {
            let text = format!("evaluate changes its {name}, number {} first; they are const", byte / 8);
            return Err(failed_at(survey.base(byte / 8 / survey.row()), text));
        }
    }
    let same = call.batch.count == batch.count
        && call.batch.positions == batch.positions
        && call.batch.energies == batch.energies
        && call.batch.statuses == batch.statuses
        && call.batch.struct_size == batch.struct_size;
    demand!(same, "evaluate changes the epp_batch itself; it is const");
    // Who writes and restores in between disturbs other threads that read: now the pages cannot be written at all.
    for memory in [&mut call.positions, &mut call.boxes, &mut call.parameters] {
        memory.make_read_only().map_err(|error| Finding::Skipped(format!("no read-only memory: {error}")))?;
    }
    call.run(&instance)?;
    Ok(String::new())
}

pub(super) fn outputs_overwritten(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, expected) = plain(survey, &instance)?;
    for fill in [Fill::Garbage, Fill::NotANumber] {
        for &want in wants(survey) {
            let layout = Layout { fill, want, ..Layout::default() };
            let reply = Call::with(survey, &positions, layout)?.run(&instance)?;
            let what = format!("with {} in the outputs before the call", fill.value());
            for index in 0..reply.statuses.len() {
                let what = format!("{what}, configuration {index}");
                let expected = Reply {
                    energies: if want & sys::WANT_ENERGY != 0 {
                        expected.energies.clone()
                    } else {
                        Vec::new()
                    },
                    gradients: if want & sys::WANT_GRADIENT != 0 {
                        expected.gradients.clone()
                    } else {
                        Vec::new()
                    },
                    statuses: expected.statuses.clone(),
                    outputs: Vec::new(),
                };
                demand_same(survey, survey.base(index), (&reply, index), (&expected, index), &what)?;
            }
        }
    }
    Ok(String::new())
}

pub(super) fn struct_sizes(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let (positions, expected) = plain(survey, &instance)?;
    let sizes = [
        ("longer", size_of::<sys::Batch>() + 64),
        ("without seed", offset_of!(sys::Batch, seed)),
        ("without cancel, deadline and seed", offset_of!(sys::Batch, cancel)),
    ];
    for (what, size) in sizes {
        let call = Call::new(survey, &positions)?;
        let mut memory = Memory::new(size, Placement::BeforeGuard)
            .map_err(|error| Finding::Skipped(format!("no memory: {error}")))?;
        memory.bytes_mut().fill(0xa5);
        let ours = size.min(size_of::<sys::Batch>());
        // SAFETY: `ours` bytes are readable at the batch and writable in the memory.
        unsafe {
            std::ptr::copy_nonoverlapping(
                std::ptr::from_ref(&call.batch).cast::<u8>(),
                memory.pointer(),
                ours,
            );
        }
        memory.bytes_mut()[..8].copy_from_slice(&(size as u64).to_ne_bytes());
        let mut message = crate::table::Message::<1024>::new();
        // SAFETY: an epp_batch as another version of this host would have it, with the buffers of `call`.
        let code = unsafe {
            (instance.evaluate)(instance.self_, memory.pointer().cast_const().cast(), &mut message.raw())
        };
        if code != sys::OK {
            return Err(failed(format!(
                "evaluate refuses an epp_batch {what} ({size} bytes): {}",
                message.text()
            )));
        }
        compare(survey, &call.reply(), &expected, &format!("with an epp_batch {what} ({size} bytes)"))?;
    }
    Ok(String::new())
}
