//! The torsions that are turned: which bonds, by how much, and what turns with them.
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{PI, TAU};

use super::molecule::Molecule;
use super::name::{atom, torsion_about, usual_name};
use crate::system::geometry;
use crate::system::vector::{add_scaled, at, cross, dot, norm, put, scale, sub};

/// A bond between two planar atoms that is shorter is as stiff as a double bond, nm.
const STIFF_NM: f64 = 0.14;
/// Where a neighbour is nearly in line with the bond there is no torsion, rad.
const STRAIGHT_RAD: f64 = 2.9;
/// Bins that a run file is advised to give a torsion.
const BINS: usize = 36;

/// What becomes of a torsion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It turns at room temperature.
    Free,
    /// As stiff as a double bond: kept as the file has it.
    Kept,
    /// Kept, but cis and trans are near each other: the amide before a proline.
    KeptButNear,
}

/// A torsion about a bond that is no coarse variable and has several minima.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Torsion {
    /// The usual four atoms.
    pub atoms: [usize; 4],
    /// `chi1`, or its atoms.
    pub name: String,
    /// As an entry of `coarse.variables`.
    pub entry: String,
    pub kind: Kind,
    /// Its values repeat after this, rad: less than a turn where an end has equal atoms.
    pub period: f64,
    /// Turns from one minimum to where others may be, rad.
    pub trials: Vec<f64>,
    /// The bond, from what stays to what turns.
    axis: [usize; 2],
    moving: Vec<usize>,
}

impl Torsion {
    /// All of a molecule. `coarse`: torsions that are coarse variables; `start`: `[atoms][3]`, nm.
    pub fn all(molecule: &Molecule<'_>, coarse: &[[usize; 4]], start: &[f64]) -> Vec<Self> {
        let is_coarse =
            |a: usize, b: usize| coarse.iter().any(|[_, j, k, _]| [*j, *k] == [a, b] || [*k, *j] == [a, b]);
        let mut all: Vec<Self> = Vec::new();
        for a in 0..molecule.neighbours.len() {
            for b in molecule.neighbours[a].iter().copied().filter(|b| *b > a && !is_coarse(a, *b)) {
                all.extend(Self::about(molecule, [a, b], start));
            }
        }
        let residues = residues_by_name(molecule);
        let named: Vec<Option<(String, u32)>> =
            all.iter().map(|torsion| usual_name(molecule, [torsion.atoms[1], torsion.atoms[2]])).collect();
        for (torsion, own) in all.iter_mut().zip(&named) {
            let four = torsion.atoms.map(|index| atom(molecule.topology, index));
            torsion.name = match own {
                // As the run file says it: with the residue where there are several.
                Some((name, residue)) if residues[name].len() > 1 => format!("{name}:{}", residue + 1),
                Some((name, _)) => name.clone(),
                None => format!("torsion {}", four.join("-").replace('"', "")),
            };
            torsion.entry =
                format!("{{ torsion = [{}], name = \"{}\", bins = {BINS} }}", four.join(", "), torsion.name);
        }
        all
    }

    fn about(molecule: &Molecule<'_>, [a, b]: [usize; 2], start: &[f64]) -> Option<Self> {
        let ends = [(a, b), (b, a)];
        if ends.iter().any(|(end, other)| molecule.others(*end, *other).is_empty()) {
            return None;
        }
        let straight = |(end, other): &(usize, usize)| {
            let angles = molecule.others(*end, *other).into_iter();
            angles
                .map(|third| geometry::angle(start, *other, *end, third))
                .any(|angle| angle.is_nan() || angle > STRAIGHT_RAD)
        };
        let (side_a, side_b) = (molecule.side(b, a)?, molecule.side(a, b)?);
        let symmetries = [molecule.symmetry(b, a), molecule.symmetry(a, b)];
        if ends.iter().any(straight) || symmetries.contains(&3) {
            return None;
        }
        let planar = [a, b].map(|atom| molecule.is_planar(atom));
        let bent = [a, b].map(|atom| [8, 16].contains(&molecule.element(atom)));
        let both = planar == [true; 2];
        let stiff = both && geometry::distance(start, a, b) < STIFF_NM;
        let step = match (planar, bent) {
            _ if stiff => PI,
            ([true, _], [_, true]) | ([_, true], [true, _]) => PI,
            ([false, false], _) => TAU / 3.0,
            _ => TAU / 6.0,
        };
        let period = TAU / symmetries.into_iter().max().expect("two ends") as f64;
        let trials: Vec<f64> =
            (1..6).map(|k| step * f64::from(k)).take_while(|turn| *turn < period - 1e-9).collect();
        if trials.is_empty() {
            return None;
        }
        let (axis, moving) = if side_b.len() <= side_a.len() { ([a, b], side_b) } else { ([b, a], side_a) };
        let kind = match stiff {
            true if ends.iter().any(|(carbon, nitrogen)| is_tertiary_amide(molecule, *carbon, *nitrogen)) => {
                Kind::KeptButNear
            }
            true => Kind::Kept,
            false => Kind::Free,
        };
        let atoms = torsion_about(molecule, [a, b]);
        Some(Self { atoms, name: String::new(), entry: String::new(), kind, period, trials, axis, moving })
    }

