//! From what a run file says to collective variables of a molecule.

use freeland_frames::FramesError;

use super::{
    Angle, CollectiveVariable, Combination, CombinationError, Coordination, CoordinationError, Distance,
    Gyration, GyrationError, Rmsd, RmsdError, Torsion,
};
use crate::config::atoms::{AtomGroup, GroupWord};
use crate::config::coarse::{CoarseConfig, CoarseVariable};
use crate::config::quantity::{CoarseQuantity, CoordinationConfig, RmsdConfig, TermConfig};
use crate::system::peptide::{AtomProblem, Molecule};

/// A collective variable that cannot be one.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct VariableError {
    /// The key in the run file.
    pub key: String,
    /// What is wrong.
    pub problem: VariableProblem,
}

/// What is wrong with a collective variable.
#[derive(Debug, thiserror::Error)]
pub enum VariableProblem {
    /// An atom that the molecule has not, or has twice.
    #[error(transparent)]
    Atom(#[from] AtomProblem),
    /// Terms that do not go together.
    #[error(transparent)]
    Combination(#[from] CombinationError),
    /// Groups or a switching function.
    #[error(transparent)]
    Coordination(#[from] CoordinationError),
    /// Atoms without a radius.
    #[error(transparent)]
    Gyration(#[from] GyrationError),
    /// A reference that does not fit.
    #[error(transparent)]
    Rmsd(#[from] RmsdError),
    /// The file with the reference.
    #[error(transparent)]
    Reference(#[from] FramesError),
    /// No reference and no start.
    #[error("there is no structure to compare with; give reference = \"file.pdb\", or coordinates.start")]
    NoReference,
    /// Hydrogens that cannot be told.
    #[error(
        "the plugin does not tell the elements of its atoms, so that \"heavy\" is not known; give a list of atoms"
    )]
    NoElements,
}

/// A molecule, and what variables may refer to of it.
pub(in crate::system) struct Reference<'a> {
    pub molecule: Molecule<'a>,
    pub masses: &'a [f64],
    /// The configuration to start from, `[atoms][3]`, nm.
    pub start: Option<&'a [f64]>,
}

impl Reference<'_> {
    /// The variables of a molecule, in order.
    ///
    /// # Errors
    /// An atom is unknown, or the quantity is not one of this molecule.
    pub fn variables(
        &self,
        coarse: &CoarseConfig,
    ) -> Result<Vec<Box<dyn CollectiveVariable>>, VariableError> {
        let one = |(index, variable): (usize, &CoarseVariable)| {
            let key = || format!("coarse.variables[{index}]");
            self.variable(&variable.quantity).map_err(|problem| VariableError { key: key(), problem })
        };
        coarse.variables.iter().enumerate().map(one).collect()
    }

    fn variable(&self, quantity: &CoarseQuantity) -> Result<Box<dyn CollectiveVariable>, VariableProblem> {
        let molecule = &self.molecule;
        let distance = |pair| Ok::<_, AtomProblem>(Box::new(Distance(molecule.several(pair)?)) as Box<_>);
        Ok(match quantity {
            CoarseQuantity::Torsion(torsion) => Box::new(Torsion(molecule.torsion(torsion)?)),
            CoarseQuantity::Angle(atoms) => Box::new(Angle(molecule.several(atoms)?)),
            CoarseQuantity::Distance(atoms) => distance(atoms)?,
            CoarseQuantity::DistanceSum(pairs) => {
                let terms = pairs.iter().map(|pair| Ok((1.0, distance(pair)?)));
                Box::new(Combination::new(terms.collect::<Result<_, AtomProblem>>()?)?)
            }
            CoarseQuantity::DistanceDifference([first, second]) => {
                Box::new(Combination::new(vec![(1.0, distance(first)?), (-1.0, distance(second)?)])?)
            }
            CoarseQuantity::Gyration(atoms) => {
                let atoms = self.group(atoms)?;
                let masses: Vec<f64> = atoms.iter().map(|atom| self.masses[*atom]).collect();
                Box::new(Gyration::new(&atoms, &masses)?)
            }
            CoarseQuantity::Coordination(CoordinationConfig { of, by, length, powers }) => {
                let by = by.as_ref().map(|by| self.group(by)).transpose()?;
                Box::new(Coordination::new(&self.group(of)?, by.as_deref(), length.0, *powers)?)
            }
            CoarseQuantity::Rmsd(RmsdConfig { atoms, reference }) => {
                let structure = match (reference, self.start) {
                    (Some(file), _) => {
                        freeland_frames::read(file, molecule.atoms, 3)?.positions.row(0).to_vec()
                    }
                    (None, Some(start)) => start.to_vec(),
                    (None, None) => return Err(VariableProblem::NoReference),
                };
                Box::new(Rmsd::new(&self.group(atoms)?, molecule.atoms, &structure)?)
            }
            CoarseQuantity::Combination(terms) => {
                let term = |term: &TermConfig| {
                    let quantity =
                        term.quantity().expect("the run file was checked: a term measures one thing");
                    Ok((term.coefficient, self.variable(&quantity)?))
                };
                let terms: Result<_, VariableProblem> = terms.iter().map(term).collect();
                Box::new(Combination::new(terms?)?)
            }
            CoarseQuantity::Coordinate(_) => {
                unreachable!("the run file was checked: rows belong to linear maps")
            }
        })
    }

    /// The atoms of a group, which must differ.
    fn group(&self, group: &AtomGroup) -> Result<Vec<usize>, VariableProblem> {
        let atoms = self.molecule.atoms;
        match group {
            AtomGroup::Word(GroupWord::All) => Ok((0..atoms).collect()),
            AtomGroup::Word(GroupWord::Heavy) => {
                let elements =
                    self.molecule.topology.map_or(&[][..], |topology| &topology.atomic_numbers[..]);
                if elements.len() != atoms {
                    return Err(VariableProblem::NoElements);
                }
                Ok((0..atoms).filter(|atom| elements[*atom] != 1).collect())
            }
            AtomGroup::Atoms(list) => {
                let mut found = Vec::with_capacity(list.len());
                for atom in list {
                    let atom = self.molecule.atom(atom)?;
                    let repeated = found.contains(&atom);
                    found.push(atom);
                    if repeated {
                        return Err(AtomProblem::Repeated { atom, found }.into());
                    }
                }
                Ok(found)
            }
        }
    }
}
