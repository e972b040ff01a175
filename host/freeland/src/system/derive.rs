//! A z-matrix derived from the bonds of a molecule.

use super::z_matrix::{Measured, Placement, ZMatrix, ZMatrixError};

/// Bonds from which no z-matrix can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The plugin told no bonds.
    #[error(
        "[coordinates]: a z-matrix cannot be derived, the plugin does not tell the bonds of its molecule; write coordinates.z-matrix"
    )]
    NoBonds,
    /// The bonds leave atoms apart.
    #[error(
        "[coordinates]: a z-matrix cannot be derived, the bonds leave atom {atom} unconnected with atom {start}; write coordinates.z-matrix"
    )]
    NotConnected {
        /// An atom that is not reached.
        atom: usize,
        /// The atom that the search started from.
        start: usize,
    },
    /// A torsion or distance could not be made a coordinate.
    #[error(
        "[coarse]: {measured} cannot be made a coordinate together with the others: the first or the last three atoms of a torsion must be bonded in a row, and no two variables may end in the same atom"
    )]
    Variable {
        /// What was left out.
        measured: Measured,
    },
    /// The rows made were refused: a bug, or bonds that are not a molecule's.
    #[error(transparent)]
    ZMatrix(#[from] ZMatrixError),
}

/// Derives a z-matrix in which every torsion and every distance of `wanted` is a coordinate.
///
/// `elements`: atomic numbers, or empty if unknown; they decide which atom of several carries the torsion of a bond
/// (the heaviest), the others being written as offsets from it. A distance of atoms that are not bonded takes the place of
/// a bond; the bond then follows from it and an angle.
pub fn derive(
    atoms: usize,
    bonds: &[[u32; 2]],
    elements: &[u32],
    wanted: &[Measured],
) -> Result<ZMatrix, DeriveError> {
    if atoms < 3 {
        return Err(ZMatrixError::TooFewAtoms { found: atoms }.into());
    }
    if bonds.is_empty() {
        return Err(DeriveError::NoBonds);
    }
    if let Some(atom) = bonds.iter().flatten().map(|atom| *atom as usize).find(|atom| *atom >= atoms) {
        return Err(ZMatrixError::OutOfRange { atom, last: atoms - 1 }.into());
    }
    let mut neighbours = vec![Vec::new(); atoms];
    for [a, b] in bonds.iter().map(|pair| pair.map(|atom| atom as usize)) {
        neighbours[a].push(b);
        neighbours[b].push(a);
    }
    let element = |atom: usize| elements.get(atom).copied().unwrap_or(6);
    for list in &mut neighbours {
        list.sort_by_key(|atom| (std::cmp::Reverse(element(*atom)), *atom));
        list.dedup();
    }
    connected(&neighbours)?;
    let torsions: Vec<[usize; 4]> = wanted.iter().filter_map(torsion).collect();
    let middle = torsions.len() / 2;
    // The torsion in the middle of the list first: the tree then grows both ways along a chain.
    let order = torsions[middle..].iter().chain(torsions[..middle].iter().rev());
    let mut seeds: Vec<[usize; 3]> = order
        .flat_map(|[i, j, k, l]| [[*j, *k, *l], [*k, *j, *i]])
        .filter(|seed| bonded(&neighbours, seed))
        .collect();
    seeds.extend(central_seed(&neighbours));
    if wanted.iter().any(|measured| matches!(measured, Measured::Bond(_))) {
        // Whichever leaves an end of the distance to be placed.
        seeds.extend(
            (0..atoms).filter(|b| neighbours[*b].len() > 1).map(|b| [neighbours[b][0], b, neighbours[b][1]]),
        );
    }
    let mut failure = None;
    for seed in seeds {
        let mut growth = Growth::new(&neighbours, seed, wanted);
        growth.grow();
        match growth.unsatisfied() {
            None => return Ok(ZMatrix::new(atoms, seed, &growth.rows)?),
            Some(measured) => failure = failure.or(Some(DeriveError::Variable { measured })),
        }
    }
    Err(failure.unwrap_or(DeriveError::NoBonds))
}

