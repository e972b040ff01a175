//! Which pairs of atoms are bonds: a force field holds together more of them than are bonded.
//!
//! Urey-Bradley terms join the ends of an angle, rigid water has its hydrogens at a fixed distance, restraints and elastic
//! networks hold what is far apart; all stand among the harmonic bonds and the constraints, and no mark tells them from bonds.

use std::collections::{BTreeMap, BTreeSet};

use crate::pdb::Pdb;
use crate::radius;

/// Two atoms and the distance at which a harmonic bond or a constraint holds them, nm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// Indices from 0.
    pub atoms: [u32; 2],
    /// nm
    pub length: f64,
}

/// A bond is no longer and no shorter than these parts of the sum of the covalent radii. The ends of an angle are at 1.3 times the
/// sum of theirs at least (two iodine atoms on a carbon), hydrogens at 2.4.
const LONGEST: f64 = 1.25;
const SHORTEST: f64 = 0.5;

/// The ends of an angle of 90 degrees are 1.41 times as far apart as its sides are long; in a ring of three, sides are alike.
const ACROSS: f64 = 1.25;

/// The bonds of a molecule, each once, the smaller index first, in order.
///
/// Those of the file are bonds. A pair that the force field holds is one as well if its length is that of a bond of the two elements,
/// or, where that cannot be told, if it joins atoms that have no bond otherwise (beads that stand for several atoms), or such an atom
/// with one of an unknown element; and if it is not the far side of a triangle.
pub fn bonds(pdb: &Pdb, held: &[Held]) -> Vec<[u32; 2]> {
    let told: BTreeSet<[u32; 2]> = pdb.bonds.iter().copied().collect();
    let mut lengths: BTreeMap<[u32; 2], f64> =
        told.iter().map(|&pair| (pair, distance(pdb.positions(), pair))).collect();
    let mut bonded = vec![false; pdb.atoms()];
    let mut mark = |[a, b]: [u32; 2]| [a, b].into_iter().for_each(|atom| bonded[atom as usize] = true);
    told.iter().for_each(|&pair| mark(pair));
    let mut doubtful = Vec::new();
    for pair in held {
        let [a, b] = pair.atoms;
        let sorted = [a.min(b), a.max(b)];
        if a == b || told.contains(&sorted) || b.max(a) as usize >= pdb.atoms() {
            continue;
        }
        let sum = radius::covalent(pdb.atomic_numbers[a as usize])
            .zip(radius::covalent(pdb.atomic_numbers[b as usize]))
            .map(|(one, other)| one + other);
        match sum {
            Some(sum) if (SHORTEST * sum..=LONGEST * sum).contains(&pair.length) => {
                lengths.insert(sorted, pair.length);
                mark(sorted);
            }
            _ => doubtful.push((sorted, pair.length)),
        }
    }
    let is_free = |atom: u32| !bonded[atom as usize];
    let is_unknown = |atom: u32| pdb.atomic_numbers[atom as usize] == 0;
    for ([a, b], length) in doubtful {
        let unknown = is_unknown(a) || is_unknown(b);
        if is_free(a) && is_free(b) || unknown && (is_free(a) || is_free(b)) {
            lengths.insert([a, b], length);
        }
    }
    let mut partners = vec![Vec::new(); pdb.atoms()];
    for &[a, b] in lengths.keys() {
        partners[a as usize].push(b);
        partners[b as usize].push(a);
    }
    let length = |a: u32, b: u32| lengths.get(&[a.min(b), a.max(b)]).copied();
    let is_across = |[a, b]: [u32; 2], base: f64| {
        let (fewer, more) =
            if partners[a as usize].len() < partners[b as usize].len() { (a, b) } else { (b, a) };
        partners[fewer as usize].iter().any(|&middle| {
            let sides = length(fewer, middle).zip(length(middle, more));
            sides.is_some_and(|(one, other)| base > ACROSS * one.max(other))
        })
    };
    let is_bond = |(pair, base): (&[u32; 2], &f64)| told.contains(pair) || !is_across(*pair, *base);
    lengths.iter().filter(|&(pair, base)| is_bond((pair, base))).map(|(&pair, _)| pair).collect()
}

