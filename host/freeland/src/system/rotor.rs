//! Methyl-like rotors: three hydrogens that a relabelling turns into each other.
//!
//! With `t` the torsion of the first hydrogen and `d2`, `d3` the offsets of the others from it, the direction of the
//! rotor is `m = t + (d2 + d3) / 3`. A cyclic relabelling shifts `m` by exactly a third of a turn, so every
//! configuration has one labelling with `m` in `[-pi/3, pi/3)` and `d2 > 0 > d3`; `3 m` is then a coordinate on the
//! whole circle. The change `(t, d2, d3) -> (m, d2, d3)` has determinant 1.

use std::f64::consts::{PI, TAU};

use super::geometry::torsion;
use super::vector::{at, put};
use super::z_matrix::{Placement, ZMatrix};
use crate::space::circle::wrap;

/// One rotor of a z-matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotor {
    hydrogens: [usize; 3],
    /// Bond, angle and torsion atoms of the first hydrogen.
    references: [usize; 3],
    /// Index of `t` among the internal coordinates.
    pub torsion: usize,
    /// Indices of `d2` and `d3`.
    pub offsets: [usize; 2],
}

impl Rotor {
    /// The rotors of a z-matrix: a first hydrogen, and exactly two that are written as offsets from it, on an atom with
    /// one further neighbour. `elements` are atomic numbers; `fixed` lists coordinates that must stay as they are.
    pub fn find(z_matrix: &ZMatrix, elements: &[u32], bonds: &[[u32; 2]], fixed: &[usize]) -> Vec<Self> {
        let rows = z_matrix.rows();
        let hydrogen = |atom: usize| elements.get(atom) == Some(&1);
        let degree = |atom: usize| bonds.iter().flatten().filter(|end| **end as usize == atom).count();
        let index_of = |row: usize| 3 + 3 * row + 2;
        let mut rotors = Vec::new();
        for (i, first) in rows.iter().enumerate() {
            let is_offset = |row: &Placement| {
                (row.bond, row.angle, row.torsion) == (first.bond, first.angle, first.atom)
                    && hydrogen(row.atom)
            };
            let others: Vec<usize> = (0..rows.len()).filter(|j| is_offset(&rows[*j])).collect();
            let [second, third] = others[..] else { continue };
            let hydrogens = [first.atom, rows[second].atom, rows[third].atom];
            let free = hydrogens.iter().all(|h| degree(*h) == 1 && !z_matrix.seed().contains(h));
            let [torsion, d2, d3] = [index_of(i), index_of(second), index_of(third)];
            let untouched = ![torsion, d2, d3].iter().any(|index| fixed.contains(index));
            if hydrogen(first.atom) && free && untouched && degree(first.bond) == 4 {
                rotors.push(Self {
                    hydrogens,
                    references: [first.bond, first.angle, first.torsion],
                    torsion,
                    offsets: [d2, d3],
                });
            }
        }
        rotors
    }

    /// Whether it turns exactly these atoms.
    pub fn turns(&self, atoms: &[usize]) -> bool {
        atoms.len() == self.hydrogens.len() && atoms.iter().all(|atom| self.hydrogens.contains(atom))
    }

    /// Relabels the hydrogens in `r` (`[atoms][3]`) as the module says. Positions without a torsion are left alone.
    pub fn relabel(&self, r: &mut [f64]) {
        let [b, c, d] = self.references;
        let mut turned = self.hydrogens.map(|h| (torsion(r, h, b, c, d), at(r, h)));
        if turned.iter().any(|(angle, _)| !angle.is_finite()) {
            return;
        }
        turned.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        // Ascending; the third offset is taken below zero by a full turn.
        let sum: f64 = turned.iter().map(|(angle, _)| angle).sum();
        let direction = wrap((sum - TAU) / 3.0);
        // With the lowest first the rotor points along `direction`; each step of the cycle adds a third of a turn.
        let steps =
            (0..3).find(|k| (-PI / 3.0..PI / 3.0).contains(&wrap(direction + f64::from(*k) * TAU / 3.0)));
        turned.rotate_left(steps.unwrap_or(0) as usize);
        for (hydrogen, (_, position)) in self.hydrogens.into_iter().zip(turned) {
            put(r, hydrogen, position);
        }
    }
}
