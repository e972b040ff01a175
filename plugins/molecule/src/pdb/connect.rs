//! Bonds: those that the names of standard residues imply, disulphides, and those of CONECT records.

use std::collections::{HashMap, HashSet};

use super::Pdb;
use super::record::columns;
use super::serial::Serial;
use crate::element::by_number;
use crate::residue;

/// Sulphur atoms of two cysteines without their hydrogen are bonded below this distance, nm.
const DISULPHIDE: f64 = 0.3;

/// Metals that CONECT records join to standard residues by coordination, not by a bond.
const METALS: [&str; 36] = [
    "Al", "As", "Ba", "Ca", "Cd", "Ce", "Co", "Cs", "Cu", "Dy", "Fe", "Gd", "Hg", "Ho", "In", "Ir", "K",
    "Li", "Mg", "Mn", "Mo", "Na", "Ni", "Pb", "Pd", "Pt", "Rb", "Rh", "Sm", "Sr", "Te", "Tl", "V", "W", "Yb",
    "Zn",
];

/// A CONECT record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Connect {
    atom: Serial,
    partners: Vec<Serial>,
}

impl Connect {
    pub(super) fn read(line: &str) -> Option<Connect> {
        let serial = |from: usize| Serial::named(columns(line, from, from + 4));
        let partners = [12, 17, 22, 27].into_iter().filter_map(serial).collect();
        Some(Connect { atom: serial(7)?, partners })
    }
}

/// The bonds inside and between the residues of a chain, which are those of the atoms after `from`.
pub(super) fn standard_bonds(pdb: &mut Pdb, from: usize) {
    let mut before: HashMap<&str, u32> = HashMap::new();
    let mut start = from;
    while start < pdb.atom_names.len() {
        let length = pdb.residues[start..].iter().take_while(|&&index| index == pdb.residues[start]).count();
        let atoms = start..start + length;
        let here: HashMap<&str, u32> =
            atoms.clone().map(|atom| (pdb.atom_names[atom].as_str(), atom as u32)).collect();
        let find = |name: &str| match name.strip_prefix('-') {
            Some(name) => before.get(name).copied(),
            None => here.get(name).copied(),
        };
        for [one, other] in residue::bonds(&pdb.residue_names[start]) {
            if let (Some(a), Some(b)) = (find(one), find(other)) {
                pdb.bonds.push([a, b]);
            }
        }
        before = here;
        start += length;
    }
}

/// Sulphur to the nearest sulphur that has no other yet, in the order of the file.
pub(super) fn disulphides(pdb: &mut Pdb) {
    let mut free: Vec<usize> = Vec::new();
    let mut start = 0;
    while start < pdb.atom_names.len() {
        let length = pdb.residues[start..].iter().take_while(|&&index| index == pdb.residues[start]).count();
        let names = &pdb.atom_names[start..start + length];
        if pdb.residue_names[start] == "CYS"
            && !names.iter().any(|name| name == "HG")
            && let Some(place) = names.iter().position(|name| name == "SG")
        {
            free.push(start + place);
        }
        start += length;
    }
    let positions = pdb.positions();
    let distance = |a: usize, b: usize| {
        let square = |axis: usize| (positions[3 * a + axis] - positions[3 * b + axis]).powi(2);
        (0..3).map(square).sum::<f64>().sqrt()
    };
    let mut bonded: HashSet<usize> = HashSet::new();
    let mut found = Vec::new();
    for (place, &sulphur) in free.iter().enumerate() {
        let others = free[..place].iter().filter(|other| !bonded.contains(other));
        let nearest = others
            .map(|&other| (distance(sulphur, other), other))
            .filter(|(distance, _)| *distance < DISULPHIDE)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, other)) = nearest {
            bonded.extend([sulphur, other]);
            found.push([other as u32, sulphur as u32]);
        }
    }
    pdb.bonds.extend(found);
}

/// The bonds of CONECT records. `atoms` has the serial numbers that belong to one atom alone.
pub(super) fn named(pdb: &mut Pdb, connects: &[Connect], atoms: &HashMap<Serial, u32>) {
    let is_metal = |atom: u32| {
        let element = by_number(pdb.atomic_numbers[atom as usize]);
        element.is_some_and(|element| METALS.contains(&element.symbol))
    };
    let is_standard = |atom: u32| residue::is_standard(&pdb.residue_names[atom as usize]);
    let is_known = |atom: u32| pdb.atomic_numbers[atom as usize] != 0;
    let mut found = Vec::new();
    for connect in connects {
        let Some(&a) = atoms.get(&connect.atom) else { continue };
        for &b in connect.partners.iter().filter_map(|partner| atoms.get(partner)).filter(|&&b| b != a) {
            // A metal is bonded to what is none of the standard residues.
            let may_bond = |metal: u32, other: u32| is_metal(metal) && !is_standard(other);
            let metals = is_known(a) && is_known(b) && (is_metal(a) || is_metal(b));
            let coordination = metals && !may_bond(a, b) && !may_bond(b, a);
            if !coordination {
                found.push([a, b]);
            }
        }
    }
    pdb.bonds.extend(found);
}
