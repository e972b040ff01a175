//! Lengths of bonds that no bond has: another unit, a molecule cut by a boundary, atoms in another order.
use freeland_loader::Topology;
use freeland_molecule::radius::covalent;

use super::error::{CheckError, Origin};
use super::suspicion::Suspicion;
use crate::system::atom_name::{atom_name, name};
use crate::system::geometry;

/// A bond shorter or longer than the sum of its covalent radii by these factors is none. Beads of coarse-grained models that
/// call themselves carbon have bonds of 0.35 to 0.47 nm, three times that of carbon.
const NO_BOND: (f64, f64) = (0.35, 3.5);
/// Bonds are told from what is no bond by these.
const USUAL: (f64, f64) = (0.6, 1.7);

/// Refuses `r`, `[atoms][3]` in nm, if it has a bond that is none. Bonds of atoms without an element are not looked at.
pub(super) fn check(topology: &Topology, r: &[f64], origin: Origin) -> Result<(), CheckError> {
    let elements = &topology.atomic_numbers;
    let atoms = r.len() / 3;
    let known = topology.bonds.iter().map(|bond| bond.map(|atom| atom as usize)).filter_map(|[a, b]| {
        let radius = |atom: usize| elements.get(atom).filter(|_| atom < atoms).and_then(|z| covalent(*z));
        Some(([a, b], geometry::distance(r, a, b), radius(a)? + radius(b)?))
    });
    let bonds: Vec<([usize; 2], f64, f64)> = known.collect();
    let no_bond = |(_, found, expected): &&([usize; 2], f64, f64)| {
        // Those that are no number are refused with the coordinates.
        *found < NO_BOND.0 * expected || *found > NO_BOND.1 * expected
    };
    let Some(([a, b], found_nm, expected_nm)) = bonds.iter().find(no_bond).copied() else { return Ok(()) };
    let mut ratios: Vec<f64> = bonds.iter().map(|(_, found, expected)| found / expected).collect();
    ratios.sort_by(f64::total_cmp);
    let suspicion = match ratios[ratios.len() / 2] {
        median if (8.0..12.5).contains(&median) => Suspicion::Angstrom(median),
        median if (15.0..24.0).contains(&median) => Suspicion::Bohr(median),
        median if (USUAL.0..USUAL.1).contains(&median) && found_nm > expected_nm => Suspicion::Cut,
        _ => Suspicion::Order,
    };
    let names = [a, b].map(|atom| match name(topology, atom) {
        Some(_) => atom_name(topology, atom),
        None => format!("atom {atom}"),
    });
    Err(CheckError::Length { origin, bond: names.join(" - "), found_nm, expected_nm, suspicion })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::alanine::{BONDS, ELEMENTS, frames};
    use crate::system::vector::at;

    fn topology() -> Topology {
        Topology { atomic_numbers: ELEMENTS.to_vec(), bonds: BONDS.to_vec(), ..Topology::default() }
    }

    fn suspicion(r: &[f64]) -> Option<Suspicion> {
        match check(&topology(), r, Origin::Frame(0)) {
            Ok(()) => None,
            Err(CheckError::Length { suspicion, .. }) => Some(suspicion),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn lengths_tell_units_cuts_and_other_orders() {
        for frame in frames().rows() {
            let frame = frame.to_vec();
            assert_eq!(suspicion(&frame), None);
            let scaled = |factor: f64| frame.iter().map(|x| factor * x).collect::<Vec<f64>>();
            assert!(matches!(suspicion(&scaled(10.0)), Some(Suspicion::Angstrom(_))));
            assert!(matches!(suspicion(&scaled(18.9)), Some(Suspicion::Bohr(_))));
            assert_eq!(suspicion(&scaled(0.1)), Some(Suspicion::Order));
            // A box of 2 nm whose boundary is between the first atoms.
            let mut x: Vec<f64> = frame.iter().copied().step_by(3).collect();
            x.sort_by(f64::total_cmp);
            let plane = 0.5 * (x[5] + x[6]);
            let mut cut = frame.clone();
            cut.iter_mut().step_by(3).filter(|x| **x < plane).for_each(|x| *x += 2.0);
            assert_eq!(suspicion(&cut), Some(Suspicion::Cut));
            let shuffled: Vec<f64> = (0..22).flat_map(|k| at(&frame, 7 * k % 22)).collect();
            assert_eq!(suspicion(&shuffled), Some(Suspicion::Order));
        }
    }
}
