//! A System made ready for one configuration at a time: the terms of every force by themselves, parameters by atom.
use super::born::BornColumns;
use super::groups::{Groups, Ledger, Places, Term};
use super::pairs::PairRows;
use crate::lanes::Real;
use crate::program::{Patch, merged, patches};
use crate::system::{FREQUENCIES, Force, Pair, Terms};

/// Stands for a whole turn that never counts, rad.
const NO_TURN: f64 = 1e30;
/// Bytes of what is kept of pairs between the passes of a Born model; beyond, it is computed twice.
pub const KEPT: usize = 24 << 20;
/// Vectors kept of a pair.
pub const PER_PAIR: usize = 3;

/// A part of a force.
#[derive(Clone, Debug)]
pub enum Part<T> {
    Bonds(Groups<T>),
    Angles(Groups<T>),
    /// With the order of every group, and the sum of the constants.
    Torsions(Groups<T>, Vec<usize>, f64),
    Impropers(Groups<T>),
    /// Of one map.
    Maps(Groups<T>, Patch<T>),
    /// Pairs one by one.
    Listed(Groups<T>),
    Pairs(PairRows<T>),
    Born(Box<BornColumns<T>>),
}

/// Everything that one evaluation runs through.
#[derive(Clone, Debug)]
pub struct SoloProgram<T> {
    pub atoms: usize,
    /// Atoms per block.
    pub lanes: usize,
    /// Number of the atom; -1 for what pads the last block.
    pub index: Vec<T>,
    /// `[atoms + 1]`: the vectors kept of row `i` begin at `rows[i]`.
    pub rows: Vec<usize>,
    /// Whether something is kept of pairs.
    pub keeps_pairs: bool,
    /// With the number of the force.
    pub parts: Vec<(usize, Part<T>)>,
    /// Vectors of gradients of terms.
    pub term_gradients: usize,
    pub places: Places,
}

impl<T: Real> SoloProgram<T> {
    /// The forces that are no expressions; those are left to others.
    pub fn new<'a>(atoms: usize, forces: impl Iterator<Item = &'a Force>, lanes: usize) -> Self {
        let mut ledger = Ledger::new(lanes);
        let mut parts = Vec::new();
        for (number, force) in forces.enumerate() {
            let mut add = |part| parts.push((number, part));
            match &force.terms {
                Terms::Bonds(bonds) => {
                    let terms = bonds.iter().map(|bond| Term {
                        atoms: bond.atoms,
                        parameters: [bond.length, 0.5 * bond.strength],
                    });
                    add(Part::Bonds(ledger.group(&terms.collect::<Vec<_>>())));
                }
                Terms::Angles(angles) => {
                    let terms = angles.iter().map(|angle| Term {
                        atoms: angle.atoms,
                        parameters: [angle.angle, 0.5 * angle.strength],
                    });
                    add(Part::Angles(ledger.group(&terms.collect::<Vec<_>>())));
                }
                Terms::Torsions(list) => {
                    let mut torsions = merged(list);
                    torsions.sort_by_key(|torsion| torsion.order());
                    let terms = torsions.iter().map(|torsion| Term::<4, { 2 * FREQUENCIES }> {
                        atoms: torsion.atoms,
                        parameters: std::array::from_fn(|place| match place % 2 {
                            0 => torsion.cosine[place / 2],
                            _ => torsion.sine[place / 2],
                        }),
                    });
                    let groups = ledger.group(&terms.collect::<Vec<_>>());
                    let orders = torsions.chunks(lanes).map(|group| group[group.len() - 1].order());
                    let constant = torsions.iter().map(|torsion| torsion.constant).sum();
                    add(Part::Torsions(groups, orders.collect(), constant));
                }
                Terms::Impropers(impropers) => {
                    let terms = impropers.iter().map(|improper| Term {
                        atoms: improper.atoms,
                        parameters: [improper.angle, improper.strength, improper.turn.unwrap_or(NO_TURN)],
                    });
                    add(Part::Impropers(ledger.group(&terms.collect::<Vec<_>>())));
                }
                Terms::Maps(maps) => {
                    let (patches, mut torsions) = patches(maps);
                    torsions.sort_by_key(|torsion| torsion.map);
                    for of_map in torsions.chunk_by(|a, b| a.map == b.map) {
                        let terms = of_map.iter().map(|torsion| Term {
                            atoms: std::array::from_fn(|place| match place {
                                0..4 => torsion.first[place],
                                _ => torsion.second[place - 4],
                            }),
                            parameters: [1.0],
                        });
                        let groups = ledger.group::<T, 8, 1>(&terms.collect::<Vec<_>>());
                        add(Part::Maps(groups, patches[of_map[0].map].clone()));
                    }
                }
                Terms::Pairs(pairs) => {
                    if !pairs.atoms.is_empty() {
                        add(Part::Pairs(PairRows::new(pairs, lanes)));
                    }
                    let terms = pairs.listed.iter().filter(|pair| pair.interacts()).map(|pair: &Pair| Term {
                        atoms: pair.atoms,
                        parameters: [pair.charge_product, pair.repulsion, pair.attraction],
                    });
                    add(Part::Listed(ledger.group(&terms.collect::<Vec<_>>())));
                }
                Terms::Born(born) => add(Part::Born(Box::new(BornColumns::new(born, lanes)))),
                Terms::Custom(_) | Terms::CustomBorn(_) | Terms::Nothing => {}
            }
        }
        let padded = atoms.next_multiple_of(lanes);
        let mut rows = vec![0];
        for first in 0..atoms {
            rows.push(rows[first] + padded / lanes - first / lanes);
        }
        let index = |atom: usize| T::of(if atom < atoms { atom as f64 } else { -1.0 });
        Self {
            atoms,
            lanes,
            index: (0..padded).map(index).collect(),
            keeps_pairs: PER_PAIR * rows[atoms] * lanes * size_of::<T>() <= KEPT,
            rows,
            parts,
            term_gradients: ledger.vectors(),
            places: ledger.by_atom(atoms),
        }
    }

    /// Atoms with what pads the last block.
    pub fn padded(&self) -> usize {
        self.index.len()
    }
}