fn torsion(measured: &Measured) -> Option<[usize; 4]> {
    if let Measured::Torsion(atoms) = measured { Some(*atoms) } else { None }
}

fn connected(neighbours: &[Vec<usize>]) -> Result<(), DeriveError> {
    let mut reached = vec![false; neighbours.len()];
    let mut stack = vec![0];
    while let Some(atom) = stack.pop() {
        if !std::mem::replace(&mut reached[atom], true) {
            stack.extend(&neighbours[atom]);
        }
    }
    match reached.iter().position(|reached| !reached) {
        Some(atom) => Err(DeriveError::NotConnected { atom, start: 0 }),
        None => Ok(()),
    }
}

fn bonded(neighbours: &[Vec<usize>], [a, b, c]: &[usize; 3]) -> bool {
    neighbours[*b].contains(a) && neighbours[*b].contains(c)
}

/// The atom nearest to all others, between its two heaviest neighbours.
fn central_seed(neighbours: &[Vec<usize>]) -> Option<[usize; 3]> {
    let eccentricity = |start: usize| {
        let mut distance = vec![usize::MAX; neighbours.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        distance[start] = 0;
        let mut last = 0;
        while let Some(atom) = queue.pop_front() {
            last = distance[atom];
            for next in &neighbours[atom] {
                if distance[*next] == usize::MAX {
                    distance[*next] = last + 1;
                    queue.push_back(*next);
                }
            }
        }
        last
    };
    let inner = (0..neighbours.len()).filter(|atom| neighbours[*atom].len() > 1);
    inner.min_by_key(|atom| (eccentricity(*atom), *atom)).map(|b| [neighbours[b][0], b, neighbours[b][1]])
}

/// The tree of placements while it grows from the seed.
struct Growth<'a> {
    neighbours: &'a [Vec<usize>],
    seed: [usize; 3],
    wanted: &'a [Measured],
    rows: Vec<Placement>,
    /// Atoms in the order they were placed.
    order: Vec<usize>,
    /// The angle reference of each placed atom's children: the atom it was placed from.
    parent: Vec<Option<usize>>,
}

impl<'a> Growth<'a> {
    fn new(neighbours: &'a [Vec<usize>], seed: [usize; 3], wanted: &'a [Measured]) -> Self {
        let [a, b, c] = seed;
        let mut parent = vec![None; neighbours.len()];
        parent[a] = Some(b);
        parent[b] = Some(a);
        parent[c] = Some(b);
        Self { neighbours, seed, wanted, rows: Vec::new(), order: vec![b, a, c], parent }
    }

    fn grow(&mut self) {
        loop {
            if let Some(row) = self.wanted_torsion() {
                self.place(row, row.bond);
            } else if let Some(row) = self.wanted_distance() {
                self.place(row, row.angle);
            } else if let Some(row) = self.next_by_default() {
                self.place(row, row.bond);
            } else {
                return;
            }
        }
    }

    /// `from`: the neighbour that the atom hangs on.
    fn place(&mut self, row: Placement, from: usize) {
        self.parent[row.atom] = Some(from);
        self.order.push(row.atom);
        self.rows.push(row);
    }

    fn placed(&self, atom: usize) -> bool {
        self.parent[atom].is_some()
    }

    fn is_coordinate(&self, measured: Measured) -> bool {
        let [a, b, c] = self.seed;
        let of_row = |row: &Placement| match measured {
            Measured::Bond(_) => measured.is_same(Measured::Bond([row.atom, row.bond])),
            _ => measured.is_same(Measured::Torsion(row.atoms())),
        };
        let of_seed = [[a, b], [b, c]].into_iter().any(|pair| measured.is_same(Measured::Bond(pair)));
        of_seed || self.rows.iter().any(of_row)
    }

