//! The element of an atom whose columns do not say it.

use crate::element::atomic_number;
use crate::residue;

/// What OpenMM guesses from the name, less what it can only get wrong: 0 where the name begins, in the first of its columns, with
/// the two letters of another element than the guess (`FE` of a heme is no fluorine) in a residue that is none of the standard
/// ones; an ion, alone in its residue, is what its name says.
///
/// `spaced` are the four columns of the name, `name` is OpenMM's name of it, `names` are those of all atoms of the residue.
pub(super) fn element(spaced: &str, name: &str, residue: &str, names: &[&str]) -> u32 {
    let number = |symbol: &str| atomic_number(symbol).unwrap_or(0);
    let upper = name.to_ascii_uppercase();
    let mut letters = upper.as_str();
    while letters.len() > 1 && letters.starts_with(|c: char| c.is_ascii_digit()) {
        letters = &letters[1..];
    }
    // Alone in a standard residue stands an alpha carbon, not calcium.
    let alone = names.len() == 1 && !residue::is_standard(residue);
    let symbol = letters.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let two = if symbol.len() == 2 { atomic_number(symbol) } else { None };
    if alone && let Some(ion) = two {
        return ion;
    }
    for (start, symbol) in
        [("CL", "Cl"), ("NA", "Na"), ("MG", "Mg"), ("BE", "Be"), ("LI", "Li"), ("K", "K"), ("ZN", "Zn")]
    {
        if letters.starts_with(start) {
            return number(symbol);
        }
    }
    if alone && letters.starts_with("CA") {
        return number("Ca");
    }
    // A Drude particle stands beside the atom of its name.
    if letters.starts_with('D') && name.get(1..).is_some_and(|parent| names.contains(&parent)) {
        return 0;
    }
    let first = letters.chars().next().map_or(0, |letter| number(letter.encode_utf8(&mut [0; 4])));
    let first_column = spaced.starts_with(|c: char| c.is_ascii_alphabetic());
    if first_column && two.is_some() && !residue::is_standard(residue) { 0 } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        for (spaced, residue, others, number) in [
            (" CA ", "ALA", 1, 6),
            ("CA  ", "CA", 0, 20),
            ("CA  ", "ALA", 3, 6),
            ("CL  ", "CL", 0, 17),
            (" CL1", "LIG", 2, 17),
            ("KR  ", "KR", 0, 36),
            ("K   ", "K", 0, 19),
            (" CA ", "GLY", 0, 6),
            ("HH31", "ACE", 2, 1),
            ("1HB ", "ALA", 2, 1),
            (" OXT", "ALA", 2, 8),
            (" M  ", "HOH", 3, 0),
            ("CU  ", "CU", 0, 29),
            ("MN  ", "MN", 0, 25),
            ("FE  ", "HEM", 40, 0),
            (" FE ", "HEM", 40, 9),
            ("BR1 ", "LIG", 5, 0),
            ("ZN  ", "LIG", 5, 30),
        ] {
            let names: Vec<&str> = std::iter::once(spaced.trim()).chain(vec!["X"; others]).collect();
            assert_eq!(element(spaced, spaced.trim(), residue, &names), number, "'{spaced}' of {residue}");
        }
        assert_eq!(element(" DO ", "DO", "HOH", &["O", "DO"]), 0);
    }
}
