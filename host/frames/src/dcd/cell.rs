//! The unit cell of a frame: six doubles that programs fill in three ways.

use freeland_molecule::cell;

use crate::content::{ANGSTROM, BoxRows};
use crate::rows::volume;

/// Angles of cells that are in use, in degrees. Numbers outside are angles only if they cannot be anything else.
const USUAL: std::ops::RangeInclusive<f64> = 30.0..=150.0;

/// A unit cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// None is told.
    None,
    /// Of lengths and angles: the first row along x, the second in the xy plane.
    Rows(BoxRows),
    /// CHARMM's symmetric matrix, whose rows are the box as it lies.
    Matrix(BoxRows),
    /// Numbers that are no cell, or several.
    Unclear([f64; 6]),
}

impl Cell {
    /// Three lengths a, b, c in ångström, with between them gamma (ab), beta (ac) and alpha (bc) as cosines (CHARMM before 22, NAMD)
    /// or degrees (OpenMM, MDTraj, old NAMD); or the lower triangle of a symmetric matrix, row by row (CHARMM).
    ///
    /// Source: the readers of VMD (dcdplugin.c), and of MDAnalysis for the matrix.
    pub(super) fn read(numbers: [f64; 6]) -> Self {
        let [a, gamma, b, beta, alpha, c] = numbers;
        let (lengths, angles) = ([a, b, c], [alpha, beta, gamma]);
        if lengths == [0.0; 3] {
            return Self::None;
        }
        if !numbers.iter().all(|number| number.is_finite()) || lengths.iter().any(|length| *length <= 0.0) {
            return Self::Unclear(numbers);
        }
        let nm = lengths.map(|length| length * ANGSTROM);
        if angles.iter().all(|cosine| (-1.0..=1.0).contains(cosine)) {
            return cell::rows(nm, angles.map(f64::acos)).map_or(Self::Unclear(numbers), Self::Rows);
        }
        let matrix = [[a, gamma, beta], [gamma, b, alpha], [beta, alpha, c]];
        let is_matrix = a * b > gamma * gamma && volume(&matrix) > 0.0;
        let usual = angles.iter().all(|angle| USUAL.contains(angle));
        match cell::rows(nm, angles.map(f64::to_radians)) {
            Some(rows) if angles.iter().all(|angle| *angle > 0.0) && (usual || !is_matrix) => {
                Self::Rows(rows)
            }
            Some(_) if angles.iter().all(|angle| *angle > 0.0) => Self::Unclear(numbers),
            _ if is_matrix => Self::Matrix(matrix.map(|row| row.map(|value| value * ANGSTROM))),
            _ => Self::Unclear(numbers),
        }
    }

    pub(super) fn rows(&self) -> Option<BoxRows> {
        match self {
            Self::Rows(rows) | Self::Matrix(rows) => Some(*rows),
            Self::None | Self::Unclear(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: &BoxRows, expected: BoxRows) {
        for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-7, "{found} {expected}");
        }
    }

    #[test]
    fn cosines_and_degrees_are_one_cell() {
        let (cosine, sine): (f64, f64) = (-0.4, 0.84_f64.sqrt());
        let expected = [[2.0, 0.0, 0.0], [2.0 * cosine, 2.0 * sine, 0.0], [0.0, 0.0, 5.0]];
        let degrees = cosine.acos().to_degrees();
        for numbers in [[20.0, cosine, 20.0, 0.0, 0.0, 50.0], [20.0, degrees, 20.0, 90.0, 90.0, 50.0]] {
            let Cell::Rows(rows) = Cell::read(numbers) else { panic!("{:?}", Cell::read(numbers)) };
            near(&rows, expected);
        }
        // A matrix that is positive definite, too; nobody has such a cell.
        let large = Cell::read([900.0, 90.0, 900.0, 90.0, 90.0, 900.0]);
        let Cell::Rows(rows) = large else { panic!("{large:?}") };
        near(&rows, [[90.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 0.0, 90.0]]);
    }

    #[test]
    fn the_matrix_of_charmm() {
        let found = Cell::read([40.0, -5.0, 41.0, -6.0, -7.0, 42.0]);
        let Cell::Matrix(rows) = found else { panic!("{found:?}") };
        near(&rows, [[4.0, -0.5, -0.6], [-0.5, 4.1, -0.7], [-0.6, -0.7, 4.2]]);
        // Along the axes the three ways agree.
        assert!(matches!(Cell::read([40.0, 0.0, 41.0, 0.0, 0.0, 42.0]), Cell::Rows(_)));
    }

    #[test]
    fn what_is_none_and_what_cannot_be_told() {
        assert_eq!(Cell::read([0.0; 6]), Cell::None);
        assert_eq!(Cell::read([0.0, 90.0, 0.0, 90.0, 90.0, 0.0]), Cell::None);
        for numbers in [
            [40.0, 10.0, 40.0, 11.0, 12.0, 40.0],
            [40.0, 170.0, 40.0, 170.0, 170.0, 40.0],
            [40.0, 90.0, 0.0, 90.0, 90.0, 40.0],
            [40.0, f64::NAN, 40.0, 90.0, 90.0, 40.0],
            [-40.0, 90.0, 40.0, 90.0, 90.0, 40.0],
        ] {
            assert!(matches!(Cell::read(numbers), Cell::Unclear(_)), "{numbers:?}");
        }
    }
}
