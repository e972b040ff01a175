//! Golden samples.

use std::ptr::null;

use epp::sys;

use crate::check::bench::Bench;
use crate::check::call::Call;
use crate::check::memory::Placement;
use crate::check::verdict::{Finding, Outcome, apart, failed, failed_at};
use crate::table::Message;

/// Golden samples that are tried.
const MOST: u64 = 64;

pub(super) fn reference(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let Some(table) = instance.references()?.filter(|table| table.count > 0) else {
        return Err(Finding::Skipped("it offers no golden samples".to_owned()));
    };
    let (row, mut worst, mut gradients) = (survey.row(), 0.0_f64, 0);
    for index in 0..table.count.min(MOST) {
        let mut sample = sys::Sample {
            struct_size: size_of::<sys::Sample>() as u64,
            positions: null(),
            box_: null(),
            parameters: null(),
            gradient: null(),
            energy: f64::NAN,
            tolerance: 0.0,
            gradient_tolerance: 0.0,
        };
        let mut message = Message::<1024>::new();
        // SAFETY: the index is below the count; both structs live through the call.
        let code = unsafe { (table.describe)(instance.self_, index, &mut sample, &mut message.raw()) };
        if code != sys::OK || sample.positions.is_null() {
            return Err(failed(format!("golden sample {index} is not told: {}", message.text())));
        }
        let numbers = |pointer: *const f64, length: usize| {
            // SAFETY: of this length where it is not NULL, for as long as the instance lives.
            (!pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, length) })
        };
        let at = numbers(sample.positions, row).unwrap_or(&[]);
        let mut call = Call::new(survey, at)?;
        if let Some(rows) = numbers(sample.box_, 9).filter(|_| survey.info.is_periodic()) {
            call.set_boxes(rows, 0)?;
        }
        if let Some(values) = numbers(sample.parameters, survey.parameters.len()) {
            call.set_parameters(values, Placement::Slack)?;
        }
        let reply = call.run(&instance)?;
        if reply.statuses[0] != sys::SAMPLE_OK {
            return Err(failed_at(at, format!("golden sample {index} has status {}", reply.statuses[0])));
        }
        let (found, energy, tolerance) = (reply.energies[0], sample.energy, sample.tolerance);
        worst = worst.max((found - energy).abs());
        if apart((found - energy).abs(), tolerance * energy.abs().max(1.0)) {
            let text = format!(
                "golden sample {index} has energy {found}, expected {energy} within {tolerance:.1e} of it; {:.3e} apart",
                (found - energy).abs()
            );
            return Err(failed_at(at, text));
        }
        let Some(gradient) = numbers(sample.gradient, row).filter(|_| survey.info.has_gradient) else {
            continue;
        };
        gradients += 1;
        let largest = gradient.iter().fold(1.0_f64, |most, g| most.max(g.abs()));
        for (place, (found, wanted)) in reply.gradient(0).iter().zip(gradient).enumerate() {
            if apart((found - wanted).abs(), sample.gradient_tolerance * largest) {
                let text = format!(
                    "the gradient of golden sample {index} is {found} at coordinate {place}, expected {wanted} within {:.1e} \
                     of the largest component",
                    sample.gradient_tolerance
                );
                return Err(failed_at(at, text));
            }
        }
    }
    Ok(format!("{} samples, {gradients} with a gradient, largest difference {worst:.1e}", table.count))
}
