//! Covalent radii, by which a distance can be that of a bond or cannot.

/// Half the length of a single bond, nm; `None` for an unknown element and beyond curium.
pub fn covalent(atomic_number: u32) -> Option<f64> {
    let place = usize::try_from(atomic_number).ok()?.checked_sub(1)?;
    PICOMETRES.get(place).map(|&radius| f64::from(radius) / 1000.0)
}

/// Of hydrogen to curium: Cordero and others, Covalent radii revisited, Dalton Trans. 2832 (2008), as ASE's
/// `ase.data.covalent_radii` has them.
const PICOMETRES: [u16; 96] = [
    31, 28, 128, 96, 84, 76, 71, 66, 57, 58, 166, 141, 121, 111, 107, 105, 102, 106, 203, 176, 170, 160, 153,
    139, 139, 132, 126, 124, 132, 122, 122, 120, 119, 120, 120, 116, 220, 195, 190, 175, 164, 154, 147, 146,
    142, 139, 145, 144, 142, 139, 139, 138, 139, 140, 244, 215, 207, 204, 203, 201, 199, 198, 198, 196, 194,
    192, 192, 189, 190, 187, 187, 175, 170, 162, 151, 144, 141, 136, 136, 132, 145, 146, 148, 140, 150, 150,
    260, 221, 215, 206, 200, 196, 190, 187, 180, 169,
];
