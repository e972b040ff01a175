//! Number types of positions and gradients.

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::call::{Call, Layout};
use crate::check::verdict::{Finding, Outcome, apart, failed_at};
use crate::descriptor::Dtype;
use crate::status::NO_STATUS;

/// What f32 arithmetic inside the plugin may do to an energy, relative to its scale.
const SINGLE_ENERGY: f64 = 2e-4;
/// And to a gradient.
const SINGLE_GRADIENT: f64 = 2e-3;

pub(super) fn single(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    if !survey.info.takes(Dtype::F32) {
        return Err(Finding::Skipped("it does not take f32".to_owned()));
    }
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let count = survey.at_most(survey.count());
    // What f32 makes of the positions is no error of the plugin's.
    let positions: Vec<f64> = survey.batch(0, count).iter().map(|&x| f64::from(x as f32)).collect();
    let double = Call::new(survey, &positions)?.run(&instance)?;
    let layout = Layout { single: true, ..Layout::default() };
    let single = Call::with(survey, &positions, layout)?.run(&instance)?;
    let mut worst = 0.0_f64;
    for (index, at) in positions.chunks(survey.row()).enumerate() {
        if single.statuses[index] != double.statuses[index] {
            let text = format!(
                "configuration {index} has status {} as f32 and {} as f64",
                single.statuses[index], double.statuses[index]
            );
            return Err(failed_at(at, text));
        }
        if double.statuses[index] != sys::SAMPLE_OK {
            continue;
        }
        let (found, wanted) = (single.energies[index], double.energies[index]);
        worst = worst.max((found - wanted).abs());
        if apart((found - wanted).abs(), survey.energy_tolerance(wanted, SINGLE_ENERGY)) {
            return Err(failed_at(
                at,
                format!("configuration {index} has energy {found} as f32 and {wanted} as f64"),
            ));
        }
        let most = SINGLE_GRADIENT * survey.gradient_norm(double.gradient(index));
        let pairs = single.gradient(index).iter().zip(double.gradient(index)).enumerate();
        for (place, (found, wanted)) in pairs {
            if apart((found - wanted).abs(), most) {
                let text = format!(
                    "the gradient of configuration {index} at coordinate {place} is {found} as f32 and {wanted} as f64"
                );
                return Err(failed_at(at, text));
            }
        }
    }
    Ok(format!("largest difference of an energy {worst:.1e}"))
}

pub(super) fn undeclared(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let mut wrong = vec![0, 4, 3, u32::MAX];
    if !survey.info.takes(Dtype::F32) {
        wrong.push(sys::DTYPE_F32);
    }
    for dtype in wrong {
        let mut call = Call::new(survey, survey.base(0))?;
        call.batch.dtype = dtype;
        let (code, _, reply) = call.run_anyhow(&instance);
        demand!(
            code != sys::OK,
            "evaluate takes a batch of dtype {dtype}, which the descriptor does not name; refuse it, or numbers are read as \
             something else"
        );
        demand!(
            reply.statuses[0] != NO_STATUS && reply.statuses[0] != sys::SAMPLE_OK,
            "evaluate refuses dtype {dtype}, but leaves the status {}; write {} then",
            if reply.statuses[0] == NO_STATUS {
                "unwritten".to_owned()
            } else {
                reply.statuses[0].to_string()
            },
            sys::SAMPLE_INTERNAL
        );
    }
    Ok(String::new())
}
