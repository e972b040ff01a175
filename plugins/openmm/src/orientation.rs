//! Boxes in any orientation, turned to the one that OpenMM takes.

type Vector = [f64; 3];
type Matrix = [[f64; 3]; 3];

/// A box as OpenMM takes it, and the rotation that leads there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Oriented {
    /// The first row along x, the second in the xy plane, each later one as near to its axis as multiples of the earlier allow.
    pub(crate) rows: Matrix,
    /// Its rows are the axes of that frame; `None` where nothing is turned.
    rotation: Option<Matrix>,
}

/// Relative error of a turned component.
const ROUNDING: f64 = 1e-14;

impl Oriented {
    /// The box with these rows, which are right-handed and span a volume.
    pub(crate) fn new(rows: Matrix) -> Self {
        let [a, b, c] = rows;
        let (x, normal) = (unit(a), unit(cross(a, b)));
        let axes = [x, cross(normal, x), normal];
        let is_in_place = a[1] == 0.0 && a[2] == 0.0 && b[2] == 0.0 && (0..3).all(|k| rows[k][k] > 0.0);
        let (turned, rotation) = if is_in_place {
            (rows, None)
        } else {
            // A right angle stays one: what is left of it by rounding is none.
            let along = |row: Vector, axis: usize| {
                let value = dot(row, axes[axis]);
                if value.abs() < ROUNDING * dot(row, row).sqrt() { 0.0 } else { value }
            };
            let turned =
                [[along(a, 0), 0.0, 0.0], [along(b, 0), along(b, 1), 0.0], [0, 1, 2].map(|k| along(c, k))];
            (turned, Some(axes))
        };
        Self { rows: reduced(turned), rotation }
    }

    /// Whether positions must be turned.
    pub(crate) fn is_turned(&self) -> bool {
        self.rotation.is_some()
    }

    /// Turns vectors, `[n][3]`, into OpenMM's frame.
    pub(crate) fn turn(&self, vectors: &mut [f64]) {
        let Some(axes) = &self.rotation else { return };
        for vector in vectors.as_chunks_mut::<3>().0 {
            *vector = axes.map(|axis| dot(axis, *vector));
        }
    }

    /// Turns vectors, `[n][3]`, back.
    pub(crate) fn turn_back(&self, vectors: &mut [f64]) {
        let Some(axes) = &self.rotation else { return };
        for vector in vectors.as_chunks_mut::<3>().0 {
            *vector =
                [0, 1, 2].map(|k| vector[0] * axes[0][k] + vector[1] * axes[1][k] + vector[2] * axes[2][k]);
        }
    }
}

/// The same lattice, by rows of OpenMM's reduced form.
fn reduced(mut rows: Matrix) -> Matrix {
    for (row, other) in [(2, 1), (2, 0), (1, 0)] {
        let times = (rows[row][other] / rows[other][other]).round_ties_even();
        let shift = rows[other].map(|value| value * times);
        (0..3).for_each(|axis| rows[row][axis] -= shift[axis]);
    }
    rows
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(a: Vector) -> Vector {
    let length = dot(a, a).sqrt();
    a.map(|value| value / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_that_is_in_place_stays_and_is_reduced() {
        let rows = [[3.0, 0.0, 0.0], [0.5, 3.5, 0.0], [-0.75, 1.0, 4.0]];
        let oriented = Oriented::new(rows);
        assert_eq!((oriented.rows, oriented.is_turned()), (rows, false));
        let far = [rows[0], rows[1], [rows[2][0] + 7.0, rows[2][1] + 7.0, rows[2][2]]];
        let near = Oriented::new(far).rows;
        assert_eq!(near, [rows[0], rows[1], [-0.75, 1.0, 4.0]]);
    }

    #[test]
    fn a_turned_box_is_turned_back() {
        let rows = [[0.0, 3.0, 0.0], [-3.5, 0.5, 0.0], [-1.0, -0.75, 4.0]];
        let oriented = Oriented::new(rows);
        assert_eq!(oriented.rows, [[3.0, 0.0, 0.0], [0.5, 3.5, 0.0], [-0.75, 1.0, 4.0]]);
        let mut vectors = [1.0, 2.0, 3.0, -1.0, 0.0, 0.5];
        oriented.turn(&mut vectors);
        assert_eq!(vectors, [2.0, -1.0, 3.0, 0.0, 1.0, 0.5]);
        oriented.turn_back(&mut vectors);
        assert_eq!(vectors, [1.0, 2.0, 3.0, -1.0, 0.0, 0.5]);
    }
}