fn distance(positions: &[f64], [a, b]: [u32; 2]) -> f64 {
    let at = |atom: u32, axis: usize| positions[3 * atom as usize + axis];
    (0..3).map(|axis| (at(a, axis) - at(b, axis)).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Atoms without bonds, far apart.
    fn atoms(numbers: &[u32], bonds: &[[u32; 2]]) -> Pdb {
        Pdb {
            atomic_numbers: numbers.to_vec(),
            atom_names: vec!["X".to_owned(); numbers.len()],
            models: vec![(0..3 * numbers.len()).map(|x| x as f64).collect()],
            bonds: bonds.to_vec(),
            ..Pdb::default()
        }
    }

    fn held(pairs: &[(u32, u32, f64)]) -> Vec<Held> {
        pairs.iter().map(|&(a, b, length)| Held { atoms: [a, b], length }).collect()
    }

    #[test]
    fn rigid_water_has_two_bonds() {
        let water = held(&[(0, 1, 0.09572), (2, 0, 0.09572), (1, 2, 0.15139)]);
        assert_eq!(bonds(&atoms(&[8, 1, 1], &[]), &water), [[0, 1], [0, 2]]);
        // The same where no element is known.
        assert_eq!(bonds(&atoms(&[0, 0, 0], &[]), &water), [[0, 1], [0, 2]]);
    }

    #[test]
    fn the_ends_of_an_angle_are_not_bonded() {
        // Methane with Urey-Bradley terms between all hydrogens, which come first.
        let mut pairs = Vec::new();
        for a in 1..5 {
            pairs.extend((a + 1..5).map(|b| (a, b, 0.1802)));
        }
        pairs.extend((1..5).map(|hydrogen| (0, hydrogen, 0.1111)));
        assert_eq!(bonds(&atoms(&[6, 1, 1, 1, 1], &[]), &held(&pairs)), [[0, 1], [0, 2], [0, 3], [0, 4]]);
    }

    #[test]
    fn rings_of_three_are_whole() {
        let ring = held(&[(0, 1, 0.1501), (1, 2, 0.143), (0, 2, 0.143)]);
        assert_eq!(bonds(&atoms(&[6, 6, 8], &[]), &ring).len(), 3);
    }

    #[test]
    fn restraints_are_no_bonds() {
        let numbers = [6, 6, 6, 6, 11];
        let chain = [(0, 1, 0.153), (1, 2, 0.153), (2, 3, 0.153)];
        let restraints = [(0, 3, 0.5), (1, 3, 0.0), (4, 0, 0.35)];
        let all = held(&[&chain[..], &restraints[..]].concat());
        assert_eq!(bonds(&atoms(&numbers, &[]), &all), [[0, 1], [1, 2], [2, 3]]);
        let told = [[0, 1], [1, 2], [2, 3]];
        assert_eq!(bonds(&atoms(&numbers, &told), &held(&restraints)), told);
    }

    #[test]
    fn beads_are_bonded_where_nothing_else_says_so() {
        let network = held(&[(0, 1, 0.38), (1, 2, 0.38), (2, 3, 0.38), (0, 2, 0.6), (1, 3, 0.6)]);
        let chain = [[0, 1], [1, 2], [2, 3]];
        for numbers in [[0; 4], [6; 4]] {
            assert_eq!(bonds(&atoms(&numbers, &[]), &network), chain, "{numbers:?}");
            assert_eq!(bonds(&atoms(&numbers, &chain), &held(&[(0, 3, 0.7)])), chain);
        }
    }

    #[test]
    fn an_unknown_element_is_bonded_to_a_known_one() {
        let pair = held(&[(0, 1, 0.153), (1, 2, 0.194)]);
        assert_eq!(bonds(&atoms(&[6, 6, 0], &[]), &pair), [[0, 1], [1, 2]]);
        assert_eq!(bonds(&atoms(&[6, 6, 0], &[[0, 1]]), &pair), [[0, 1], [1, 2]]);
    }
}
