//! Named quantities beside energy and gradient: the extension `epp.outputs/1`.
use crate::sys;

/// How many numbers of an output a configuration has, and how they are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One number.
    Scalar,
    /// `[atoms]`
    Atoms,
    /// `[atoms][dimensions]`
    AtomsDimensions,
    /// `[3][3]`
    Matrix,
    /// `[length]`
    Vector(usize),
}

impl Shape {
    /// Numbers of one configuration.
    pub fn width(self, atoms: usize, dimensions: usize) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Atoms => atoms,
            Self::AtomsDimensions => atoms * dimensions,
            Self::Matrix => 9,
            Self::Vector(length) => length,
        }
    }

    /// `EPP_SHAPE_*`
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Scalar => sys::SHAPE_SCALAR,
            Self::Atoms => sys::SHAPE_ATOMS,
            Self::AtomsDimensions => sys::SHAPE_ATOMS_DIMENSIONS,
            Self::Matrix => sys::SHAPE_MATRIX,
            Self::Vector(_) => sys::SHAPE_VECTOR,
        }
    }
}

/// A quantity that `evaluate` writes where it is asked. Standard quantities have standard names, which `epp.h` lists;
/// another one needs another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Lower-case letters, digits, hyphens and colons; different for each.
    pub name: String,
    /// Empty: a pure number.
    pub unit: String,
    /// How its numbers are arranged.
    pub shape: Shape,
    /// For people, may be empty.
    pub description: String,
}

impl Output {
    /// Any quantity.
    pub fn new(name: impl Into<String>, unit: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), unit: unit.into(), shape, description: String::new() }
    }

    /// With a sentence for people.
    pub fn describe(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// `virial`: `W[i][j] = dE/d(strain[i][j])` at strain 0, where positions and box rows alike become
    /// `r (1 + strain)`.
    ///
    /// Without a box that is `Σ r[i] dE/dr[j]` over atoms; with one, `Σ d[i] dE/dd[j]` over what interacts at a distance d.
    pub fn virial() -> Self {
        Self::new("virial", "kJ/mol", Shape::Matrix)
    }

    /// `energy:NAME`: a term of the energy; all terms add up to it.
    pub fn term(name: &str) -> Self {
        Self::new(format!("energy:{name}"), "kJ/mol", Shape::Scalar)
    }

    /// `atom-energies`: a share of the energy for each atom; they add up to it.
    pub fn atom_energies() -> Self {
        Self::new("atom-energies", "kJ/mol", Shape::Atoms)
    }

    /// `charges`: partial charges.
    pub fn charges() -> Self {
        Self::new("charges", "e", Shape::Atoms)
    }

    /// `dipole`: with respect to the origin where the molecule is charged.
    pub fn dipole() -> Self {
        Self::new("dipole", "e nm", Shape::Vector(3))
    }

    /// `energy-variance`: the model's own estimate of its squared error.
    pub fn energy_variance() -> Self {
        Self::new("energy-variance", "(kJ/mol)^2", Shape::Scalar)
    }

    /// Numbers of one configuration.
    pub fn width(&self, atoms: usize, dimensions: usize) -> usize {
        self.shape.width(atoms, dimensions)
    }
}
