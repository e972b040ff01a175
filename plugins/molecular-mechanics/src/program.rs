//! A System made ready for one precision: parameters rounded, constants folded, terms on the same atoms merged.
mod born;
mod custom;
mod maps;
mod pairs;

pub use born::{BornProgram, BornTerm, born_terms, medium};
pub use custom::{CustomBornProgram, CustomProgram, FoldedProgram, PairProgram};
pub use maps::{MapTerm, Patch, patches};
pub use pairs::{PairTerm, Rows};

use crate::lanes::Real;
use crate::system::{FREQUENCIES, Force, Terms, Torsion};
use std::collections::BTreeMap;

/// `half (r - length)^2`, with `half = k/2`.
#[derive(Clone, Copy, Debug)]
pub struct BondTerm<T> {
    pub atoms: [usize; 2],
    pub length: T,
    pub half: T,
}

/// `half (theta - angle)^2`, with `half = k/2`.
#[derive(Clone, Copy, Debug)]
pub struct AngleTerm<T> {
    pub atoms: [usize; 3],
    pub angle: T,
    pub half: T,
}

/// A Fourier series of a torsion; `(cosine, sine)` by frequency.
#[derive(Clone, Copy, Debug)]
pub struct TorsionTerm<T> {
    pub atoms: [usize; 4],
    pub order: usize,
    pub constant: T,
    pub series: [(T, T); FREQUENCIES],
}

/// `strength (phi - angle)^2`, the deviation shortened by `turn`.
#[derive(Clone, Copy, Debug)]
pub struct ImproperTerm<T> {
    pub atoms: [usize; 4],
    pub angle: T,
    pub strength: T,
    pub turn: Option<T>,
}

/// Everything that one evaluation runs through.
#[derive(Clone, Debug)]
pub struct Program<T> {
    pub atoms: usize,
    pub bonds: Vec<BondTerm<T>>,
    pub angles: Vec<AngleTerm<T>>,
    pub torsions: Vec<TorsionTerm<T>>,
    pub impropers: Vec<ImproperTerm<T>>,
    pub maps: Vec<Patch<T>>,
    pub map_torsions: Vec<MapTerm>,
    /// Coulomb and Lennard-Jones, unless the first Born model has them.
    pub rows: Rows<T>,
    pub born: Vec<BornProgram<T>>,
    pub custom: Vec<CustomProgram<T>>,
    pub custom_born: Vec<CustomBornProgram<T>>,
}

impl<T: Real> Program<T> {
    /// The sum of `forces` on `atoms` atoms.
    pub fn new(atoms: usize, forces: &[Force]) -> Self {
        let mut program = Program {
            atoms,
            bonds: Vec::new(),
            angles: Vec::new(),
            torsions: Vec::new(),
            impropers: Vec::new(),
            maps: Vec::new(),
            map_torsions: Vec::new(),
            rows: Rows::default(),
            born: Vec::new(),
            custom: Vec::new(),
            custom_born: Vec::new(),
        };
        let mut pairs = BTreeMap::new();
        let mut models = Vec::new();
        let mut torsions: BTreeMap<[usize; 4], Torsion> = BTreeMap::new();
        for force in forces {
            match &force.terms {
                Terms::Bonds(bonds) => program.bonds.extend(bonds.iter().map(|bond| BondTerm {
                    atoms: bond.atoms,
                    length: T::of(bond.length),
                    half: T::of(0.5 * bond.strength),
                })),
                Terms::Angles(angles) => program.angles.extend(angles.iter().map(|angle| AngleTerm {
                    atoms: angle.atoms,
                    angle: T::of(angle.angle),
                    half: T::of(0.5 * angle.strength),
                })),
                Terms::Torsions(list) => list.iter().for_each(|torsion| merge(&mut torsions, torsion)),
                Terms::Impropers(impropers) => {
                    program.impropers.extend(impropers.iter().map(|improper| ImproperTerm {
                        atoms: improper.atoms,
                        angle: T::of(improper.angle),
                        strength: T::of(improper.strength),
                        turn: improper.turn.map(T::of),
                    }));
                }
                Terms::Maps(list) => {
                    let (maps, torsions) = patches(list);
                    let before = program.maps.len();
                    program.maps.extend(maps);
                    let moved = torsions.into_iter().map(|term| MapTerm { map: before + term.map, ..term });
                    program.map_torsions.extend(moved);
                }
                Terms::Pairs(list) => pairs::merge(&mut pairs, list),
                Terms::Born(born) => models.push(born),
                Terms::Custom(custom) => program.custom.push(CustomProgram::new(custom)),
                Terms::CustomBorn(born) => program.custom_born.push(CustomBornProgram::new(born)),
                Terms::Nothing => {}
            }
        }
        program.torsions = torsions.values().map(TorsionTerm::new).collect();
        if models.is_empty() {
            program.rows = Rows::sparse(atoms, &pairs);
        }
        for born in models {
            program.born.push(BornProgram::new(born, &std::mem::take(&mut pairs)));
        }
        program
    }

    /// Vectors of memory for the largest of the forces that are expressions.
    pub fn custom_memory(&self) -> usize {
        let custom = self.custom.iter().map(CustomProgram::memory);
        custom.chain(self.custom_born.iter().map(|born| born.memory(self.atoms))).max().unwrap_or(0)
    }
}

/// Torsions of the same atoms added up.
pub fn merged(list: &[Torsion]) -> Vec<Torsion> {
    let mut sums = BTreeMap::new();
    list.iter().for_each(|torsion| merge(&mut sums, torsion));
    sums.into_values().collect()
}

/// A torsion read backwards is the same angle.
fn merge(torsions: &mut BTreeMap<[usize; 4], Torsion>, torsion: &Torsion) {
    let [i, j, k, l] = torsion.atoms;
    let key = if i < l { [i, j, k, l] } else { [l, k, j, i] };
    let sum = torsions.entry(key).or_insert(Torsion {
        atoms: key,
        constant: 0.0,
        cosine: [0.0; FREQUENCIES],
        sine: [0.0; FREQUENCIES],
    });
    sum.constant += torsion.constant;
    for n in 0..FREQUENCIES {
        sum.cosine[n] += torsion.cosine[n];
        sum.sine[n] += torsion.sine[n];
    }
}

impl<T: Real> TorsionTerm<T> {
    fn new(torsion: &Torsion) -> Self {
        let mut series = [(T::default(), T::default()); FREQUENCIES];
        for (n, term) in series.iter_mut().enumerate() {
            *term = (T::of(torsion.cosine[n]), T::of(torsion.sine[n]));
        }
        Self { atoms: torsion.atoms, order: torsion.order(), constant: T::of(torsion.constant), series }
    }
}
