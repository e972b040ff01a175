//! What may be the reason for lengths of bonds that no bond has.
use std::fmt;

/// Why a bond may have such a length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Suspicion {
    /// All lengths are so many times too large: ångström.
    Angstrom(f64),
    /// All lengths are so many times too large: bohr.
    Bohr(f64),
    /// Most bonds have usual lengths: a periodic boundary cuts the molecule.
    Cut,
    /// Nothing fits.
    Order,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Angstrom(factor) => write!(
                f,
                "lengths are {factor:.1} times too large, as in angstrom: positions are in nm here, divide them by 10"
            ),
            Self::Bohr(factor) => write!(
                f,
                "lengths are {factor:.1} times too large, as in bohr: positions are in nm here, multiply them by 0.0529177"
            ),
            Self::Cut => f.write_str(
                "most other bonds have usual lengths, as where a periodic boundary cuts a molecule: make molecules whole",
            ),
            Self::Order => f.write_str(
                "most other bonds do not fit either: are the atoms in the order of the potential, and in nm",
            ),
        }
    }
}
