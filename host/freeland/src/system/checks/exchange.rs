//! Whether atoms that elements and bonds do not tell apart are alike by the energy: two or three on one atom that exchange
//! places in a rotor. Charges from a fit of the electrostatic potential are often those of one conformation.
use freeland_loader::Topology;

use super::Given;
use super::unlike::UnlikeGroup;
use crate::system::atom_name::atom_name;
use crate::system::coordinates::Coordinates;
use crate::system::vector::{add_scaled, at, cross, dot, norm, put, scale, sub};
use crate::system::{System, SystemError};

/// What one exchange may change, kT.
const TOLERANCE_KT: f64 = 0.05;
/// Rounding of single precision, relative to the energy.
const ROUNDING: f64 = 1e-6;
/// Turns of the rotors before an exchange, rad: where nothing is symmetric.
const TURNS: [f64; 3] = [0.6, 1.4, 2.3];
/// Atoms are put off their places, so that bonds and angles show, nm.
const OFF_NM: [[f64; 3]; 3] = [[0.004, -0.001, 0.002], [-0.002, 0.003, -0.001], [0.001, -0.002, -0.004]];
/// Frames that are tried, beside the start.
const FRAMES: usize = 2;

/// Two or three atoms of one element that are bonded to one atom only, which has one more bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The bond that they turn about, to the atom that they are on.
    axis: [usize; 2],
    atoms: Vec<usize>,
}

impl Group {
    pub fn all(topology: &Topology) -> Vec<Self> {
        let elements = &topology.atomic_numbers;
        let mut neighbours = vec![Vec::new(); elements.len()];
        for [a, b] in topology.bonds.iter().map(|bond| bond.map(|atom| atom as usize)) {
            if a < elements.len() && b < elements.len() {
                neighbours[a].push(b);
                neighbours[b].push(a);
            }
        }
        let about = |centre: usize| {
            let ends = |atom: &&usize| neighbours[**atom].len() == 1;
            let atoms: Vec<usize> = neighbours[centre].iter().filter(ends).copied().collect();
            let other = neighbours[centre].iter().copied().find(|atom| neighbours[*atom].len() > 1)?;
            let alike = atoms.windows(2).all(|pair| elements[pair[0]] == elements[pair[1]]);
            let few = (2..=3).contains(&atoms.len()) && atoms.len() + 1 == neighbours[centre].len();
            (few && alike).then_some(Self { axis: [other, centre], atoms })
        };
        (0..elements.len()).filter_map(about).collect()
    }

    /// Turns it by `angle` and puts its atoms off their places.
    fn disturb(&self, r: &mut [f64], angle: f64) {
        let origin = at(r, self.axis[1]);
        let along = sub(origin, at(r, self.axis[0]));
        let u = scale(1.0 / norm(along), along);
        let (sine, cosine) = angle.sin_cos();
        for (atom, off) in self.atoms.iter().zip(OFF_NM) {
            let p = sub(at(r, *atom), origin);
            let turned =
                add_scaled(add_scaled(scale(cosine, p), sine, cross(u, p)), (1.0 - cosine) * dot(u, p), u);
            put(r, *atom, add_scaled(add_scaled(origin, 1.0, turned), 1.0, off));
        }
    }

    /// Gives its atoms each other's places: all in turn, or the last two.
    fn exchange(&self, r: &mut [f64], cyclic: bool) {
        let places: Vec<_> = self.atoms.iter().map(|atom| at(r, *atom)).collect();
        let n = places.len();
        let from = |k: usize| match (cyclic, n - k) {
            (true, _) => (k + 1) % n,
            (false, 1) => n - 2,
            (false, 2) => n - 1,
            (false, _) => k,
        };
        self.atoms.iter().enumerate().for_each(|(k, atom)| put(r, *atom, places[from(k)]));
    }
}

/// Energy calls for so many groups, at most.
pub(super) fn most_calls(groups: usize) -> usize {
    if groups == 0 { 0 } else { TURNS.len() * (3 + 2 * groups) }
}

