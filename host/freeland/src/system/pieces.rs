//! How many molecules the bonds make of the atoms.

/// The number of pieces that no bond joins. `bonds`: pairs of atoms, from 0; a pair beyond `atoms` joins nothing.
pub(super) fn pieces(atoms: usize, bonds: &[[u32; 2]]) -> usize {
    let mut parent: Vec<usize> = (0..atoms).collect();
    let root = |parent: &[usize], mut atom: usize| {
        while parent[atom] != atom {
            atom = parent[atom];
        }
        atom
    };
    let mut count = atoms;
    for [a, b] in bonds.iter().map(|pair| pair.map(|atom| atom as usize)) {
        if a >= atoms || b >= atoms {
            continue;
        }
        let (a, b) = (root(&parent, a), root(&parent, b));
        if a != b {
            parent[a.max(b)] = a.min(b);
            count -= 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn chains_rings_and_lone_atoms() {
        assert_eq!(pieces(0, &[]), 0);
        assert_eq!(pieces(3, &[]), 3);
        assert_eq!(pieces(4, &[[3, 2], [1, 2], [0, 1], [0, 3]]), 1);
        assert_eq!(pieces(7, &[[0, 1], [2, 1], [4, 5], [5, 3]]), 3);
    }
}
