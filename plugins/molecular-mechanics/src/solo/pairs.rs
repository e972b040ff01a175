//! Coulomb and Lennard-Jones from parameters of atoms.
use super::born::{Column, padded_column};
use crate::lanes::Real;
use crate::system::{Pair, PairRule};

/// Parameters of atoms, and the blocks of atoms in which not every pair counts.
///
/// Row `i` is atom `i` with the blocks from its own on, a block being as many atoms as a register has lanes.
#[derive(Clone, Debug)]
pub struct PairRows<T> {
    pub parameters: PairColumns<T>,
    /// `[atoms + 1]`: the special blocks of row `i` are those from `starts[i]` to `starts[i + 1]`.
    pub starts: Vec<u32>,
    /// Which block each is; ascending in a row.
    pub blocks: Vec<u32>,
    /// `[special blocks][lanes]`: one where the pair counts, else zero.
    pub weights: Vec<T>,
}

/// See [`PairRule`].
#[derive(Clone, Debug)]
pub enum PairColumns<T> {
    Mixed {
        /// `[atoms]`, Coulomb's constant times the charge.
        own_charge: Column<T>,
        /// `[padded]`, e.
        charge: Column<T>,
        /// `[padded]`, half of sigma; zero where epsilon is.
        half_sigma: Column<T>,
        /// `[padded]`, twice the root of epsilon.
        root_epsilon: Column<T>,
    },
    ByKind {
        /// `[atoms]`.
        kinds: Vec<usize>,
        /// `[kinds][padded]`: repulsion and attraction of an atom of this kind with every other.
        of_kind: Vec<[Column<T>; 2]>,
    },
}

impl<T: Real> PairColumns<T> {
    fn new(rule: &PairRule, padded: usize) -> Self {
        match rule {
            PairRule::Mixed { atoms, coulomb } => {
                let half_sigma =
                    atoms.iter().map(|atom| if atom.epsilon == 0.0 { 0.0 } else { 0.5 * atom.sigma });
                Self::Mixed {
                    own_charge: atoms.iter().map(|atom| T::of(coulomb * atom.charge)).collect(),
                    charge: padded_column(atoms.iter().map(|atom| atom.charge), padded),
                    half_sigma: padded_column(half_sigma, padded),
                    root_epsilon: padded_column(atoms.iter().map(|atom| 2.0 * atom.epsilon.sqrt()), padded),
                }
            }
            PairRule::ByKind { kinds, repulsion, attraction } => {
                let column = |row: &[f64]| padded_column(kinds.iter().map(|&kind| row[kind]), padded);
                let of_kind = repulsion.iter().zip(attraction);
                Self::ByKind {
                    kinds: kinds.clone(),
                    of_kind: of_kind
                        .map(|(repulsion, attraction)| [column(repulsion), column(attraction)])
                        .collect(),
                }
            }
        }
    }
}

impl<T: Real> PairRows<T> {
    /// The pairs that are not listed.
    pub fn new(rule: &PairRule, mut listed: &[Pair], lanes: usize) -> Self {
        let atoms = rule.atoms();
        let padded = atoms.next_multiple_of(lanes);
        let mut rows = Self {
            parameters: PairColumns::new(rule, padded),
            starts: vec![0],
            blocks: Vec::new(),
            weights: Vec::new(),
        };
        for first in 0..atoms {
            let (own, rest) = listed.split_at(listed.partition_point(|pair| pair.atoms[0] <= first));
            listed = rest;
            rows.add_row(first, own, [atoms, padded], lanes);
        }
        rows
    }

    fn add_row(&mut self, first: usize, listed: &[Pair], [atoms, padded]: [usize; 2], lanes: usize) {
        let mut special: Vec<usize> = listed.iter().map(|pair| pair.atoms[1] / lanes).collect();
        special.push(first / lanes);
        if padded > atoms {
            special.push(atoms / lanes);
        }
        special.sort_unstable();
        special.dedup();
        for block in special {
            self.blocks.push(block as u32);
            self.weights.extend((block * lanes..(block + 1) * lanes).map(|second| {
                let is_listed = listed.binary_search_by_key(&second, |pair| pair.atoms[1]).is_ok();
                let counts = second > first && second < atoms && !is_listed;
                T::of(f64::from(u8::from(counts)))
            }));
        }
        self.starts.push(self.blocks.len() as u32);
    }
}
