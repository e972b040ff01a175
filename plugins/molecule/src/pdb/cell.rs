//! The box of a CRYST1 record.

use super::PdbError;
use super::record::field;
use crate::cell::rows;

/// nm in an angstrom.
const ANGSTROM: f64 = 0.1;

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
    rows(lengths, angles).map(Some).ok_or(PdbError::Cell { line: number })
}

#[cfg(test)]
mod tests {
    use super::*;

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
