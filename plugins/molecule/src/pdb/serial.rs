//! Numbers of atoms and of residues: decimal, and where the columns are too few for that, hybrid-36 (R. W. Grosse-Kunstleve's),
//! hexadecimal (VMD's) or nothing.

/// What names an atom in CONECT records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Serial {
    Number(i64),
    /// Letters and digits. Hexadecimal and hybrid-36 differ in value, but either names an atom by the same text every time.
    Text(String),
}

impl Serial {
    /// The columns of a CONECT record; `None` where they name nothing.
    pub(super) fn named(columns: &str) -> Option<Serial> {
        let text = columns.trim();
        if let Ok(number) = text.parse() {
            return Some(Serial::Number(number));
        }
        let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        is_word.then(|| Serial::Text(text.to_owned()))
    }
}

/// The numbers that come next where a field holds none.
#[derive(Debug, Clone)]
pub(super) struct Numbering {
    next_atom: i64,
}

impl Numbering {
    /// At the beginning of a model.
    pub(super) fn new() -> Numbering {
        Numbering { next_atom: 1 }
    }

    /// The serial number in columns 7 to 11 of an atom; the next one where there is none.
    pub(super) fn atom(&mut self, columns: &str) -> Serial {
        let serial = Serial::named(columns).unwrap_or(Serial::Number(self.next_atom));
        self.next_atom = match serial {
            Serial::Number(number) => number.saturating_add(1),
            Serial::Text(_) => self.next_atom.saturating_add(1),
        };
        serial
    }

    /// The number in columns 23 to 26; `None` where the field overflowed (`****`) or is blank.
    pub(super) fn residue(&self, columns: &str) -> Option<i64> {
        let text = columns.trim();
        let hexadecimal = || i64::from_str_radix(text, 16).ok().map(|number| number - 0xA000 + 10_000);
        text.parse().ok().or_else(|| hybrid_36(columns)).or_else(hexadecimal)
    }
}

/// Four columns, the first a letter: `A000` is 10,000 and `a000` goes on after `ZZZZ`.
fn hybrid_36(columns: &str) -> Option<i64> {
    const WIDTH: usize = 4;
    const BLOCK: i64 = 36 * 36 * 36;
    let lower = match columns.as_bytes().first()? {
        b'A'..=b'Z' => false,
        b'a'..=b'z' => true,
        _ => return None,
    };
    let is_digit =
        |c: char| c.is_ascii_digit() || if lower { c.is_ascii_lowercase() } else { c.is_ascii_uppercase() };
    if columns.len() != WIDTH || !columns.chars().all(is_digit) {
        return None;
    }
    let value = i64::from_str_radix(columns, 36).ok()? - 10 * BLOCK + 10_000;
    Some(if lower { value + 26 * BLOCK } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residue_numbers() {
        let numbering = Numbering::new();
        for (columns, number) in [
            ("   7", Some(7)),
            ("-12 ", Some(-12)),
            ("9999", Some(9999)),
            ("A000", Some(10_000)),
            ("A00Z", Some(10_035)),
            ("A010", Some(10_036)),
            ("ZZZZ", Some(10_000 + 26 * 46_656 - 1)),
            ("a000", Some(10_000 + 26 * 46_656)),
            ("****", None),
            ("    ", None),
        ] {
            assert_eq!(numbering.residue(columns), number, "'{columns}'");
        }
    }

    #[test]
    fn a_serial_that_is_missing_is_the_next() {
        let mut numbering = Numbering::new();
        assert_eq!(numbering.atom("99998"), Serial::Number(99_998));
        assert_eq!(numbering.atom("     "), Serial::Number(99_999));
        assert_eq!(numbering.atom("A0000"), Serial::Text("A0000".to_owned()));
        assert_eq!(numbering.atom("*****"), Serial::Number(100_001));
    }
}
