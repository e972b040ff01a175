//! Golden samples, as the plugin tells them.

use std::ptr::null;

use epp::sys;

use crate::check::raw::Instance;
use crate::check::verdict::{Finding, failed};
use crate::info::Info;
use crate::table;

/// Golden samples that are used.
const MOST_REFERENCES: u64 = 8;

/// Energies and relative tolerances, and positions one after the other.
type References = (Vec<(f64, f64)>, Vec<f64>);

/// Golden energies with their tolerances, and positions.
pub(super) fn references(instance: &Instance, info: &Info) -> Result<References, Finding> {
    let table = instance.extension(c"epp.reference/1").cast::<sys::ReferenceExtension>();
    if table.is_null() {
        return Ok((Vec::new(), Vec::new()));
    }
    // SAFETY: the table of this id.
    let table = unsafe { table::read(table) }.map_err(|problem| failed(problem.to_string()))?;
    let missing = |name| failed(format!("the function `{name}` of its epp_reference_extension is NULL"));
    let (count, sample) =
        (table.count.ok_or_else(|| missing("count"))?, table.sample.ok_or_else(|| missing("sample"))?);
    // SAFETY: functions of this instance, on the thread that created it.
    let count = unsafe { count(instance.self_) }.min(MOST_REFERENCES);
    let (mut energies, mut positions) = (Vec::new(), Vec::new());
    for index in 0..count {
        let mut raw = sys::Sample {
            struct_size: size_of::<sys::Sample>() as u64,
            positions: null(),
            box_: null(),
            parameters: null(),
            gradient: null(),
            energy: f64::NAN,
            tolerance: f64::NAN,
            gradient_tolerance: 0.0,
        };
        let mut message = table::Message::<1024>::new();
        // SAFETY: the index is below the count; both structs live through the call.
        let code = unsafe { sample(instance.self_, index, &mut raw, &mut message.raw()) };
        if code != sys::OK {
            return Err(failed(format!("reference sample {index} fails: {}", message.text())));
        }
        if raw.positions.is_null() {
            return Err(failed(format!("reference sample {index} has no positions")));
        }
        // SAFETY: as many as the header says, for as long as the instance lives.
        let row = unsafe { std::slice::from_raw_parts(raw.positions, info.atoms * info.dimensions) };
        let mut row = row.to_vec();
        let (energy, tolerance) = (raw.energy, raw.tolerance);
        if !energy.is_finite() || tolerance.is_nan() || tolerance < 0.0 || row.iter().any(|x| !x.is_finite())
        {
            return Err(failed(format!(
                "reference sample {index} is not finite throughout (energy {energy}, tolerance {tolerance})"
            )));
        }
        energies.push((energy, tolerance));
        positions.append(&mut row);
    }
    Ok((energies, positions))
}
