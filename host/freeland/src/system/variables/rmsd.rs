//! The distance from a reference structure, after optimal superposition.

use nalgebra::{Matrix3, Matrix4, Quaternion, Rotation3, SymmetricEigen, UnitQuaternion, Vector3};

use super::{CollectiveVariable, Unit};
use crate::system::vector::{add_at, at};

/// Below this (nm) the variable has no slope: `r` is the reference.
const SAME_NM: f64 = 1e-12;

/// A reference that cannot be superposed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RmsdError {
    /// Two atoms can always be laid on two others up to their distance.
    #[error("a superposition needs at least 3 atoms, got {found}")]
    TooFewAtoms {
        /// How many were given.
        found: usize,
    },
    /// A structure of another molecule.
    #[error("the reference has {found} numbers, expected {expected}: 3 for each of {atoms} atoms")]
    Size {
        /// Numbers of a structure.
        expected: usize,
        /// Atoms of the molecule.
        atoms: usize,
        /// What was given.
        found: usize,
    },
}

/// `min over rigid motions T of sqrt(sum_i |r_i - T r_i^0|^2 / n)`, nm: mirror images are different.
///
/// Source: the quaternion form of Horn, J. Opt. Soc. Am. A 4, 629 (1987). At the minimum the motion itself has no
/// slope, so that `ds/dr_i = (r_i - T r_i^0) / (n s)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rmsd {
    atoms: Vec<usize>,
    /// Of the atoms, about their centre, nm.
    reference: Vec<Vector3<f64>>,
}

impl Rmsd {
    /// From the structure `reference` (`[all atoms][3]`, nm), over `atoms`.
    ///
    /// # Errors
    /// There are fewer than three atoms, or the reference has not three numbers for each of `count` atoms.
    pub fn new(atoms: &[usize], count: usize, reference: &[f64]) -> Result<Self, RmsdError> {
        if reference.len() != 3 * count {
            return Err(RmsdError::Size { expected: 3 * count, atoms: count, found: reference.len() });
        }
        if atoms.len() < 3 {
            return Err(RmsdError::TooFewAtoms { found: atoms.len() });
        }
        let (_, reference) = centred(atoms, reference);
        Ok(Self { atoms: atoms.to_vec(), reference })
    }

    /// What remains of each atom after superposition, `r_i - T r_i^0`.
    fn remainders(&self, r: &[f64]) -> Vec<Vector3<f64>> {
        let (_, mut arms) = centred(&self.atoms, r);
        let products = self.reference.iter().zip(&arms).map(|(from, to)| from * to.transpose());
        let turn = best_rotation(&products.sum());
        arms.iter_mut().zip(&self.reference).for_each(|(to, from)| *to -= turn * from);
        arms
    }
}

/// The centre of some atoms, and their positions from it.
fn centred(atoms: &[usize], r: &[f64]) -> (Vector3<f64>, Vec<Vector3<f64>>) {
    let positions = || atoms.iter().map(|atom| Vector3::from(at(r, *atom)));
    let centre = positions().sum::<Vector3<f64>>() / atoms.len() as f64;
    (centre, positions().map(|position| position - centre).collect())
}

/// The rotation that turns the first of two sets onto the second, from `sum from to^T`.
fn best_rotation(s: &Matrix3<f64>) -> Rotation3<f64> {
    let (xx, xy, xz) = (s[(0, 0)], s[(0, 1)], s[(0, 2)]);
    let (yx, yy, yz) = (s[(1, 0)], s[(1, 1)], s[(1, 2)]);
    let (zx, zy, zz) = (s[(2, 0)], s[(2, 1)], s[(2, 2)]);
    #[rustfmt::skip]
    let form = Matrix4::new(
        xx + yy + zz, yz - zy,      zx - xz,       xy - yx,
        yz - zy,      xx - yy - zz, xy + yx,       zx + xz,
        zx - xz,      xy + yx,      -xx + yy - zz, yz + zy,
        xy - yx,      zx + xz,      yz + zy,       -xx - yy + zz,
    );
    let eigen = SymmetricEigen::new(form);
    let best = eigen.eigenvectors.column(eigen.eigenvalues.imax());
    UnitQuaternion::from_quaternion(Quaternion::new(best[0], best[1], best[2], best[3])).to_rotation_matrix()
}

fn root_mean_square(remainders: &[Vector3<f64>]) -> f64 {
    let sum: f64 = remainders.iter().map(Vector3::norm_squared).sum();
    (sum / remainders.len() as f64).sqrt()
}

impl CollectiveVariable for Rmsd {
    fn value(&self, r: &[f64]) -> f64 {
        root_mean_square(&self.remainders(r))
    }

    fn add_gradient(&self, r: &[f64], factor: f64, gradient: &mut [f64]) -> f64 {
        let remainders = self.remainders(r);
        let value = root_mean_square(&remainders);
        if value > SAME_NM {
            let factor = factor / (remainders.len() as f64 * value);
            for (atom, remainder) in self.atoms.iter().zip(&remainders) {
                add_at(gradient, *atom, factor, (*remainder).into());
            }
        }
        value
    }

    fn unit(&self) -> Unit {
        Unit::Nanometre
    }
}
