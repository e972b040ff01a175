//! The words of an expression.

/// A word and where it begins, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub start: usize,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    /// One of `+ - * / ^`.
    Operator,
    Variable,
    /// A name right before a parenthesis, which belongs to the word.
    Function,
    Open,
    Close,
    Comma,
}

/// White space in the sense of C.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// The words of `text`, which begins at byte `offset` of the whole.
pub fn tokens(text: &str, offset: usize) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut result = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        if is_space(bytes[start]) {
            start += 1;
            continue;
        }
        let (kind, length) = match bytes[start] {
            b'(' => (Kind::Open, 1),
            b')' => (Kind::Close, 1),
            b',' => (Kind::Comma, 1),
            byte if is_operator(byte) => (Kind::Operator, 1),
            b'.' | b'0'..=b'9' => (Kind::Number, number(&bytes[start..])),
            _ => name(&bytes[start..]),
        };
        result.push(Token { kind, text: &text[start..start + length], start: offset + start });
        start += length;
    }
    result
}

fn is_operator(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'*' | b'/' | b'^')
}

/// The length of the number at the start: one point, one exponent.
fn number(bytes: &[u8]) -> usize {
    let (mut point, mut exponent) = (false, false);
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        match byte {
            b'0'..=b'9' => {}
            b'.' if !point => point = true,
            b'e' | b'E' if !exponent => {
                exponent = true;
                if matches!(bytes.get(length + 1), Some(b'+' | b'-')) {
                    length += 1;
                }
            }
            _ => break,
        }
        length += 1;
    }
    length
}

fn name(bytes: &[u8]) -> (Kind, usize) {
    for (length, &byte) in bytes.iter().enumerate() {
        if byte == b'(' {
            return (Kind::Function, length + 1);
        }
        if is_operator(byte) || is_space(byte) || byte == b',' || byte == b')' {
            return (Kind::Variable, length);
        }
    }
    (Kind::Variable, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let words: Vec<_> =
            tokens(" 1.5e-3*foo( x1,-.2)", 10).iter().map(|t| (t.kind, t.text, t.start)).collect();
        assert_eq!(
            words,
            [
                (Kind::Number, "1.5e-3", 11),
                (Kind::Operator, "*", 17),
                (Kind::Function, "foo(", 18),
                (Kind::Variable, "x1", 23),
                (Kind::Comma, ",", 25),
                (Kind::Operator, "-", 26),
                (Kind::Number, ".2", 27),
                (Kind::Close, ")", 29),
            ]
        );
    }
}
