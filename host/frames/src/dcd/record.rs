//! Fortran records: a length, that many bytes, the length again.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use super::{Problem, malformed};

/// The records of a file, in the byte order and with the lengths that its first bytes tell.
pub(super) struct Records<R> {
    input: BufReader<R>,
    /// Written on a machine of the other byte order.
    swapped: bool,
    /// Lengths have eight bytes, not four.
    wide: bool,
}

impl<R: Read> Records<R> {
    /// Reads the length of the first record, which is `length`, and the mark behind it.
    pub(super) fn new(input: R, length: u32, mark: [u8; 4]) -> Result<Self, Problem> {
        let mut records = Self { input: BufReader::new(input), swapped: false, wide: false };
        let what = "the header";
        let start = records.words::<2>(what)?;
        let word = |place: usize| u32::from_ne_bytes(start[place]);
        let is = |found: u32, wanted: u32| [(found == wanted, false), (found.swap_bytes() == wanted, true)];
        let narrow = start[1] == mark;
        let wide = !narrow && (word(0) == 0 || word(1) == 0);
        let long = if word(0) == 0 { word(1) } else { word(0) };
        let found = is(if wide { long } else { word(0) }, length).into_iter().find(|(fits, _)| *fits);
        let Some((_, swapped)) = found.filter(|_| narrow || wide) else {
            return Err(malformed(format!("it does not begin with a record of {length} bytes")));
        };
        (records.swapped, records.wide) = (swapped, wide);
        if wide && records.words::<1>(what)? != [mark] {
            return Err(malformed(format!("its header does not begin with {}", mark.escape_ascii())));
        }
        Ok(records)
    }

    pub(super) fn is_at_end(&mut self) -> Result<bool, Problem> {
        Ok(self.input.fill_buf()?.is_empty())
    }

    /// The length that a record begins with.
    pub(super) fn begin(&mut self, what: &str) -> Result<usize, Problem> {
        let length = match self.wide {
            false => self.words::<1>(what)?.map(|word| self.integer(&word))[0].into(),
            true => {
                let [a, b] = self.words::<2>(what)?;
                let bytes = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]];
                let length = i64::from_ne_bytes(bytes);
                if self.swapped { length.swap_bytes() } else { length }
            }
        };
        usize::try_from(length).map_err(|_| malformed(format!("{what}: a record has a negative length")))
    }

    /// The length that a record ends with, which must be `length`.
    pub(super) fn end(&mut self, length: usize, what: &str) -> Result<(), Problem> {
        if self.begin(what)? == length {
            return Ok(());
        }
        Err(malformed(format!("{what}: a record ends with another length than it begins with")))
    }

    /// A whole record that must have `length` bytes.
    pub(super) fn exactly(&mut self, length: usize, what: &str) -> Result<Vec<u8>, Problem> {
        let found = self.begin(what)?;
        if found != length {
            return Err(malformed(format!("{what}: a record has {found} bytes, expected {length}")));
        }
        let bytes = self.bytes(length, what)?;
        self.end(length, what)?;
        Ok(bytes)
    }

    /// The next `length` bytes.
    pub(super) fn bytes(&mut self, length: usize, what: &str) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        // Not allocated up front: a broken file may say anything.
        self.input.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length { Ok(bytes) } else { Err(cut(what)) }
    }

    /// Leaves out the next `length` bytes.
    pub(super) fn skip(&mut self, length: usize, what: &str) -> Result<(), Problem> {
        let skipped = std::io::copy(&mut self.input.by_ref().take(length as u64), &mut std::io::sink())?;
        if skipped == length as u64 { Ok(()) } else { Err(cut(what)) }
    }

    fn words<const COUNT: usize>(&mut self, what: &str) -> Result<[[u8; 4]; COUNT], Problem> {
        let mut words = [[0; 4]; COUNT];
        self.input.read_exact(words.as_flattened_mut()).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => cut(what),
            _ => Problem::Io(error),
        })?;
        Ok(words)
    }

    fn word(&self, bytes: &[u8]) -> u32 {
        let word = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        if self.swapped { word.swap_bytes() } else { word }
    }

    /// The first four bytes.
    pub(super) fn integer(&self, bytes: &[u8]) -> i32 {
        self.word(bytes).cast_signed()
    }

    /// The first four bytes.
    pub(super) fn float(&self, bytes: &[u8]) -> f32 {
        f32::from_bits(self.word(bytes))
    }

    /// The first eight bytes.
    pub(super) fn double(&self, bytes: &[u8]) -> f64 {
        let [first, second] = [self.word(bytes), self.word(&bytes[4..])].map(u64::from);
        let second_is_higher = cfg!(target_endian = "little") != self.swapped;
        f64::from_bits(if second_is_higher { second << 32 | first } else { first << 32 | second })
    }
}

fn cut(what: &str) -> Problem {
    Problem::Truncated(format!("it ends within {what}"))
}