/// The groups of a molecule whose atoms are not alike: all of them are tried at once, each alone only where that shows a
/// difference. Nothing is tried where there is no configuration to try it at.
pub(super) fn unlike(system: &System, given: Option<Given<'_>>) -> Result<Vec<UnlikeGroup>, SystemError> {
    let Some(topology) = system.potential().topology().filter(|_| system.size().is_multiple_of(3)) else {
        return Ok(Vec::new());
    };
    let groups = Group::all(topology);
    let configurations = system.configurations(given, FRAMES);
    if groups.is_empty() || configurations.is_empty() || system.size() != 3 * topology.atomic_numbers.len() {
        return Ok(Vec::new());
    }
    let disturbed: Vec<Vec<f64>> = (TURNS.iter().enumerate())
        .map(|(k, angle)| {
            let mut r = configurations[k % configurations.len()].1.clone();
            groups.iter().for_each(|group| group.disturb(&mut r, *angle));
            r
        })
        .collect();
    let before = system.checked_energies(&disturbed.concat())?.u_kt;
    let difference = |groups: &[Group]| -> Result<Option<f64>, SystemError> {
        let mut positions = Vec::new();
        for r in &disturbed {
            for cyclic in [true, false] {
                let mut exchanged = r.clone();
                groups.iter().for_each(|group| group.exchange(&mut exchanged, cyclic));
                positions.extend(exchanged);
            }
        }
        let after = system.checked_energies(&positions)?.u_kt;
        let pairs = after.iter().enumerate().map(|(k, after)| (before[k / 2], *after));
        let beyond = pairs.filter(|(before, _)| before.is_finite()).map(|(before, after)| {
            let difference = (after - before).abs();
            (difference, difference <= TOLERANCE_KT + ROUNDING * before.abs())
        });
        // None: alike. Infinite where there is no energy to compare.
        let beyond: Vec<(f64, bool)> = beyond.collect();
        if beyond.is_empty() {
            return Ok(Some(f64::INFINITY));
        }
        let largest = beyond.iter().map(|(difference, _)| *difference).fold(0.0, f64::max);
        Ok(beyond.iter().any(|(_, alike)| !alike).then_some(largest))
    };
    if difference(&groups)?.is_none() {
        return Ok(Vec::new());
    }
    let mut unlike = Vec::new();
    for group in &groups {
        let Some(difference) = difference(std::slice::from_ref(group))? else { continue };
        let unfolded = matches!(&system.coordinates, Coordinates::Internal(map) if map.folds(&group.atoms));
        let about = group.axis.map(|atom| atom_name(topology, atom)).join(" - ");
        let difference_kt = difference.is_finite().then_some(difference);
        unlike.push(UnlikeGroup { about, atoms: group.atoms.clone(), difference_kt, unfolded });
    }
    Ok(unlike)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::alanine::{BONDS, ELEMENTS, frames};

    fn topology(elements: &[u32], bonds: &[[u32; 2]]) -> Topology {
        Topology { atomic_numbers: elements.to_vec(), bonds: bonds.to_vec(), ..Topology::default() }
    }

    #[test]
    fn alanine_dipeptide_has_three_groups_which_exchange_places() {
        let groups = Group::all(&topology(&ELEMENTS, &BONDS));
        assert_eq!(groups.iter().map(|group| group.atoms.len()).collect::<Vec<_>>(), [3, 3, 3]);
        let mut r = frames().row(0).to_vec();
        groups[0].disturb(&mut r, 0.6);
        let [a, b, c] = <[usize; 3]>::try_from(&groups[0].atoms[..]).unwrap();
        let places = [a, b, c].map(|atom| at(&r, atom));
        let mut exchanged = r.clone();
        groups[0].exchange(&mut exchanged, true);
        assert_eq!([a, b, c].map(|atom| at(&exchanged, atom)), [places[1], places[2], places[0]]);
        let mut exchanged = r.clone();
        groups[0].exchange(&mut exchanged, false);
        assert_eq!([a, b, c].map(|atom| at(&exchanged, atom)), [places[0], places[2], places[1]]);
    }

    #[test]
    fn carboxylates_are_pairs_and_water_is_none() {
        let acetate = topology(&[6, 6, 8, 8, 1, 1, 1], &[[0, 1], [1, 2], [1, 3], [0, 4], [0, 5], [0, 6]]);
        let pairs =
            |topology: &Topology| Group::all(topology).iter().map(|g| g.atoms.clone()).collect::<Vec<_>>();
        assert_eq!(pairs(&acetate), [vec![4, 5, 6], vec![2, 3]]);
        assert!(pairs(&topology(&[8, 1, 1], &[[0, 1], [0, 2]])).is_empty());
    }
}
