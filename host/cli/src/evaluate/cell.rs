//! A box on the command line.

use freeland_frames::{BoxRows, rows};

/// Units, and their size in nm.
const UNITS: [(&str, f64); 5] = [("nm", 1.0), ("A", 0.1), ("Å", 0.1), ("pm", 1e-3), ("reduced", 1.0)];

/// Reads three or nine lengths with units, separated by commas.
pub fn parse(text: &str) -> Result<BoxRows, String> {
    let lengths: Vec<f64> = text.split(',').map(length).collect::<Result<_, _>>()?;
    rows(&lengths).map_err(|error| error.to_string())
}

/// nm.
fn length(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !".-+eE".contains(c)).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
    let value = value.ok_or_else(|| format!("expected a length such as \"3 nm\", got \"{text}\""))?;
    let size = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| size);
    match size {
        Some(size) => Ok(value * size),
        None if unit.is_empty() => {
            Err(format!("a length needs a unit, for example \"{text} nm\"; got the bare number {text}"))
        }
        None => Err(format!("'{unit}' is no unit of a length; use one of nm, A, Å, pm, reduced")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_with_units() {
        assert_eq!(parse("3 nm, 30 A,3000pm").unwrap(), [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]]);
        let rows = parse("3nm,0 nm,0 nm, 0.5 nm,3 nm,0 nm, -0.5 nm,1e-1 nm,3 nm").unwrap();
        assert_eq!(rows[2], [-0.5, 0.1, 3.0]);
    }

    #[test]
    fn what_is_none() {
        for (text, expected) in [
            ("3, 3, 3", "a length needs a unit, for example \"3 nm\"; got the bare number 3"),
            ("3 nm", "expected 3 lengths (a box along x, y and z) or 9 (three rows), got 1"),
            ("3 ly, 3 nm, 3 nm", "'ly' is no unit of a length; use one of nm, A, Å, pm, reduced"),
            ("wide", "expected a length such as \"3 nm\", got \"wide\""),
            (
                "3 nm, 0 nm, 3 nm",
                "expected three rows that span a volume, got [[3.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 3.0]] (nm)",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), expected);
        }
    }
}
