//! Pairs in rows: the pairs of atom 0 with later atoms, then those of atom 1, and so on.
use crate::lanes::Real;
use crate::system::{Pair, Pairs};
use std::collections::BTreeMap;

/// The second atom of a pair, and the parameters of the pair.
#[derive(Clone, Copy, Debug)]
pub struct PairTerm<T> {
    pub second: usize,
    pub charge_product: T,
    pub repulsion: T,
    pub attraction: T,
    /// Of the Born energy; the dielectric factor is in it unless there is salt.
    pub born_product: T,
}

/// All pairs; row `i` is `terms[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug, Default)]
pub struct Rows<T> {
    pub starts: Vec<usize>,
    pub terms: Vec<PairTerm<T>>,
}

/// Adds pairs of the same atoms up.
pub fn merge(sums: &mut BTreeMap<[usize; 2], Pair>, pairs: &Pairs) {
    for pair in pairs.all() {
        let sum = sums.entry(pair.atoms).or_insert(Pair { atoms: pair.atoms, ..Pair::default() });
        sum.charge_product += pair.charge_product;
        sum.repulsion += pair.repulsion;
        sum.attraction += pair.attraction;
    }
}

impl<T: Real> Rows<T> {
    /// Only the pairs that interact.
    pub fn sparse(atoms: usize, pairs: &BTreeMap<[usize; 2], Pair>) -> Self {
        let mut rows = Self { starts: vec![0], terms: Vec::with_capacity(pairs.len()) };
        for first in 0..atoms {
            for pair in pairs.range([first, 0]..[first + 1, 0]).map(|(_, pair)| pair) {
                rows.terms.push(PairTerm::new(pair, 0.0));
            }
            rows.starts.push(rows.terms.len());
        }
        rows
    }

    /// Every pair, as a Born model needs; `born_products` in the same order.
    pub fn dense(atoms: usize, pairs: &BTreeMap<[usize; 2], Pair>, born_products: &[f64]) -> Self {
        let mut rows = Self { starts: vec![0], terms: Vec::with_capacity(born_products.len()) };
        for first in 0..atoms {
            for second in first + 1..atoms {
                let atoms = [first, second];
                let pair = pairs.get(&atoms).copied().unwrap_or(Pair { atoms, ..Pair::default() });
                rows.terms.push(PairTerm::new(&pair, born_products[rows.terms.len()]));
            }
            rows.starts.push(rows.terms.len());
        }
        rows
    }
}

impl<T: Real> PairTerm<T> {
    fn new(pair: &Pair, born_product: f64) -> Self {
        Self {
            second: pair.atoms[1],
            charge_product: T::of(pair.charge_product),
            repulsion: T::of(pair.repulsion),
            attraction: T::of(pair.attraction),
            born_product: T::of(born_product),
        }
    }
}
