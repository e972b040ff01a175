//! Which atoms are alike, and which belong together.

use crate::Topology;

/// Numbers atoms so that those which the topology does not tell apart have the same: same element, mass, charge and
/// bonded neighbours.
pub(super) fn kinds(topology: &Topology) -> Vec<usize> {
    let atoms = topology.atoms();
    let mut neighbours = vec![Vec::new(); atoms];
    for &[a, b] in &topology.bonds {
        neighbours[a as usize].push(b);
        neighbours[b as usize].push(a);
    }
    neighbours.iter_mut().for_each(|list| list.sort_unstable());
    let bits = |values: &[f64], atom: usize| values.get(atom).map(|value| value.to_bits());
    let of = |atom: usize| {
        (
            topology.atomic_numbers.get(atom).copied(),
            bits(&topology.masses, atom),
            bits(&topology.charges, atom),
            neighbours[atom].clone(),
        )
    };
    let mut known = Vec::new();
    (0..atoms)
        .map(|atom| {
            let kind = of(atom);
            known.iter().position(|other| *other == kind).unwrap_or_else(|| {
                known.push(kind);
                known.len() - 1
            })
        })
        .collect()
}

/// Numbers atoms so that those which are bonded, over others perhaps, have the same.
pub(super) fn molecules(topology: &Topology, atoms: usize) -> Vec<usize> {
    let mut molecule: Vec<usize> = (0..atoms).collect();
    loop {
        let mut changed = false;
        for &[a, b] in &topology.bonds {
            let least = molecule[a as usize].min(molecule[b as usize]);
            for atom in [a as usize, b as usize] {
                changed |= molecule[atom] != least;
                molecule[atom] = least;
            }
        }
        if !changed {
            return molecule;
        }
    }
}
