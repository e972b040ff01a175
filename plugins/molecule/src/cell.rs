//! Boxes of lengths and angles, as crystallographers and trajectories have them, in rows.

/// Less than this, nm, is 0.
const TINY: f64 = 1e-6;

/// The rows of a box, nm: the first along x, the second in the xy plane, each later one as near to its axis as multiples of the earlier
/// allow, which is OpenMM's reduced form.
///
/// `lengths` a, b, c in nm; `angles` alpha, beta, gamma in radians. `None` where they close no cell.
pub fn rows([a, b, c]: [f64; 3], [alpha, beta, gamma]: [f64; 3]) -> Option<[[f64; 3]; 3]> {
    let along = c * beta.cos();
    let across = c * (alpha.cos() - beta.cos() * gamma.cos()) / gamma.sin();
    let up = (c * c - along * along - across * across).sqrt();
    let mut rows = [[a, 0.0, 0.0], [b * gamma.cos(), b * gamma.sin(), 0.0], [along, across, up]];
    for value in rows.as_flattened_mut().iter_mut().filter(|value| value.abs() < TINY) {
        *value = 0.0;
    }
    for (row, other) in [(2, 1), (2, 0), (1, 0)] {
        let times = (rows[row][other] / rows[other][other]).round_ties_even();
        let shift = rows[other].map(|value| value * times);
        (0..3).for_each(|axis| rows[row][axis] -= shift[axis]);
    }
    let is_box = (0..3).all(|row| rows[row][row] > 0.0) && rows.as_flattened().iter().all(|x| x.is_finite());
    is_box.then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(lengths: [f64; 3], degrees: [f64; 3], expected: [[f64; 3]; 3]) {
        let rows = rows(lengths, degrees.map(f64::to_radians)).unwrap();
        for (found, expected) in rows.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-9, "{lengths:?} {degrees:?}: {rows:?}");
        }
    }

    #[test]
    fn boxes_are_reduced() {
        near([3.0, 4.0, 5.0], [90.0; 3], [[3.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 5.0]]);
        let half = 0.5 * 3.0_f64.sqrt();
        // Hexagonal; with 60 degrees the second row goes to the other side.
        near(
            [2.0, 2.0, 3.0],
            [90.0, 90.0, 120.0],
            [[2.0, 0.0, 0.0], [-1.0, 2.0 * half, 0.0], [0.0, 0.0, 3.0]],
        );
        near(
            [2.0, 6.0, 3.0],
            [90.0, 90.0, 60.0],
            [[2.0, 0.0, 0.0], [-1.0, 6.0 * half, 0.0], [0.0, 0.0, 3.0]],
        );
    }

    #[test]
    fn no_cell() {
        for (lengths, degrees) in [
            ([3.0, 4.0, 5.0], [90.0, 90.0, 0.0]),
            ([3.0, 4.0, 5.0], [10.0, 90.0, 30.0]),
            ([-3.0, 4.0, 5.0], [90.0; 3]),
            ([0.0, 4.0, 5.0], [90.0; 3]),
            ([f64::NAN, 4.0, 5.0], [90.0; 3]),
        ] {
            assert_eq!(rows(lengths, degrees.map(f64::to_radians)), None, "{lengths:?} {degrees:?}");
        }
    }
}
