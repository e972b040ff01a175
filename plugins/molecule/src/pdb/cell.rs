//! The box of a CRYST1 record.

use super::PdbError;
use super::record::field;

/// nm in an angstrom.
const ANGSTROM: f64 = 0.1;

/// Less than this, nm, is 0.
const TINY: f64 = 1e-6;

/// Rows in nm, reduced as OpenMM wants them; `None` where a length is 0.
pub(super) fn read(line: &str, number: usize) -> Result<Option<[[f64; 3]; 3]>, PdbError> {
    let length = |from, to| -> Result<f64, PdbError> {
        Ok(field::<f64>(line, number, from, to, "a length of the cell in angstrom")? * ANGSTROM)
    };
    let angle = |from, to| -> Result<f64, PdbError> {
        Ok(field::<f64>(line, number, from, to, "an angle of the cell in degrees")?.to_radians())
    };
    let lengths = [length(7, 15)?, length(16, 24)?, length(25, 33)?];
    let angles = [angle(34, 40)?, angle(41, 47)?, angle(48, 54)?];
    if lengths.contains(&0.0) {
        return Ok(None);
    }
    let rows = vectors(lengths, angles);
    let is_box = (0..3).all(|row| rows[row][row] > 0.0) && rows.as_flattened().iter().all(|x| x.is_finite());
    if is_box { Ok(Some(rows)) } else { Err(PdbError::Cell { line: number }) }
}

/// The first row along x, the second in the xy plane; each later one as near to its axis as multiples of the earlier allow.
fn vectors([a, b, c]: [f64; 3], [alpha, beta, gamma]: [f64; 3]) -> [[f64; 3]; 3] {
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
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(line: &str, expected: [[f64; 3]; 3]) {
        let rows = read(line, 1).unwrap().unwrap();
        for (found, expected) in rows.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-9, "{line}: {rows:?}");
        }
    }

    #[test]
    fn boxes_are_reduced() {
        near(
            "CRYST1   30.000   40.000   50.000  90.00  90.00  90.00 P 1",
            [[3.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 5.0]],
        );
        let half = 0.5 * 3.0_f64.sqrt();
        // Hexagonal, with 120 degrees and with 60: the same lattice, the second row to either side.
        near(
            "CRYST1   20.000   20.000   30.000  90.00  90.00 120.00 P 1",
            [[2.0, 0.0, 0.0], [-1.0, 2.0 * half, 0.0], [0.0, 0.0, 3.0]],
        );
        near(
            "CRYST1   20.000   60.000   30.000  90.00  90.00  60.00 P 1",
            [[2.0, 0.0, 0.0], [-1.0, 6.0 * half, 0.0], [0.0, 0.0, 3.0]],
        );
    }

    #[test]
    fn no_cell() {
        assert_eq!(read("CRYST1    0.000    0.000    0.000  90.00  90.00  90.00 P 1", 7).unwrap(), None);
        for line in [
            "CRYST1   30.000   40.000",
            "CRYST1   30.000   40.000   50.000  90.00  90.00   0.00 P 1",
            "CRYST1   30.000   40.000   50.000  10.00  90.00  30.00 P 1",
            "CRYST1  -30.000   40.000   50.000  90.00  90.00  90.00 P 1",
            "CRYST1      nan   40.000   50.000  90.00  90.00  90.00 P 1",
        ] {
            assert!(read(line, 7).unwrap_err().to_string().starts_with("line 7: "), "{line}");
        }
    }
}
