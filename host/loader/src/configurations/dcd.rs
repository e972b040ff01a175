//! Positions from DCD trajectories, as CHARMM, NAMD, OpenMM and MDTraj write them: Fortran records of 32-bit floats.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use super::{ANGSTROM, Problem};

/// The first record: `CORD` and 20 integers.
const HEADER: usize = 84;
/// A box: six doubles.
const UNIT_CELL: usize = 48;

/// All frames; the file's ångström become nm. Frames are read to the end of the file, whatever the header says of their
/// number: a run that was killed does not correct it.
pub(super) fn read(path: &Path, atoms: usize) -> Result<Vec<f64>, Problem> {
    let file = File::open(path)?;
    parse(BufReader::with_capacity(1 << 20, file), atoms)
}

fn parse(input: impl Read, atoms: usize) -> Result<Vec<f64>, Problem> {
    let mut records = Records { input, swapped: false };
    let header = records.header()?;
    // The integers of the header, from 0: 8 fixed atoms, 10 a box with every frame, 11 a fourth dimension.
    let field = |place: usize| records.integer(&header[4 + 4 * place..]);
    let (fixed, has_box, fourth) = (field(8), field(10) != 0, field(11));
    if fixed != 0 {
        return Err(malformed(format!("it leaves out {fixed} fixed atoms, which is not supported")));
    }
    if fourth != 0 {
        return Err(malformed("it has a fourth dimension".to_owned()));
    }
    records.next("the title")?;
    let count = records.next("the number of atoms")?;
    if count.len() != 4 {
        return Err(malformed(format!(
            "the record of the number of atoms has {} bytes, expected 4",
            count.len()
        )));
    }
    let found = records.integer(&count);
    if usize::try_from(found).ok() != Some(atoms) {
        let found = usize::try_from(found).unwrap_or(0);
        return Err(Problem::Atoms { index: 0, found, expected: atoms });
    }

    let mut positions = Vec::new();
    for frame in 0.. {
        let what = format!("frame {frame} (from 0)");
        let Some(mut record) = records.next_or_end(&what)? else { break };
        if has_box && record.len() == UNIT_CELL {
            record = records.next(&what)?;
        }
        let from = positions.len();
        positions.resize(from + 3 * atoms, 0.0);
        for axis in 0..3 {
            if axis > 0 {
                record = records.next(&what)?;
            }
            if record.len() != 4 * atoms {
                let expected = 4 * atoms;
                return Err(malformed(format!(
                    "{what}: a record has {} bytes, expected {expected}",
                    record.len()
                )));
            }
            for (atom, bytes) in record.chunks_exact(4).enumerate() {
                positions[from + 3 * atom + axis] = f64::from(records.float(bytes)) * ANGSTROM;
            }
        }
    }
    Ok(positions)
}

/// Fortran records: a length, that many bytes, the length again.
struct Records<R> {
    input: R,
    /// Written on a machine of the other byte order.
    swapped: bool,
}

impl<R: Read> Records<R> {
    /// The first record, which tells the byte order.
    fn header(&mut self) -> Result<Vec<u8>, Problem> {
        let mut start = [0; 4];
        self.fill(&mut start, "the header")?;
        self.swapped = match u32::from_le_bytes(start) {
            84 => cfg!(target_endian = "big"),
            length if length.swap_bytes() == 84 => cfg!(target_endian = "little"),
            _ => return Err(malformed("it does not begin with a record of 84 bytes".to_owned())),
        };
        let header = self.rest(HEADER, "the header")?;
        match header.starts_with(b"CORD") {
            true => Ok(header),
            false => Err(malformed("its header does not begin with CORD".to_owned())),
        }
    }

    fn next(&mut self, what: &str) -> Result<Vec<u8>, Problem> {
        self.next_or_end(what)?.ok_or_else(|| Problem::Truncated(format!("it ends before {what}")))
    }

    /// `None` at the end of the file.
    fn next_or_end(&mut self, what: &str) -> Result<Option<Vec<u8>>, Problem> {
        let mut length = [0; 4];
        // One byte first: nothing at all is an end, anything less than a record is a cut.
        if self.input.read(&mut length[..1])? == 0 {
            return Ok(None);
        }
        self.fill(&mut length[1..], what)?;
        let length = usize::try_from(self.integer(&length))
            .map_err(|_| malformed(format!("{what}: a record has a negative length")))?;
        self.rest(length, what).map(Some)
    }

    /// The bytes of a record, and its closing length.
    fn rest(&mut self, length: usize, what: &str) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        // Not allocated up front: the length of a broken file may be anything.
        self.input.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(Problem::Truncated(format!("it ends within {what}")));
        }
        let mut closing = [0; 4];
        self.fill(&mut closing, what)?;
        if usize::try_from(self.integer(&closing)).ok() != Some(length) {
            return Err(malformed(format!("{what}: a record ends with another length than it begins with")));
        }
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8], what: &str) -> Result<(), Problem> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => Problem::Truncated(format!("it ends within {what}")),
            _ => Problem::Io(error),
        })
    }

    fn word(&self, bytes: &[u8]) -> u32 {
        let word = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        if self.swapped { word.swap_bytes() } else { word }
    }

    fn integer(&self, bytes: &[u8]) -> i32 {
        self.word(bytes).cast_signed()
    }

    fn float(&self, bytes: &[u8]) -> f32 {
        f32::from_bits(self.word(bytes))
    }
}

fn malformed(reason: String) -> Problem {
    Problem::Malformed { format: "DCD", reason }
}
