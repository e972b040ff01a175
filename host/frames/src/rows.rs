//! The rows of a box from the numbers that people write.

use crate::content::BoxRows;

/// Numbers that make no box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowsError {
    /// Neither three nor nine.
    #[error("expected 3 lengths (a box along x, y and z) or 9 (three rows), got {0}")]
    Count(usize),
    /// Rows in a plane.
    #[error("expected three rows that span a volume, got {0:?} (nm)")]
    Flat(BoxRows),
}

/// Rows of a box, nm, from its three lengths, or from all nine numbers, row after row.
///
/// # Errors
/// There are neither three nor nine numbers, or they span no volume.
pub fn rows(numbers: &[f64]) -> Result<BoxRows, RowsError> {
    let rows = match *numbers {
        [a, b, c] => [[a, 0.0, 0.0], [0.0, b, 0.0], [0.0, 0.0, c]],
        [a, b, c, d, e, f, g, h, i] => [[a, b, c], [d, e, f], [g, h, i]],
        _ => return Err(RowsError::Count(numbers.len())),
    };
    if volume(&rows) > 0.0 { Ok(rows) } else { Err(RowsError::Flat(rows)) }
}

/// `a . (b x c)`: not above 0 where the rows lie in a plane, hold a NaN, or are left-handed.
pub(crate) fn volume([a, b, c]: &BoxRows) -> f64 {
    a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_and_nine() {
        assert_eq!(rows(&[3.0, 4.0, 5.0]).unwrap(), [[3.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 5.0]]);
        let nine = [3.0, 0.0, 0.0, 1.0, 3.0, 0.0, 1.0, 1.0, 3.0];
        assert_eq!(rows(&nine).unwrap()[2], [1.0, 1.0, 3.0]);
        assert_eq!(rows(&[3.0]).unwrap_err(), RowsError::Count(1));
        assert!(matches!(rows(&[3.0, 0.0, 5.0]), Err(RowsError::Flat(_))));
        assert!(matches!(rows(&[3.0, f64::NAN, 5.0]), Err(RowsError::Flat(_))));
    }
}
