//! From a configuration to one of lower energy.
use freeland_loader::status_name;
use ndarray::Array2;

use super::error::DynamicsError;
use crate::system::{Phase, System};

/// Steepest descent stops at this many energy calls, or sooner when a step gains less than [`MINIMISED_KT`].
const MINIMISATION_CALLS: usize = 300;
const MINIMISED_KT: f64 = 1e-2;

/// The error of a start whose energy failed.
pub(super) fn bad_start(status: i32) -> DynamicsError {
    DynamicsError::BadStart { status, meaning: status_name(status) }
}

/// Steepest descent with a step that grows on success and shrinks on failure.
pub(super) fn minimise(system: &System, start: &[f64]) -> Result<Vec<f64>, DynamicsError> {
    let evaluate = |r: &Array2<f64>| system.cartesian_energy(r.view(), Phase::Minimisation);
    let mut r = Array2::from_shape_vec((1, start.len()), start.to_vec()).expect("one row");
    let mut current = evaluate(&r)?;
    if current.status[0] != 0 {
        return Err(bad_start(current.status[0]));
    }
    let mut step = 1e-3;
    for _ in 1..MINIMISATION_CALLS {
        let largest = current.gradient.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        if largest == 0.0 {
            break;
        }
        let trial = &r - &(&current.gradient * (step / largest));
        let next = evaluate(&trial)?;
        let gain = current.u_kt[0] - next.u_kt[0];
        if next.status[0] == 0 && gain > 0.0 {
            (r, current) = (trial, next);
            step *= 1.3;
            if gain < MINIMISED_KT {
                break;
            }
        } else {
            step *= 0.4;
        }
    }
    Ok(r.into_raw_vec_and_offset().0)
}
