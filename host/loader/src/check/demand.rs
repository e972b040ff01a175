//! Demands that many checks make, and the words for what they measure.

use epp::sys;

use super::call::Reply;
use super::survey::Survey;
use super::verdict::{Finding, apart, failed_at};

/// Bits of a `required` that version 1.0 does not define, or that come with fields that it does not have.
pub(crate) const UNKNOWN_BITS: [u32; 6] =
    [sys::REQUIRED_RAGGED, sys::REQUIRED_DEVICE, sys::REQUIRED_ASYNC, 8, 1 << 16, 1 << 31];

/// Demands that configuration `index` of a reply is, but for rounding, configuration `other` of another one.
pub(crate) fn demand_same(
    survey: &Survey,
    at: &[f64],
    (reply, index): (&Reply, usize),
    (expected, other): (&Reply, usize),
    what: &str,
) -> Result<f64, Finding> {
    if reply.statuses[index] != expected.statuses[other] {
        let text =
            format!("{what}: status {} instead of {}", reply.statuses[index], expected.statuses[other]);
        return Err(failed_at(at, text));
    }
    if expected.statuses[other] != sys::SAMPLE_OK {
        return Ok(0.0);
    }
    let mut difference = 0.0;
    if let (Some(found), Some(wanted)) = (reply.energies.get(index), expected.energies.get(other)) {
        difference = (found - wanted).abs();
        if apart(difference, survey.energy_tolerance(*wanted, survey.rounding())) {
            let text = format!("{what}: energy {found} instead of {wanted}, {difference:.3e} apart");
            return Err(failed_at(at, text));
        }
    }
    let most = 10.0 * survey.rounding() * survey.gradient_norm(expected.gradient(other));
    let pairs = reply.gradient(index).iter().zip(expected.gradient(other)).enumerate();
    for (place, (found, wanted)) in pairs {
        if apart((found - wanted).abs(), most) {
            let text = format!("{what}: gradient {found} instead of {wanted} at coordinate {place}");
            return Err(failed_at(at, text));
        }
    }
    Ok(difference)
}

/// `1.5 ms`
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", 1e9 * s),
        s if s < 1e-3 => format!("{:.1} us", 1e6 * s),
        s if s < 1.0 => format!("{:.1} ms", 1e3 * s),
        s => format!("{s:.1} s"),
    }
}
