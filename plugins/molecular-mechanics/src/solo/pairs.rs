//! Coulomb and Lennard-Jones by the rule of Lorentz and Berthelot, from parameters of atoms.
use crate::lanes::Real;
use crate::system::{Pair, PairAtom, Pairs};

/// Parameters of atoms, and the blocks of atoms in which not every pair counts.
///
/// Row `i` is atom `i` with the blocks from its own on, a block being as many atoms as a register has lanes.
#[derive(Clone, Debug)]
pub struct PairRows<T> {
    /// `[atoms]`, Coulomb's constant times the charge.
    pub own_charge: Vec<T>,
    /// `[padded]`, e.
    pub charge: Vec<T>,
    /// `[padded]`, half of sigma; zero where epsilon is.
    pub half_sigma: Vec<T>,
    /// `[padded]`, twice the root of epsilon.
    pub root_epsilon: Vec<T>,
    /// `[atoms + 1]`: the special blocks of row `i` are those from `starts[i]` to `starts[i + 1]`.
    pub starts: Vec<u32>,
    /// Which block each is; ascending in a row.
    pub blocks: Vec<u32>,
    /// `[special blocks][lanes]`: one where the pair counts, else zero.
    pub weights: Vec<T>,
}

impl<T: Real> PairRows<T> {
    /// The pairs that are not listed.
    pub fn new(pairs: &Pairs, lanes: usize) -> Self {
        let atoms = pairs.atoms.len();
        let padded = atoms.next_multiple_of(lanes);
        let column = |of: fn(&PairAtom) -> f64| -> Vec<T> {
            let padding = std::iter::repeat_n(0.0, padded - atoms);
            pairs.atoms.iter().map(of).chain(padding).map(T::of).collect()
        };
        let mut rows = Self {
            own_charge: pairs.atoms.iter().map(|atom| T::of(pairs.coulomb * atom.charge)).collect(),
            charge: column(|atom| atom.charge),
            half_sigma: column(|atom| if atom.epsilon == 0.0 { 0.0 } else { 0.5 * atom.sigma }),
            root_epsilon: column(|atom| 2.0 * atom.epsilon.sqrt()),
            starts: vec![0],
            blocks: Vec::new(),
            weights: Vec::new(),
        };
        let mut listed = pairs.listed.as_slice();
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
