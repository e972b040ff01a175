//! Chemical elements by symbol.

const SYMBOLS: [&str; 118] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K",
    "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr",
    "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe",
    "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
    "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra",
    "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db",
    "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og",
];

/// The atomic number of a symbol in any case; None if there is no such element.
pub(crate) fn atomic_number(symbol: &str) -> Option<u32> {
    SYMBOLS.iter().position(|known| known.eq_ignore_ascii_case(symbol)).map(|index| index as u32 + 1)
}

/// The element of an atom of a PDB file that does not say it, from the four columns of its name: a symbol of two letters
/// begins in the first column, one of one letter in the second, and a name of four characters is a hydrogen's (`HH31`).
/// 0 if that leads to no element (a virtual site, say).
pub(crate) fn guess_from_pdb_name(columns: &str) -> u32 {
    let name = columns.trim();
    let is_full = columns.len() == 4 && !columns.starts_with(' ') && !columns.ends_with(' ');
    if is_full && name.starts_with(['H', 'D']) {
        return 1;
    }
    let letters = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let first: String = letters.chars().take_while(char::is_ascii_alphabetic).take(1).collect();
    let two: String = letters.chars().take_while(char::is_ascii_alphabetic).take(2).collect();
    if columns.starts_with(|c: char| c.is_ascii_alphabetic())
        && two.len() == 2
        && let Some(number) = atomic_number(&two)
    {
        return number;
    }
    atomic_number(&first).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_and_names() {
        assert_eq!(atomic_number("H"), Some(1));
        assert_eq!(atomic_number("CL"), Some(17));
        assert_eq!(atomic_number("Og"), Some(118));
        assert_eq!(atomic_number("EP"), None);
        for (columns, number) in [
            (" CA ", 6),
            ("CA  ", 20),
            ("HH31", 1),
            ("1HB ", 1),
            (" N  ", 7),
            ("CL  ", 17),
            (" OXT", 8),
            (" M  ", 0),
        ] {
            assert_eq!(guess_from_pdb_name(columns), number, "'{columns}'");
        }
    }
}
