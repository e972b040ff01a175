//! What a DCD file says before its frames.

use std::io::Read;

use super::record::Records;
use super::{Problem, malformed};

/// The first record: a mark and 20 integers.
const LENGTH: usize = 84;
const MARK: [u8; 4] = *b"CORD";

/// What the frames look like.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) atoms: usize,
    /// How many there should be; 0 where nobody counted.
    pub(super) frames: usize,
    /// With every frame.
    pub(super) has_cell: bool,
    /// A record behind z, which means nothing here.
    pub(super) has_fourth_dimension: bool,
    /// The atoms that every frame after the first is of, where others are fixed.
    pub(super) moving: Option<Vec<usize>>,
}

impl Header {
    /// Reads all records before the frames of a file that should be of `atoms` atoms.
    pub(super) fn read<R: Read>(input: R, atoms: usize) -> Result<(Records<R>, Self), Problem> {
        let what = "the header";
        let mut records = Records::new(input, LENGTH as u32, MARK)?;
        let header = records.bytes(LENGTH - MARK.len(), what)?;
        records.end(LENGTH, what)?;
        let field = |place: usize| records.integer(&header[4 * place..]);
        let (frames, fixed) = (usize::try_from(field(0)).unwrap_or(0), field(8));
        // A version makes it a file of CHARMM's family. X-PLOR writes none, and its time step, a double, ends in field 10.
        let charmm = field(19) != 0;
        let has_cell = charmm && field(10) != 0;
        let has_fourth_dimension = charmm && field(11) == 1;

        let what = "the title";
        let length = records.begin(what)?;
        records.skip(length, what)?;
        records.end(length, what)?;

        let count = records.exactly(4, "the number of atoms")?;
        let found = usize::try_from(records.integer(&count)).unwrap_or(0);
        if found != atoms {
            return Err(Problem::Atoms { index: 0, found, expected: atoms });
        }
        let moving = match usize::try_from(fixed) {
            Ok(0) => None,
            Ok(fixed) if fixed < atoms => Some(moving(&mut records, atoms, atoms - fixed)?),
            _ => return Err(malformed(format!("its header says that {fixed} of {atoms} atoms are fixed"))),
        };
        Ok((records, Self { atoms, frames, has_cell, has_fourth_dimension, moving }))
    }
}

/// The indices of the `count` atoms that move, from 0.
fn moving(records: &mut Records<impl Read>, atoms: usize, count: usize) -> Result<Vec<usize>, Problem> {
    let record = records.exactly(4 * count, "the list of moving atoms")?;
    let numbers = record.chunks_exact(4).map(|bytes| records.integer(bytes));
    numbers
        .map(|number| match usize::try_from(number) {
            Ok(number @ 1..) if number <= atoms => Ok(number - 1),
            _ => Err(malformed(format!("it lists atom {number} as moving, and has atoms 1 to {atoms}"))),
        })
        .collect()
}
