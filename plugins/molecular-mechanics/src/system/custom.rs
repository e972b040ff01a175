//! Forces whose energy is an expression.
use crate::expression::Function;

/// What the expression of a [`Custom`] force looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometry {
    /// The distance of two atoms, nm; where it is zero, so is the gradient.
    Bond,
    /// The distance of two atoms, nm.
    Pair,
    /// The angle at the second of three atoms, rad.
    Angle,
    /// The torsion of four atoms, rad in `(-pi, pi]`, with the IUPAC sign.
    Torsion,
    /// x, y and z of one atom, nm.
    Position,
}

/// A sum of an expression over groups of atoms.
#[derive(Clone, Debug)]
pub struct Custom {
    /// What its variables are.
    pub geometry: Geometry,
    /// kJ/mol.
    pub function: Function,
    /// The groups; places that are not used repeat the first atom.
    pub atoms: Vec<[usize; 4]>,
    /// What parameters alone give, as [`Function::fold`] does it, group after group.
    pub folded: Vec<f64>,
}

/// An expression of one atom: x, y, z (nm) and computed values.
#[derive(Clone, Debug)]
pub struct OfAtom {
    /// kJ/mol, or a computed value.
    pub function: Function,
    /// See [`Custom::folded`]; atom after atom.
    pub folded: Vec<f64>,
}

/// An expression of two atoms: their distance (nm), and for each computed value that of the first and that of the second.
#[derive(Clone, Debug)]
pub struct OfPair {
    /// kJ/mol, or a computed value.
    pub function: Function,
    /// The pairs that count.
    pub pairs: Vec<[usize; 2]>,
    /// See [`Custom::folded`]; pair after pair. If it is a computed value, every pair in both orders.
    pub folded: Vec<f64>,
}

/// Computed values of atoms, each from those before it, and energies that depend on them: OpenMM's CustomGBForce.
#[derive(Clone, Debug, Default)]
pub struct CustomBorn {
    /// The first value: a sum over the other atoms.
    pub first_value: Option<OfPair>,
    /// The values after it.
    pub values: Vec<OfAtom>,
    /// Energies of atoms.
    pub of_atoms: Vec<OfAtom>,
    /// Energies of pairs.
    pub of_pairs: Vec<OfPair>,
}
