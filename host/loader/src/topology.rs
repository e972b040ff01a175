//! A molecule across the ABI: `epp_topology` to and from the owned [`Topology`].

use std::ffi::{CString, c_char};
use std::ptr::null;

use epp::sdk::Topology;
use epp::sys;

use crate::error::{CreateError, InstanceProblem};
use crate::table;

/// An `epp_topology` that points into a [`Topology`] and into name tables of its own.
pub(crate) struct Lent<'a> {
    raw: sys::Topology,
    _names: [(Vec<CString>, Vec<*const c_char>); 2],
    _owner: std::marker::PhantomData<&'a Topology>,
}

impl<'a> Lent<'a> {
    /// `id`: of the potential it is for, for errors.
    pub(crate) fn new(topology: &'a Topology, id: &str) -> Result<Self, CreateError> {
        let atoms = topology.atomic_numbers.len();
        let check = |field, found: usize, expected: usize| {
            if found == 0 || found == expected {
                return Ok(());
            }
            Err(CreateError::HostTopology { id: id.to_owned(), field, found, expected })
        };
        check("masses", topology.masses.len(), atoms)?;
        check("charges", topology.charges.len(), atoms)?;
        check("atom names", topology.atom_names.len(), atoms)?;
        check("residues", topology.residues.len(), atoms)?;
        check("residue names", topology.residue_names.len(), atoms)?;
        check("coordinates", topology.positions.len(), 3 * atoms)?;
        let names = [names(&topology.atom_names), names(&topology.residue_names)];
        fn start<T>(values: &[T]) -> *const T {
            if values.is_empty() { null() } else { values.as_ptr() }
        }
        let raw = sys::Topology {
            struct_size: size_of::<sys::Topology>() as u64,
            atoms: atoms as u64,
            bonds: topology.bonds.len() as u64,
            atomic_numbers: start(&topology.atomic_numbers),
            masses: start(&topology.masses),
            charges: start(&topology.charges),
            atom_names: start(&names[0].1),
            residues: start(&topology.residues),
            residue_names: start(&names[1].1),
            bond_atoms: start(&topology.bonds).cast(),
            periodic: topology.periodic,
            reserved: 0,
            positions: start(&topology.positions),
        };
        Ok(Self { raw, _names: names, _owner: std::marker::PhantomData })
    }

    pub(crate) fn raw(&self) -> &sys::Topology {
        &self.raw
    }
}

/// Names as C texts; what a NUL would cut is cut.
fn names(names: &[String]) -> (Vec<CString>, Vec<*const c_char>) {
    let texts: Vec<CString> = names
        .iter()
        .map(|name| CString::new(name.split('\0').next().unwrap_or("")).expect("nothing behind a NUL is kept"))
        .collect();
    let pointers = texts.iter().map(|text| text.as_ptr()).collect();
    (texts, pointers)
}

/// Copies and checks what a plugin tells of its molecule. `atoms`: of its `epp_info`.
///
/// # Safety
/// Every pointer of `raw` is null or readable for as many elements as the header says.
pub(crate) unsafe fn owned(raw: &sys::Topology, atoms: usize) -> Result<Topology, InstanceProblem> {
    let value = |field, found: String, expected: String| InstanceProblem::Value { field, found, expected };
    if raw.atoms != atoms as u64 {
        return Err(value("topology.atoms", raw.atoms.to_string(), atoms.to_string()));
    }
    let pairs = raw.atoms.saturating_mul(raw.atoms.saturating_sub(1)) / 2;
    if raw.bonds > pairs {
        return Err(value("topology.bonds", raw.bonds.to_string(), format!("at most {pairs}")));
    }
    let bonds = raw.bonds as usize;
    // SAFETY (all five): the counts are those of the header and were checked above.
    let bond_atoms = unsafe { copy(raw.bond_atoms, 2 * bonds) };
    let topology = Topology {
        atomic_numbers: unsafe { copy(raw.atomic_numbers, atoms) },
        masses: unsafe { copy(raw.masses, atoms) },
        charges: unsafe { copy(raw.charges, atoms) },
        atom_names: unsafe { texts("topology.atom_names", raw.atom_names, atoms) }?,
        residues: unsafe { copy(raw.residues, atoms) },
        residue_names: unsafe { texts("topology.residue_names", raw.residue_names, atoms) }?,
        bonds: bond_atoms.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect(),
        periodic: raw.periodic,
        positions: unsafe { copy(raw.positions, 3 * atoms) },
    };
    if let Some(bond) = topology.bonds.iter().find(|[a, b]| *a as usize >= atoms || *b as usize >= atoms || a == b) {
        let expected = format!("two different atoms below {atoms}");
        return Err(value("topology.bond_atoms", format!("{bond:?}"), expected));
    }
    let finite = [
        ("topology.masses", &topology.masses),
        ("topology.charges", &topology.charges),
        ("topology.positions", &topology.positions),
    ];
    for (field, values) in finite {
        if let Some(found) = values.iter().find(|value| !value.is_finite()) {
            return Err(value(field, found.to_string(), "finite numbers".to_owned()));
        }
    }
    Ok(topology)
}

/// # Safety
/// `values` is null or readable for `count` elements.
unsafe fn copy<T: Copy>(values: *const T, count: usize) -> Vec<T> {
    if values.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise; alignment is not taken for granted.
    (0..count).map(|index| unsafe { values.add(index).read_unaligned() }).collect()
}

/// # Safety
/// `values` is null or readable for `count` pointers, each null or a NUL-terminated text.
unsafe fn texts(
    field: &'static str,
    values: *const *const c_char,
    count: usize,
) -> Result<Vec<String>, InstanceProblem> {
    // SAFETY: the caller's promise.
    let pointers = unsafe { copy(values, count) };
    pointers
        .into_iter()
        // SAFETY: the caller's promise.
        .map(|pointer| Ok(unsafe { table::text(pointer) }?.unwrap_or_default()))
        .collect::<Result<_, _>>()
        .map_err(|problem| InstanceProblem::Text { field, problem })
}