    /// What has to become a coordinate: torsions, and distances of atoms that are not bonded.
    fn missing(&self) -> impl Iterator<Item = Measured> {
        let to_place = |measured: &Measured| match measured {
            Measured::Torsion(_) => true,
            Measured::Bond([i, j]) => !self.neighbours[*i].contains(j),
            Measured::Angle(_) => false,
        };
        self.wanted
            .iter()
            .copied()
            .filter(move |measured| to_place(measured) && !self.is_coordinate(*measured))
    }

    /// A torsion one end of which can be placed now.
    fn wanted_torsion(&self) -> Option<Placement> {
        let ends = self.missing().filter_map(|measured| torsion(&measured));
        let mut ends = ends.flat_map(|[i, j, k, l]| [[i, j, k, l], [l, k, j, i]]).filter(|[a, b, c, d]| {
            !self.placed(*a)
                && [b, c, d].into_iter().all(|atom| self.placed(*atom))
                && self.neighbours[*b].contains(a)
        });
        ends.next().map(|[atom, bond, angle, torsion]| Placement { atom, bond, angle, torsion })
    }

    /// An atom at a wanted distance of one that is placed, as soon as a neighbour of its own is.
    fn wanted_distance(&self) -> Option<Placement> {
        let pairs = self.missing().filter_map(|measured| match measured {
            Measured::Bond(pair) => Some(pair),
            _ => None,
        });
        let mut ends = pairs.flat_map(|[i, j]| [[i, j], [j, i]]);
        ends.find_map(|[atom, bond]| {
            if self.placed(atom) || !self.placed(bond) {
                return None;
            }
            let angle = self.other(atom, bond)?;
            let torsion = self.other(angle, bond).or_else(|| self.other(bond, angle))?;
            Some(Placement { atom, bond, angle, torsion })
        })
    }

    /// The next atom outward from the seed, with its references chosen by rule.
    fn next_by_default(&self) -> Option<Placement> {
        let mut free = self.order.iter().flat_map(|bond| {
            self.neighbours[*bond].iter().filter(|atom| !self.placed(**atom)).map(move |atom| (*atom, *bond))
        });
        let (atom, bond) = free.next()?;
        let sibling = self.rows.iter().find(|row| row.bond == bond);
        let [a, b, c] = self.seed;
        let (angle, torsion) = match sibling {
            // Kept on the sibling's own reference where that is an offset already, so that all refer to one atom.
            Some(row) if self.is_offset(row) => (row.angle, row.torsion),
            Some(row) => (row.angle, row.atom),
            None if bond == b => (a, c),
            None if bond == a => (b, c),
            None if bond == c => (b, a),
            None => {
                let angle = self.parent[bond]?;
                // The middle of the seed has the first seed atom as its parent, and so has that the middle.
                (
                    angle,
                    self.parent[angle]
                        .filter(|torsion| *torsion != bond)
                        .or_else(|| self.other(angle, bond))?,
                )
            }
        };
        Some(Placement { atom, bond, angle, torsion })
    }

    /// Whether the last atom of `row` hangs on the same atom as the one placed.
    fn is_offset(&self, row: &Placement) -> bool {
        self.parent[row.torsion] == Some(row.bond)
            || (row.bond == self.seed[1] && self.seed.contains(&row.torsion))
    }

    /// A placed neighbour of `atom` that is not `except`.
    fn other(&self, atom: usize, except: usize) -> Option<usize> {
        self.neighbours[atom].iter().copied().find(|other| *other != except && self.placed(*other))
    }

    fn unsatisfied(&self) -> Option<Measured> {
        self.missing().next()
    }
}

#[cfg(test)]
mod tests {
    use super::super::alanine::{ATOMS, BONDS, ELEMENTS, PHI, PSI, pairs};
    use super::super::z_matrix::same_torsion;
    use super::*;

