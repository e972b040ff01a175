//! From what a run file says to collective variables of a molecule.

use freeland_frames::FramesError;

use super::{
    Angle, CollectiveVariable, Combination, CombinationError, Coordination, CoordinationError, Distance,
    Gyration, GyrationError, Rmsd, RmsdError, Torsion,
};
use crate::config::atoms::{AtomGroup, GroupWord};
use crate::config::coarse::CoarseConfig;
use crate::config::quantity::{CoarseQuantity, CoordinationConfig, RmsdConfig, TermConfig};
use crate::system::error::{AtomProblem, SystemError};
use crate::system::peptide::Molecule;

/// What is wrong with a collective variable, apart from the atoms it names.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
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
    /// A quantity of molecules, for a potential in another number of dimensions.
    #[error(
        "{quantity} needs 3 dimensions, the potential has {found}; use coordinate = \"name\" with coordinates.kind = \"linear\""
    )]
    Dimensions {
        /// What was asked for.
        quantity: String,
        /// Dimensions of the potential.
        found: usize,
    },
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
    pub fn variables(&self, coarse: &CoarseConfig) -> Result<Vec<Box<dyn CollectiveVariable>>, SystemError> {
        let one = |(index, variable): (usize, &crate::config::coarse::CoarseVariable)| {
            self.variable(&format!("coarse.variables[{index}]"), &variable.quantity)
        };
        coarse.variables.iter().enumerate().map(one).collect()
    }

    fn variable(
        &self,
        key: &str,
        quantity: &CoarseQuantity,
    ) -> Result<Box<dyn CollectiveVariable>, SystemError> {
        let atom = |problem: AtomProblem| SystemError::Atom { key: key.to_owned(), problem };
        let wrong = |problem: VariableError| SystemError::Variable { key: key.to_owned(), problem };
        let group = |group: &AtomGroup| self.group(key, group);
        let distance = |pair| self.molecule.several(pair).map(Distance).map_err(atom);
        Ok(match quantity {
            CoarseQuantity::Torsion(torsion) => {
                Box::new(Torsion(self.molecule.torsion(torsion).map_err(atom)?))
            }
            CoarseQuantity::Angle(atoms) => Box::new(Angle(self.molecule.several(atoms).map_err(atom)?)),
            CoarseQuantity::Distance(atoms) => Box::new(distance(atoms)?),
            CoarseQuantity::DistanceSum(pairs) => {
                let terms = pairs.iter().map(|pair| Ok((1.0, distance(pair)?.boxed())));
                combination(terms.collect::<Result<_, SystemError>>()?).map_err(wrong)?
            }
            CoarseQuantity::DistanceDifference([first, second]) => {
                let terms = vec![(1.0, distance(first)?.boxed()), (-1.0, distance(second)?.boxed())];
                combination(terms).map_err(wrong)?
            }
            CoarseQuantity::Gyration(atoms) => {
                let atoms = group(atoms)?;
                let masses: Vec<f64> = atoms.iter().map(|atom| self.masses[*atom]).collect();
                Box::new(Gyration::new(&atoms, &masses).map_err(|error| wrong(error.into()))?)
            }
            CoarseQuantity::Coordination(CoordinationConfig { of, by, length, powers }) => {
                let (of, by) = (group(of)?, by.as_ref().map(group).transpose()?);
                let made = Coordination::new(&of, by.as_deref(), length.0, *powers);
                Box::new(made.map_err(|error| wrong(error.into()))?)
            }
            CoarseQuantity::Rmsd(RmsdConfig { atoms, reference }) => {
                let (atoms, count) = (group(atoms)?, self.molecule.atoms);
                let read = |file: &std::path::PathBuf| {
                    let frames =
                        freeland_frames::read(file, count, 3).map_err(|error| wrong(error.into()))?;
                    Ok::<_, SystemError>(frames.positions.row(0).to_vec())
                };
                let structure = match (reference, self.start) {
                    (Some(file), _) => read(file)?,
                    (None, Some(start)) => start.to_vec(),
                    (None, None) => return Err(wrong(VariableError::NoReference)),
                };
                Box::new(Rmsd::new(&atoms, count, &structure).map_err(|error| wrong(error.into()))?)
            }
            CoarseQuantity::Combination(terms) => {
                let term = |(index, term): (usize, &TermConfig)| {
                    let quantity =
                        term.quantity().expect("the run file was checked: a term measures one thing");
                    let key = format!("{key}.combination[{index}]");
                    Ok((term.coefficient, self.variable(&key, &quantity)?))
                };
                let terms: Result<_, SystemError> = terms.iter().enumerate().map(term).collect();
                combination(terms?).map_err(wrong)?
            }
            CoarseQuantity::Coordinate(_) => {
                unreachable!("the run file was checked: rows belong to linear maps")
            }
        })
    }

    /// The atoms of a group, which must differ.
    fn group(&self, key: &str, group: &AtomGroup) -> Result<Vec<usize>, SystemError> {
        let atoms = self.molecule.atoms;
        match group {
            AtomGroup::Word(GroupWord::All) => Ok((0..atoms).collect()),
            AtomGroup::Word(GroupWord::Heavy) => {
                let elements =
                    self.molecule.topology.map_or(&[][..], |topology| &topology.atomic_numbers[..]);
                if elements.len() != atoms {
                    let problem = VariableError::NoElements;
                    return Err(SystemError::Variable { key: key.to_owned(), problem });
                }
                Ok((0..atoms).filter(|atom| elements[*atom] != 1).collect())
            }
            AtomGroup::Atoms(list) => {
                let refuse = |problem| SystemError::Atom { key: key.to_owned(), problem };
                let mut found = Vec::with_capacity(list.len());
                for atom in list {
                    let atom = self.molecule.atom(atom).map_err(refuse)?;
                    if found.contains(&atom) {
                        found.push(atom);
                        return Err(refuse(AtomProblem::Repeated { atom, found }));
                    }
                    found.push(atom);
                }
                Ok(found)
            }
        }
    }
}

impl Distance {
    fn boxed(self) -> Box<dyn CollectiveVariable> {
        Box::new(self)
    }
}

fn combination(
    terms: Vec<(f64, Box<dyn CollectiveVariable>)>,
) -> Result<Box<dyn CollectiveVariable>, VariableError> {
    Ok(Box::new(Combination::new(terms)?))
}
