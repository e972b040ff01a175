//! What a torsion is called, and how a run file says it.
use freeland_loader::Topology;

use super::molecule::Molecule;
use crate::system::{atom_name, own_name as name};

/// Remoteness from the backbone, as PDB names of side chains say it.
const GREEK: &str = "ABGDEZH";

/// The usual atoms of the torsion about the bond `a`-`b`: of all neighbours the heavy ones, nitrogen and then the nearest to
/// the backbone first.
pub(super) fn torsion_about(molecule: &Molecule<'_>, [a, b]: [usize; 2]) -> [usize; 4] {
    let first = |atom: usize, other: usize| {
        let key = |atom: &usize| {
            let name = name(molecule.topology, *atom).unwrap_or_default();
            (molecule.element(*atom) == 1, name != "N", remoteness(name), name.to_owned(), *atom)
        };
        molecule
            .others(atom, other)
            .into_iter()
            .min_by_key(key)
            .expect("a bond that turns goes on at both ends")
    };
    [first(a, b), a, b, first(b, a)]
}

/// `chi1`, `omega`, ... of the torsion about the bond `a`-`b` where the names of atoms and residues say so, and the residue, from 0.
pub(super) fn usual_name(molecule: &Molecule<'_>, [a, b]: [usize; 2]) -> Option<(String, u32)> {
    let topology = molecule.topology;
    let residue = |atom: usize| topology.residues.get(atom).copied();
    let (name_a, name_b) = (name(topology, a)?, name(topology, b)?);
    let (at_a, at_b) = (residue(a)?, residue(b)?);
    match (name_a, name_b) {
        ("C", "N") if at_a != at_b => return Some(("omega".to_owned(), at_b)),
        ("N", "C") if at_a != at_b => return Some(("omega".to_owned(), at_a)),
        _ if at_a != at_b => return None,
        ("N", "CA") | ("CA", "N") => return Some(("phi".to_owned(), at_a)),
        ("CA", "C") | ("C", "CA") => return Some(("psi".to_owned(), at_a)),
        _ => {}
    }
    // Only an amino acid has side-chain torsions.
    let alpha = molecule.amino_acids.contains(&at_a);
    let (near, far) =
        (remoteness(name_a).min(remoteness(name_b)), remoteness(name_a).max(remoteness(name_b)));
    (alpha && far == near + 1 && far < GREEK.len()).then(|| (format!("chi{far}"), at_a))
}

/// An atom as TOML: a text where its residue and name are its alone, else its index.
pub(super) fn atom(topology: &Topology, atom: usize) -> String {
    let name = atom_name(topology, atom);
    if name.contains(':') { format!("\"{name}\"") } else { name }
}

/// 0 for alpha, 1 for beta; the number of letters for what is none.
fn remoteness(name: &str) -> usize {
    let letter = name.chars().nth(1);
    letter.and_then(|letter| GREEK.find(letter)).unwrap_or(GREEK.len())
}
