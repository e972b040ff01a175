//! The chemical elements by symbol.

/// The symbol and the name of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// `Cl`
    pub symbol: &'static str,
    /// `chlorine`
    pub name: &'static str,
}

/// The atomic number of a symbol in any case, with spaces around it or not: `Cl`, ` CL`. Deuterium and tritium are hydrogen.
/// `None` if there is no such element: an unknown one is not guessed.
pub fn atomic_number(symbol: &str) -> Option<u32> {
    let symbol = symbol.trim();
    if symbol.eq_ignore_ascii_case("D") || symbol.eq_ignore_ascii_case("T") {
        return Some(1);
    }
    let place = ELEMENTS.iter().position(|element| element.symbol.eq_ignore_ascii_case(symbol));
    place.map(|place| place as u32 + 1)
}

/// The element of an atomic number; `None` for 0 and beyond the last.
pub fn by_number(number: u32) -> Option<Element> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    ELEMENTS.get(place).copied()
}

const fn element(symbol: &'static str, name: &'static str) -> Element {
    Element { symbol, name }
}

/// In the order of their atomic numbers, which begin at 1; names as IUPAC spells them.
pub const ELEMENTS: [Element; 118] = [
    element("H", "hydrogen"),
    element("He", "helium"),
    element("Li", "lithium"),
    element("Be", "beryllium"),
    element("B", "boron"),
    element("C", "carbon"),
    element("N", "nitrogen"),
    element("O", "oxygen"),
    element("F", "fluorine"),
    element("Ne", "neon"),
    element("Na", "sodium"),
    element("Mg", "magnesium"),
    element("Al", "aluminium"),
    element("Si", "silicon"),
    element("P", "phosphorus"),
    element("S", "sulfur"),
    element("Cl", "chlorine"),
    element("Ar", "argon"),
    element("K", "potassium"),
    element("Ca", "calcium"),
    element("Sc", "scandium"),
    element("Ti", "titanium"),
    element("V", "vanadium"),
    element("Cr", "chromium"),
    element("Mn", "manganese"),
    element("Fe", "iron"),
    element("Co", "cobalt"),
    element("Ni", "nickel"),
    element("Cu", "copper"),
    element("Zn", "zinc"),
    element("Ga", "gallium"),
    element("Ge", "germanium"),
    element("As", "arsenic"),
    element("Se", "selenium"),
    element("Br", "bromine"),
    element("Kr", "krypton"),
    element("Rb", "rubidium"),
    element("Sr", "strontium"),
    element("Y", "yttrium"),
    element("Zr", "zirconium"),
    element("Nb", "niobium"),
    element("Mo", "molybdenum"),
    element("Tc", "technetium"),
    element("Ru", "ruthenium"),
    element("Rh", "rhodium"),
    element("Pd", "palladium"),
    element("Ag", "silver"),
    element("Cd", "cadmium"),
    element("In", "indium"),
    element("Sn", "tin"),
    element("Sb", "antimony"),
    element("Te", "tellurium"),
    element("I", "iodine"),
    element("Xe", "xenon"),
    element("Cs", "caesium"),
    element("Ba", "barium"),
    element("La", "lanthanum"),
    element("Ce", "cerium"),
    element("Pr", "praseodymium"),
    element("Nd", "neodymium"),
    element("Pm", "promethium"),
    element("Sm", "samarium"),
    element("Eu", "europium"),
    element("Gd", "gadolinium"),
    element("Tb", "terbium"),
    element("Dy", "dysprosium"),
    element("Ho", "holmium"),
    element("Er", "erbium"),
    element("Tm", "thulium"),
    element("Yb", "ytterbium"),
    element("Lu", "lutetium"),
    element("Hf", "hafnium"),
    element("Ta", "tantalum"),
    element("W", "tungsten"),
    element("Re", "rhenium"),
    element("Os", "osmium"),
    element("Ir", "iridium"),
    element("Pt", "platinum"),
    element("Au", "gold"),
    element("Hg", "mercury"),
    element("Tl", "thallium"),
    element("Pb", "lead"),
    element("Bi", "bismuth"),
    element("Po", "polonium"),
    element("At", "astatine"),
    element("Rn", "radon"),
    element("Fr", "francium"),
    element("Ra", "radium"),
    element("Ac", "actinium"),
    element("Th", "thorium"),
    element("Pa", "protactinium"),
    element("U", "uranium"),
    element("Np", "neptunium"),
    element("Pu", "plutonium"),
    element("Am", "americium"),
    element("Cm", "curium"),
    element("Bk", "berkelium"),
    element("Cf", "californium"),
    element("Es", "einsteinium"),
    element("Fm", "fermium"),
    element("Md", "mendelevium"),
    element("No", "nobelium"),
    element("Lr", "lawrencium"),
    element("Rf", "rutherfordium"),
    element("Db", "dubnium"),
    element("Sg", "seaborgium"),
    element("Bh", "bohrium"),
    element("Hs", "hassium"),
    element("Mt", "meitnerium"),
    element("Ds", "darmstadtium"),
    element("Rg", "roentgenium"),
    element("Cn", "copernicium"),
    element("Nh", "nihonium"),
    element("Fl", "flerovium"),
    element("Mc", "moscovium"),
    element("Lv", "livermorium"),
    element("Ts", "tennessine"),
    element("Og", "oganesson"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_in_any_case() {
        for (symbol, number) in
            [("H", 1), ("D", 1), ("CL", 17), ("Cu", 29), (" ni", 28), ("Kr", 36), ("xe", 54), ("Og", 118)]
        {
            assert_eq!(atomic_number(symbol), Some(number), "{symbol}");
        }
        for symbol in ["", "EP", "X", "Cux", "C1"] {
            assert_eq!(atomic_number(symbol), None, "{symbol}");
        }
    }

    #[test]
    fn numbers_and_symbols_lead_to_each_other() {
        for number in 1..=118 {
            assert_eq!(atomic_number(by_number(number).unwrap().symbol), Some(number));
        }
        assert_eq!(by_number(29).unwrap().name, "copper");
        assert_eq!((by_number(0), by_number(119)), (None, None));
    }
}
