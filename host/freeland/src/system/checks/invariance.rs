//! Whether an energy stays the same when the molecule is moved as a whole: internal coordinates know neither place nor
//! orientation, and a flow in them would learn an energy that they do not determine.
use super::Given;
use super::error::CheckError;
use crate::system::vector::{Vector, at, put};
use crate::system::{System, SystemError};

/// So many frames are tried, beside the start.
const FRAMES: usize = 3;
/// Mesh Ewald sums of one molecule in a box change by up to 0.05 kT at 300 K when it is turned.
const TOLERANCE_KT: f64 = 0.2;
/// Rounding of single precision, relative to the energy.
const ROUNDING: f64 = 1e-6;
/// And of positions, nm.
const ROUNDING_NM: f64 = 1e-6;
/// Shift in nm.
const SHIFT: Vector = [0.31, -0.57, 0.43];

/// How often each is evaluated.
const MOVES: usize = 4;

pub(super) fn most_calls(frames: bool) -> usize {
    MOVES * if frames { FRAMES + 1 } else { 1 }
}

/// Refuses an energy that changes.
pub(super) fn check(system: &System, given: Option<Given<'_>>) -> Result<(), SystemError> {
    let configurations = system.configurations(given, FRAMES);
    let moved = |(_, r): &(_, Vec<f64>)| -> Vec<f64> {
        [r.clone(), shifted(r, SHIFT), turned(r, [0.36, -0.48, 0.64, 0.48]), turned(r, [0.1, 0.7, 0.5, -0.5])]
            .concat()
    };
    let positions: Vec<f64> = configurations.iter().flat_map(moved).collect();
    let energies = system.checked_energies(&positions)?;
    let how = [
        "as it is",
        "after a shift of 0.78 nm",
        "after a turn about its middle",
        "after another turn about its middle",
    ];
    for (k, (origin, _)) in configurations.iter().enumerate() {
        let u_kt = |m: usize| energies.u_kt[MOVES * k + m];
        let before = u_kt(0);
        let slope = energies.gradient.row(MOVES * k).iter().map(|g| g * g).sum::<f64>().sqrt();
        let tolerance = TOLERANCE_KT + ROUNDING * before.abs() + ROUNDING_NM * slope;
        let worst = (1..MOVES).max_by(|a, b| (u_kt(*a) - before).abs().total_cmp(&(u_kt(*b) - before).abs()));
        let Some(worst) = worst.filter(|m| before.is_finite() && (u_kt(*m) - before).abs() > tolerance)
        else {
            continue;
        };
        let kt = system.kt();
        let unit = system.potential().info().units.energy();
        let (before, after, moved) = (kt * before, kt * u_kt(worst), how[worst]);
        return Err(CheckError::Moved { origin: *origin, before, after, unit, moved }.into());
    }
    Ok(())
}

fn shifted(r: &[f64], by: Vector) -> Vec<f64> {
    r.iter().enumerate().map(|(k, x)| x + by[k % 3]).collect()
}

/// Turned by the rotation of a quaternion, `[w, x, y, z]` of any length, about the middle of its atoms.
fn turned(r: &[f64], quaternion: [f64; 4]) -> Vec<f64> {
    let length = quaternion.iter().map(|q| q * q).sum::<f64>().sqrt();
    let [w, x, y, z] = quaternion.map(|q| q / length);
    let rows = [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ];
    let atoms = r.len() / 3;
    let middle = [0, 1, 2].map(|k| r.iter().skip(k).step_by(3).sum::<f64>() / atoms as f64);
    let mut new = r.to_vec();
    for atom in 0..atoms {
        let p = at(r, atom);
        let along = |row: &[f64; 3]| (0..3).map(|k| row[k] * (p[k] - middle[k])).sum::<f64>();
        put(&mut new, atom, [0, 1, 2].map(|k| middle[k] + along(&rows[k])));
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::alanine::{frames, pairs};
    use crate::system::geometry;

    #[test]
    fn a_turn_keeps_distances_hands_and_the_middle() {
        let r = frames().row(3).to_vec();
        let new = turned(&r, [0.36, -0.48, 0.64, 0.48]);
        for [i, j] in pairs() {
            assert!((geometry::distance(&r, i, j) - geometry::distance(&new, i, j)).abs() < 1e-12);
        }
        assert!((geometry::torsion(&r, 4, 6, 8, 14) - geometry::torsion(&new, 4, 6, 8, 14)).abs() < 1e-9);
        let sum = |r: &[f64]| r.iter().step_by(3).sum::<f64>();
        assert!((sum(&r) - sum(&new)).abs() < 1e-9 && (r[0] - new[0]).abs() > 1e-2);
    }
}
