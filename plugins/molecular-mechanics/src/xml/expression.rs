//! Recognises the expressions of OpenMM's custom forces: as text, with the numbers taken out.

/// The numbers of `text` at the `#` of `template`, or `None` if they differ elsewhere. White space does not count.
pub fn numbers(template: &str, text: &str) -> Option<Vec<f64>> {
    let compact = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (template, text) = (compact(template), compact(text));
    let mut rest = text.trim_end_matches(';');
    let mut found = Vec::new();
    let mut pieces = template.split('#');
    rest = rest.strip_prefix(pieces.next()?)?;
    for piece in pieces {
        let (number, length) = leading_number(rest)?;
        found.push(number);
        rest = rest[length..].strip_prefix(piece)?;
    }
    rest.is_empty().then_some(found)
}

/// The longest number at the start of `text`, and its length.
fn leading_number(text: &str) -> Option<(f64, usize)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(text.len());
    (1..=end).rev().find_map(|length| Some((text[..length].parse().ok()?, length)))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_taken_out() {
        assert_eq!(numbers("#*x^2; y=#", "2.5e-1 * x^2;y=-3;"), Some(vec![0.25, -3.0]));
        assert_eq!(numbers("k*#-x", "k*4-x"), Some(vec![4.0]));
    }

    #[test]
    fn anything_else_differs() {
        assert_eq!(numbers("#*x^2", "2*x^3"), None);
        assert_eq!(numbers("#*x", "2*x*x"), None);
        assert_eq!(numbers("#*x", "k*x"), None);
    }
}
