//! Forces whose energy is an expression, made ready.
use crate::expression;
use crate::lanes::Real;
use crate::system::{Custom, CustomBorn, Geometry, OfAtom, OfPair};

/// A sum of an expression over groups of atoms.
#[derive(Clone, Debug)]
pub struct CustomProgram<T> {
    pub geometry: Geometry,
    pub function: FoldedProgram<T>,
    pub atoms: Vec<[usize; 4]>,
}

/// An expression, and the numbers that parameters give for each place where it is evaluated.
#[derive(Clone, Debug)]
pub struct FoldedProgram<T> {
    pub program: expression::Program<T>,
    folded: Vec<T>,
    width: usize,
}

/// An expression of two atoms.
#[derive(Clone, Debug)]
pub struct PairProgram<T> {
    pub function: FoldedProgram<T>,
    pub pairs: Vec<[usize; 2]>,
}

/// Computed values and the energies that depend on them.
#[derive(Clone, Debug)]
pub struct CustomBornProgram<T> {
    pub first_value: Option<PairProgram<T>>,
    pub values: Vec<FoldedProgram<T>>,
    pub of_atoms: Vec<FoldedProgram<T>>,
    pub of_pairs: Vec<PairProgram<T>>,
}

impl<T: Real> FoldedProgram<T> {
    fn new(function: &expression::Function, folded: &[f64]) -> Self {
        Self {
            program: expression::Program::new(function),
            folded: folded.iter().map(|&number| T::of(number)).collect(),
            width: function.folded().len(),
        }
    }

    fn of_atom(of: &OfAtom) -> Self {
        Self::new(&of.function, &of.folded)
    }

    /// The numbers of one place.
    #[inline(always)]
    pub fn folded(&self, place: usize) -> &[T] {
        &self.folded[place * self.width..(place + 1) * self.width]
    }
}

impl<T: Real> PairProgram<T> {
    fn new(of: &OfPair) -> Self {
        Self { function: FoldedProgram::new(&of.function, &of.folded), pairs: of.pairs.clone() }
    }
}

impl<T: Real> CustomProgram<T> {
    pub fn new(custom: &Custom) -> Self {
        Self {
            geometry: custom.geometry,
            function: FoldedProgram::new(&custom.function, &custom.folded),
            atoms: custom.atoms.clone(),
        }
    }

    /// Vectors of memory.
    pub fn memory(&self) -> usize {
        self.function.program.memory()
    }
}

impl<T: Real> CustomBornProgram<T> {
    pub fn new(born: &CustomBorn) -> Self {
        Self {
            first_value: born.first_value.as_ref().map(PairProgram::new),
            values: born.values.iter().map(FoldedProgram::of_atom).collect(),
            of_atoms: born.of_atoms.iter().map(FoldedProgram::of_atom).collect(),
            of_pairs: born.of_pairs.iter().map(PairProgram::new).collect(),
        }
    }

    /// The number of computed values.
    pub fn values(&self) -> usize {
        usize::from(self.first_value.is_some()) + self.values.len()
    }

    /// Vectors of memory that the expressions need.
    pub fn scratch(&self) -> usize {
        let pairs = self.first_value.iter().chain(&self.of_pairs).map(|pair| &pair.function);
        let functions = pairs.chain(&self.values).chain(&self.of_atoms);
        functions.map(|function| function.program.memory()).max().unwrap_or(0)
    }

    /// Vectors of memory: of the expressions, values and slopes by them of every atom, slopes of the first value of every pair.
    pub fn memory(&self, atoms: usize) -> usize {
        let pairs = self.first_value.as_ref().map_or(0, |value| value.pairs.len());
        self.scratch() + 2 * atoms * self.values() + 2 * pairs
    }
}