    #[cfg(test)]
    pub fn of(atoms: [usize; 4], period: f64) -> Self {
        let [_, a, b, moving] = atoms;
        let (name, entry) = ("chi1".to_owned(), String::new());
        let trials = vec![TAU / 3.0];
        Self { atoms, name, entry, kind: Kind::Free, period, trials, axis: [a, b], moving: vec![moving] }
    }

    /// Its value in `r`, rad.
    pub fn value(&self, r: &[f64]) -> f64 {
        let [i, j, k, l] = self.atoms;
        geometry::torsion(r, i, j, k, l)
    }

    /// How far two of its values are from each other, rad.
    pub fn distance(&self, one: f64, other: f64) -> f64 {
        let d = one - other;
        (d - self.period * (d / self.period).round()).abs()
    }

    /// Whether the bond of `other` begins where this one ends.
    pub fn is_next_to(&self, other: &Self) -> bool {
        self.axis.iter().any(|end| other.axis.contains(end))
    }

    /// Turns one side of the bond in `r` by `angle`, rad, as a rigid body.
    pub fn turn(&self, r: &mut [f64], angle: f64) {
        let origin = at(r, self.axis[1]);
        let along = sub(origin, at(r, self.axis[0]));
        let u = scale(1.0 / norm(along), along);
        let (sine, cosine) = angle.sin_cos();
        for atom in &self.moving {
            let p = sub(at(r, *atom), origin);
            // Rodrigues.
            let turned =
                add_scaled(add_scaled(scale(cosine, p), sine, cross(u, p)), (1.0 - cosine) * dot(u, p), u);
            put(r, *atom, add_scaled(origin, 1.0, turned));
        }
    }
}

/// The residues that have a torsion of each name.
fn residues_by_name(molecule: &Molecule<'_>) -> BTreeMap<String, BTreeSet<u32>> {
    let mut residues: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (a, list) in molecule.neighbours.iter().enumerate() {
        for b in list.iter().copied().filter(|b| *b > a) {
            let ends = molecule.neighbours[a].len() == 1 || molecule.neighbours[b].len() == 1;
            if let (false, Some((name, residue))) = (ends, usual_name(molecule, [a, b])) {
                residues.entry(name).or_default().insert(residue);
            }
        }
    }
    residues
}

/// A nitrogen without hydrogens on a carbon with an oxygen or sulfur of its own.
fn is_tertiary_amide(molecule: &Molecule<'_>, carbon: usize, nitrogen: usize) -> bool {
    let ends_there =
        |atom: &usize| [8, 16].contains(&molecule.element(*atom)) && molecule.neighbours[*atom].len() == 1;
    molecule.element(carbon) == 6
        && molecule.element(nitrogen) == 7
        && molecule.neighbours[nitrogen].iter().all(|atom| molecule.element(*atom) != 1)
        && molecule.neighbours[carbon].iter().any(ends_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_adds_to_the_torsion_and_keeps_lengths() {
        let torsion = Torsion::of([0, 1, 2, 3], TAU);
        let start = [0.1, 0.02, -0.03, 0.0, 0.11, 0.04, -0.1, 0.2, 0.01, -0.13, 0.25, 0.16];
        for angle in [0.3, 2.0, -2.5] {
            let mut r = start;
            torsion.turn(&mut r, angle);
            assert!(torsion.distance(torsion.value(&r), torsion.value(&start) + angle) < 1e-12);
            let length = |r: &[f64]| geometry::distance(r, 2, 3);
            assert!((length(&r) - length(&start)).abs() < 1e-12 && r[..9] == start[..9]);
        }
    }
}
