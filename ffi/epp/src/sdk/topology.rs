//! What is known of a molecule.
use std::ffi::c_char;

use crate::{sys, versioned};

/// One molecule or model, in owned Rust. An empty vector or `None` means "unknown"; every other vector has an entry per atom.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Topology {
    /// `[atoms]`
    pub atomic_numbers: Vec<u32>,
    /// `[atoms]` Da
    pub masses: Vec<f64>,
    /// `[atoms]` e
    pub charges: Vec<f64>,
    /// `[atoms]` PDB names: `CA`
    pub atom_names: Vec<String>,
    /// `[atoms]` residue index, from 0
    pub residues: Vec<u32>,
    /// `[atoms]` the name of the atom's residue: `ALA`
    pub residue_names: Vec<String>,
    /// `[atoms]` the number of the atom's residue, with its insertion code: `52A`
    pub residue_numbers: Vec<String>,
    /// `[atoms]` the name of the atom's chain: `A`
    pub chain_names: Vec<String>,
    /// Pairs of atom indices, from 0.
    pub bonds: Vec<[u32; 2]>,
    /// `[bonds]` 1, 1.5 (aromatic), 2, 3; 0: unknown
    pub bond_orders: Vec<f64>,
    /// Bit k set: periodic along box row k.
    pub periodic: u32,
    /// `[atoms][3]` nm: a configuration to start from, of low energy if possible.
    pub positions: Vec<f64>,
    /// Three rows, nm: the box of the molecule where a caller names no other.
    pub unit_cell: Option<[[f64; 3]; 3]>,
    /// Charge and spin of the whole.
    pub electrons: Option<Electrons>,
}

/// Charge and spin of a molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Electrons {
    /// e
    pub total_charge: i32,
    /// 2S + 1, at least 1.
    pub multiplicity: u32,
}

/// The longest name of an atom or a residue that is read, in bytes.
const LONGEST_NAME: usize = 1024;

/// Why a topology contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopologyError {
    /// Not a struct of the ABI at all.
    #[error("topology: the pointer is null or misaligned, or its struct_size is below 8")]
    NotAStruct,
    /// An array at an address where its elements cannot be.
    #[error("topology: {field} is not aligned to its elements")]
    Misaligned {
        /// The array.
        field: &'static str,
    },
    /// A name without an end.
    #[error("topology: {field} of atom {atom} has no end within {LONGEST_NAME} bytes")]
    Endless {
        /// The array.
        field: &'static str,
        /// Its place in the array.
        atom: usize,
    },
    /// An array of another length than the others.
    #[error("topology: {field} has {found} entries for {atoms} atoms; expected {expected}")]
    Length {
        /// The array.
        field: &'static str,
        /// Its length.
        found: usize,
        /// The number of atoms.
        atoms: usize,
        /// The length it should have.
        expected: usize,
    },
    /// Bond orders for other bonds than those that are told.
    #[error("topology: bond_orders has {found} entries for {expected} bonds")]
    BondOrders {
        /// Their number.
        found: usize,
        /// The number of bonds.
        expected: usize,
    },
    /// A bond to an atom that does not exist.
    #[error("topology: bond {bond} names atom {atom}, but there are {atoms} atoms (counted from 0)")]
    Bond {
        /// The place in `bonds`.
        bond: usize,
        /// The atom it names.
        atom: u32,
        /// The number of atoms.
        atoms: usize,
    },
    /// A name that C cannot hold.
    #[error("topology: {field} of atom {atom} contains a NUL character")]
    Nul {
        /// The array.
        field: &'static str,
        /// The atom.
        atom: usize,
    },
    /// More than this machine can address.
    #[error("topology: {count} {what} are more than this machine can address")]
    TooLarge {
        /// Atoms or bonds.
        what: &'static str,
        /// How many.
        count: u64,
    },
}

impl Topology {
    /// Number of atoms, from the longest array; 0 if nothing is known of any.
    pub fn atoms(&self) -> usize {
        self.lengths().iter().map(|&(_, length, each)| length.div_ceil(each)).max().unwrap_or(0)
    }

    /// Whether all arrays fit `atoms` atoms.
    pub fn check(&self, atoms: usize) -> Result<(), TopologyError> {
        for (field, found, each) in self.lengths() {
            let expected = atoms * each;
            if found != 0 && found != expected {
                return Err(TopologyError::Length { field, found, atoms, expected });
            }
        }
        let (found, expected) = (self.bond_orders.len(), self.bonds.len());
        if found != 0 && found != expected {
            return Err(TopologyError::BondOrders { found, expected });
        }
        for (bond, pair) in self.bonds.iter().enumerate() {
            if let Some(&atom) = pair.iter().find(|&&atom| atom as usize >= atoms) {
                return Err(TopologyError::Bond { bond, atom, atoms });
            }
        }
        Ok(())
    }

