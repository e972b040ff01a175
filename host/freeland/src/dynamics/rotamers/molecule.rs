//! The bonds of a molecule as a graph: neighbours, which atoms are equal, what hangs together.
use std::collections::{BTreeMap, BTreeSet};

use freeland_loader::Topology;

use crate::system::geometry;

/// What a search for rotamers asks of a molecule.
#[derive(Debug)]
pub(super) struct Molecule<'a> {
    pub topology: &'a Topology,
    pub neighbours: Vec<Vec<usize>>,
    /// Atoms of one class are equal: nothing in the graph tells them apart.
    pub classes: Vec<usize>,
    /// Residues with an alpha carbon.
    pub amino_acids: BTreeSet<u32>,
}

impl<'a> Molecule<'a> {
    /// `None` where bonds or elements are not told.
    /// `unlike`: atoms that the energy tells from all others.
    pub fn new(topology: &'a Topology, unlike: &[usize]) -> Option<Self> {
        let atoms = topology.atomic_numbers.len();
        let inside = |bond: &[u32; 2]| bond.iter().all(|end| (*end as usize) < atoms);
        if topology.bonds.is_empty() || !topology.bonds.iter().all(inside) {
            return None;
        }
        let mut neighbours = vec![Vec::new(); atoms];
        for [a, b] in topology.bonds.iter().map(|bond| bond.map(|end| end as usize)) {
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        let classes = classes(&topology.atomic_numbers, &neighbours, unlike);
        let named = topology.residues.iter().zip(&topology.atom_names);
        let amino_acids = named.filter(|(_, name)| *name == "CA").map(|(residue, _)| *residue).collect();
        Some(Self { topology, neighbours, classes, amino_acids })
    }

    /// Whether `r`, `[atoms][3]`, can be a configuration: finite, and no two bonded atoms in one place.
    pub fn fits(&self, r: &[f64]) -> bool {
        let apart = |a: usize| {
            let partners = self.neighbours[a].iter();
            partners.map(|b| geometry::distance(r, a, *b)).all(|length| length.is_finite() && length > 0.0)
        };
        r.len() == 3 * self.neighbours.len() && (0..self.neighbours.len()).all(apart)
    }

    pub fn element(&self, atom: usize) -> u32 {
        self.topology.atomic_numbers[atom]
    }

    /// Neighbours of `atom` but `other`.
    pub fn others(&self, atom: usize, other: usize) -> Vec<usize> {
        self.neighbours[atom].iter().copied().filter(|neighbour| *neighbour != other).collect()
    }

    /// The atoms that hang on `to` when its bond with `from` is cut, in order; `None` where the bond is in a ring.
    pub fn side(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut reached = vec![false; self.neighbours.len()];
        reached[to] = true;
        let mut stack = vec![to];
        while let Some(atom) = stack.pop() {
            for next in &self.neighbours[atom] {
                let cut = atom == to && *next == from;
                if !cut && !std::mem::replace(&mut reached[*next], true) {
                    stack.push(*next);
                }
            }
        }
        (!reached[from]).then(|| (0..reached.len()).filter(|atom| reached[*atom]).collect())
    }

    /// Whether the bonds of `atom` lie in a plane: three bonds of carbon, and of nitrogen next to such a carbon; two of
    /// nitrogen.
    pub fn is_planar(&self, atom: usize) -> bool {
        let carbon = |atom: usize| self.element(atom) == 6 && self.neighbours[atom].len() == 3;
        match (self.element(atom), self.neighbours[atom].len()) {
            (6, 3) | (7, 2) => true,
            (7, 3) => self.neighbours[atom].iter().any(|neighbour| carbon(*neighbour)),
            _ => false,
        }
    }

    /// Atoms of rings that are not flat: both ends of a bond in a ring have four neighbours.
    pub fn puckered(&self) -> Vec<usize> {
        let four = |atom: &usize| self.neighbours[*atom].len() == 4;
        let inside = |atom: &usize| {
            let partners = self.neighbours[*atom].iter().filter(|other| four(other));
            four(atom) && partners.clone().any(|other| self.side(*atom, *other).is_none())
        };
        (0..self.neighbours.len()).filter(inside).collect()
    }

    /// By which part of a turn the substituents of `to` look the same about the bond from `from`: 3 for a methyl group, 2 for
    /// a phenyl ring or a carboxylate, else 1.
    pub fn symmetry(&self, from: usize, to: usize) -> usize {
        let others = self.others(to, from);
        let equal = others.windows(2).all(|pair| self.classes[pair[0]] == self.classes[pair[1]]);
        match others.len() {
            3 if equal => 3,
            2 if equal && self.is_planar(to) => 2,
            _ => 1,
        }
    }
}

/// Refines classes of element and number of bonds by those of the neighbours until nothing changes.
///
/// Source: Morgan, Journal of Chemical Documentation 1965, 5, 107-113.
fn classes(elements: &[u32], neighbours: &[Vec<usize>], unlike: &[usize]) -> Vec<usize> {
    let mut classes: Vec<usize> = elements.iter().map(|element| *element as usize).collect();
    let beyond = classes.iter().max().map_or(0, |largest| largest + 1);
    unlike.iter().filter(|atom| **atom < elements.len()).for_each(|atom| classes[*atom] = beyond + atom);
    let mut count = 0;
    loop {
        let keys: Vec<(usize, Vec<usize>)> = (neighbours.iter().enumerate())
            .map(|(atom, list)| {
                let mut around: Vec<usize> = list.iter().map(|neighbour| classes[*neighbour]).collect();
                around.sort_unstable();
                (classes[atom], around)
            })
            .collect();
        let mut numbers: BTreeMap<&(usize, Vec<usize>), usize> = keys.iter().map(|key| (key, 0)).collect();
        numbers.values_mut().enumerate().for_each(|(number, value)| *value = number);
        classes = keys.iter().map(|key| numbers[key]).collect();
        if numbers.len() == count {
            return classes;
        }
        count = numbers.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topology(atomic_numbers: &[u32], bonds: &[[u32; 2]]) -> Topology {
        let (atomic_numbers, bonds) = (atomic_numbers.to_vec(), bonds.to_vec());
        Topology { atomic_numbers, bonds, ..Topology::default() }
    }

    /// Toluene, its methyl carbon first, then the ring from where it hangs.
    #[test]
    fn toluene_has_a_methyl_group_and_a_ring_that_flips() {
        let elements = [6, 6, 6, 6, 6, 6, 6, 1, 1, 1, 1, 1, 1, 1, 1];
        let mut bonds = vec![[0, 1], [0, 7], [0, 8], [0, 9]];
        bonds.extend((1..6).map(|k| [k, k + 1]));
        bonds.push([6, 1]);
        bonds.extend((2..7).map(|k| [k, k + 8]));
        let topology = topology(&elements, &bonds);
        let molecule = Molecule::new(&topology, &[]).unwrap();
        assert_eq!((molecule.symmetry(1, 0), molecule.symmetry(0, 1)), (3, 2));
        let told_apart = Molecule::new(&topology, &[7, 8, 9]).unwrap();
        assert_eq!((told_apart.symmetry(1, 0), told_apart.symmetry(0, 1)), (1, 2));
        assert_eq!((molecule.classes[2], molecule.classes[3]), (molecule.classes[6], molecule.classes[5]));
        assert_ne!(molecule.classes[2], molecule.classes[3]);
        assert_eq!(molecule.side(1, 0), Some(vec![0, 7, 8, 9]));
        assert_eq!(molecule.side(1, 2), None, "a bond in the ring");
        assert!(molecule.is_planar(1) && !molecule.is_planar(0) && molecule.puckered().is_empty());
    }

    /// 2-methylbutane's middle: its two methyl groups are equal, but turning does not exchange them for each other.
    #[test]
    fn an_isopropyl_group_does_not_look_the_same_after_a_turn() {
        let elements = [6, 6, 6, 6, 6, 1];
        let topology = topology(&elements, &[[0, 1], [2, 1], [1, 3], [3, 4], [1, 5]]);
        let molecule = Molecule::new(&topology, &[]).unwrap();
        assert_eq!(molecule.classes[0], molecule.classes[2]);
        assert_eq!(molecule.symmetry(3, 1), 1);
    }

    #[test]
    fn bonds_between_nothing_make_no_molecule() {
        assert!(Molecule::new(&topology(&[6, 6], &[]), &[]).is_none());
        assert!(Molecule::new(&topology(&[6, 6], &[[0, 2]]), &[]).is_none());
    }
}
