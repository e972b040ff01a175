//! The angle about the middle bond of four atoms, as cosine and sine, and its gradient.
use super::{Frame, Vector};
use crate::lanes::{Lane, Machine, Real};

/// Four atoms in space, with the IUPAC sign of the torsion.
///
/// Where three of them are collinear the torsion has no direction: the squares of the normals are floored, cosine and sine
/// tend to zero together and the gradient stays finite.
pub struct Dihedral<L> {
    first: Vector<L>,
    middle: Vector<L>,
    last: Vector<L>,
    normal_1: Vector<L>,
    normal_2: Vector<L>,
    inverse_square_1: L,
    inverse_square_2: L,
    length: L,
    inverse_length: L,
    pub cosine: L,
    pub sine: L,
}

impl<L: Lane> Dihedral<L> {
    #[inline(always)]
    pub fn new<M: Machine<Lane = L>>(frame: &Frame<'_, M>, atoms: [usize; 4]) -> Self {
        let m = frame.m;
        let (i, j) = (frame.position(atoms[0]), frame.position(atoms[1]));
        let (k, l) = (frame.position(atoms[2]), frame.position(atoms[3]));
        let (first, middle, last) = (j - i, k - j, l - k);
        let (normal_1, normal_2) = (first.cross(middle), middle.cross(last));
        let floor = m.splat(M::Real::COLLINEAR);
        let square_1 = normal_1.dot(normal_1).max(floor);
        let square_2 = normal_2.dot(normal_2).max(floor);
        let square = middle.dot(middle) + m.splat(M::Real::TINY_SQUARE);
        let inverse_length = m.constant(1.0) / square.sqrt();
        let length = square * inverse_length;
        // One division for both normals.
        let inverse = m.constant(1.0) / (square_1 * square_2);
        let root = inverse.sqrt();
        Self {
            first,
            middle,
            last,
            normal_1,
            normal_2,
            inverse_square_1: inverse * square_2,
            inverse_square_2: inverse * square_1,
            length,
            inverse_length,
            cosine: normal_1.dot(normal_2) * root,
            sine: length * first.dot(normal_2) * root,
        }
    }

    /// Adds `slope` times the gradient of the angle.
    #[inline(always)]
    pub fn add_gradient<M: Machine<Lane = L>>(&self, frame: &mut Frame<'_, M>, atoms: [usize; 4], slope: L) {
        let on_first = self.normal_1.scaled(-(slope * self.length * self.inverse_square_1));
        let on_last = self.normal_2.scaled(slope * self.length * self.inverse_square_2);
        let along = self.inverse_length * self.inverse_length;
        let (p, q) = (self.first.dot(self.middle) * along, self.last.dot(self.middle) * along);
        // The two inner atoms balance force and torque.
        let shear = on_first.scaled(p).plus_scaled(-q, on_last);
        let [i, j, k, l] = atoms;
        frame.add_gradient(i, on_first);
        frame.add_gradient(j, -(on_first + shear));
        frame.add_gradient(k, shear - on_last);
        frame.add_gradient(l, on_last);
    }
}