    /// Name, length and entries per atom of each array.
    fn lengths(&self) -> [(&'static str, usize, usize); 9] {
        [
            ("atomic_numbers", self.atomic_numbers.len(), 1),
            ("masses", self.masses.len(), 1),
            ("charges", self.charges.len(), 1),
            ("atom_names", self.atom_names.len(), 1),
            ("residues", self.residues.len(), 1),
            ("residue_names", self.residue_names.len(), 1),
            ("residue_numbers", self.residue_numbers.len(), 1),
            ("chain_names", self.chain_names.len(), 1),
            ("positions", self.positions.len(), 3),
        ]
    }

    /// A copy of the other side's struct, checked. Names that are not UTF-8 are read with replacement characters.
    ///
    /// # Safety
    /// `raw` is null, or points to an `epp_topology` whose arrays are as long as `epp.h` says, or null.
    pub unsafe fn from_raw(raw: *const sys::Topology) -> Result<Self, TopologyError> {
        // SAFETY: by the caller's promise.
        let raw = unsafe { versioned::read(raw) }.ok_or(TopologyError::NotAStruct)?;
        let addressable = |what, count: u64| {
            // An eighth of the address space, so that no array below overflows.
            let limit = isize::MAX as u64 / 64;
            if count <= limit { Ok(count as usize) } else { Err(TopologyError::TooLarge { what, count }) }
        };
        let atoms = addressable("atoms", raw.atoms)?;
        let bonds = addressable("bonds", raw.bonds)?;
        // SAFETY: by the caller's promise each array is null or has the length given here.
        let mut topology = unsafe {
            Self {
                atomic_numbers: copy("atomic_numbers", raw.atomic_numbers, atoms)?,
                masses: copy("masses", raw.masses, atoms)?,
                charges: copy("charges", raw.charges, atoms)?,
                atom_names: names("atom_names", raw.atom_names, atoms)?,
                residues: copy("residues", raw.residues, atoms)?,
                residue_names: names("residue_names", raw.residue_names, atoms)?,
                residue_numbers: names("residue_numbers", raw.residue_numbers, atoms)?,
                chain_names: names("chain_names", raw.chain_names, atoms)?,
                bond_orders: copy("bond_orders", raw.bond_orders, bonds)?,
                bonds: copy("bond_atoms", raw.bond_atoms.cast::<[u32; 2]>(), bonds)?,
                periodic: raw.periodic,
                positions: copy("positions", raw.positions, 3 * atoms)?,
                unit_cell: copy("box", raw.box_.cast::<[[f64; 3]; 3]>(), 1)?.pop(),
                electrons: (raw.multiplicity != 0)
                    .then_some(Electrons { total_charge: raw.total_charge, multiplicity: raw.multiplicity }),
            }
        };
        if topology.bonds.is_empty() {
            topology.bond_orders.clear();
        }
        topology.check(atoms)?;
        Ok(topology)
    }
}

/// The array, or nothing if it is null.
///
/// # Safety
/// `array` is null, or readable for `length` elements.
unsafe fn copy<T: Copy>(
    field: &'static str,
    array: *const T,
    length: usize,
) -> Result<Vec<T>, TopologyError> {
    if array.is_null() || length == 0 {
        return Ok(Vec::new());
    }
    if !array.is_aligned() {
        return Err(TopologyError::Misaligned { field });
    }
    // SAFETY: not null, aligned, and by the caller's promise readable.
    Ok(unsafe { std::slice::from_raw_parts(array, length) }.to_vec())
}

/// The texts, or nothing if the array is null; a null text is empty.
///
/// # Safety
/// `array` is null, or readable for `length` pointers, each null or readable up to a NUL or for 1024 bytes.
unsafe fn names(
    field: &'static str,
    array: *const *const c_char,
    length: usize,
) -> Result<Vec<String>, TopologyError> {
    // SAFETY: by the caller's promise.
    let pointers = unsafe { copy(field, array, length) }?;
    let name = |(atom, pointer): (usize, *const c_char)| {
        if pointer.is_null() {
            return Ok(String::new());
        }
        let length = (0..LONGEST_NAME)
            // SAFETY: no byte behind the first NUL is read, and no more than LONGEST_NAME.
            .find(|&length| unsafe { pointer.add(length).read() } == 0)
            .ok_or(TopologyError::Endless { field, atom })?;
        // SAFETY: these bytes were read just now.
        let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) };
        Ok(String::from_utf8_lossy(bytes).into_owned())
    };
    pointers.into_iter().enumerate().map(name).collect()
}
