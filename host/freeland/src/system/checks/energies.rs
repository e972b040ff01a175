//! Energies of a few of the frames that were given: finite, and such as the potential visits.
use freeland_loader::status_name;

use super::Given;
use super::error::{CheckError, Origin};
use crate::system::{System, SystemError};

/// So many frames are tried.
const FRAMES: usize = 8;
/// With the start.
pub(super) const MOST_CALLS: usize = FRAMES + 1;
/// Frames lie about half a kT above the minimum for every coordinate; above this they are of something else, kT.
const MOST_KT_PER_COORDINATE: f64 = 20.0;

/// Refuses frames that have no energy, and, of a molecule, those that lie too high.
pub(super) fn check(system: &System, given: Given<'_>) -> Result<(), SystemError> {
    let configurations = system.configurations(Some(given), FRAMES);
    let positions: Vec<f64> = configurations.iter().flat_map(|(_, r)| r.iter().copied()).collect();
    let energies = system.checked_energies(&positions)?;
    let is_frame = |k: &usize| configurations[*k].0 != Origin::Start;
    let mut frames: Vec<f64> = (0..configurations.len()).filter(is_frame).map(|k| energies.u_kt[k]).collect();
    let tried = frames.len();
    frames.sort_by(f64::total_cmp);
    let Some(first) = (0..configurations.len()).find(is_frame) else { return Ok(()) };
    if !frames[0].is_finite() {
        let status = energies.status[first];
        return Err(CheckError::NoEnergy { tried, status, meaning: status_name(status) }.into());
    }
    if system.potential().topology().is_none_or(|topology| topology.bonds.is_empty()) {
        return Ok(());
    }
    let start = if first > 0 { energies.u_kt[0] } else { f64::INFINITY };
    let above_kt = frames[(tried - 1) / 2] - frames[0].min(start);
    let lowest = if start < frames[0] { "the start" } else { "the lowest of them" };
    if above_kt > MOST_KT_PER_COORDINATE * system.size() as f64 {
        return Err(CheckError::TooHigh { tried, above_kt, lowest }.into());
    }
    Ok(())
}