    fn has(z_matrix: &ZMatrix, torsion: [usize; 4]) -> bool {
        z_matrix.rows().iter().any(|row| same_torsion(row.atoms(), torsion))
    }

    #[test]
    fn alanine_gets_its_torsions_whatever_is_asked_for() {
        for coarse in [vec![], vec![PHI], vec![PSI, PHI], vec![PHI, PSI, [1, 4, 6, 8], [8, 14, 16, 18]]] {
            let wanted: Vec<Measured> = coarse.iter().copied().map(Measured::Torsion).collect();
            let z_matrix = derive(ATOMS, &BONDS, &ELEMENTS, &wanted).unwrap().with_offsets(&coarse);
            assert_eq!(z_matrix.coordinates(), 60);
            assert!(coarse.iter().all(|torsion| has(&z_matrix, *torsion)), "{coarse:?}");
        }
    }

    #[test]
    fn every_shared_bond_has_one_torsion_and_offsets() {
        let z_matrix = derive(ATOMS, &BONDS, &ELEMENTS, &[PHI, PSI].map(Measured::Torsion)).unwrap();
        for (i, row) in z_matrix.rows().iter().enumerate() {
            let earlier = z_matrix.rows()[..i].iter().find(|other| other.bond == row.bond);
            if let Some(earlier) = earlier {
                let reference = if earlier.bond == 8 { 14 } else { earlier.atom };
                let first = z_matrix.rows().iter().find(|other| other.bond == row.bond).unwrap();
                assert!([reference, first.atom].contains(&row.torsion), "{row:?}");
            }
        }
    }

    /// Alanine tetrapeptide's backbone, six torsions in a row.
    #[test]
    fn a_chain_gets_all_its_backbone_torsions() {
        let atoms = 12;
        let bonds: Vec<[u32; 2]> = (0..atoms - 1).map(|k| [k, k + 1]).collect();
        let torsions: Vec<[usize; 4]> = (0..9).map(|k| [k, k + 1, k + 2, k + 3]).collect();
        let wanted: Vec<Measured> = torsions.iter().copied().map(Measured::Torsion).collect();
        let z_matrix = derive(atoms as usize, &bonds, &[], &wanted).unwrap();
        assert!(torsions.iter().all(|torsion| has(&z_matrix, *torsion)));
    }

    /// Any two atoms' distance, with the torsions beside it.
    #[test]
    fn distances_of_atoms_that_are_not_bonded_become_coordinates() {
        for [i, j] in pairs() {
            let wanted = [Measured::Torsion(PHI), Measured::Bond([i, j])];
            let derived = derive(ATOMS, &BONDS, &ELEMENTS, &wanted);
            if [i, j] == [PHI[0], PHI[3]] {
                // An atom is placed by its torsion or by its distance.
                assert_eq!(derived, Err(DeriveError::Variable { measured: wanted[1] }));
                continue;
            }
            let z_matrix = derived.unwrap().with_offsets(&[PHI]);
            for wanted in wanted {
                let has = (0..z_matrix.coordinates()).any(|k| wanted.is_same(z_matrix.measured(k)));
                assert!(has, "{wanted}");
            }
        }
    }

    #[test]
    fn what_cannot_be_derived_is_said() {
        let error = |bonds: &[[u32; 2]], coarse: &[[usize; 4]]| {
            let wanted: Vec<Measured> = coarse.iter().copied().map(Measured::Torsion).collect();
            derive(ATOMS, bonds, &ELEMENTS, &wanted).unwrap_err().to_string()
        };
        assert!(error(&[], &[]).contains("does not tell the bonds"));
        assert!(error(&BONDS[..20], &[]).contains("unconnected"));
        assert!(error(&[[0, 99]], &[]).contains("atom 99 is out of range, the potential has atoms 0 to 21"));
        assert!(
            error(&BONDS, &[[0, 5, 9, 21]]).contains("torsion [0, 5, 9, 21] cannot be made a coordinate")
        );
    }
}
