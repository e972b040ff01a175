//! A topology in the form in which it crosses the boundary.
use std::ffi::{CString, c_char};
use std::mem::size_of;

use super::{Topology, TopologyError};
use crate::sys;

/// An `epp_topology` together with the arrays it points to.
#[derive(Debug)]
pub struct RawTopology {
    raw: sys::Topology,
    // What `raw` points to. Heap buffers: they stay where they are when the struct moves.
    _topology: Topology,
    _unit_cell: Vec<[[f64; 3]; 3]>,
    _names: [Names; 4],
}

// SAFETY: the pointers lead to buffers that this object owns and never changes.
unsafe impl Send for RawTopology {}
// SAFETY: as above.
unsafe impl Sync for RawTopology {}

impl RawTopology {
    /// Fails where arrays are not as long as `atoms` requires, or a name contains NUL.
    pub fn new(topology: Topology, atoms: usize) -> Result<Self, TopologyError> {
        topology.check(atoms)?;
        let atom_names = Names::new("atom_names", &topology.atom_names)?;
        let residue_names = Names::new("residue_names", &topology.residue_names)?;
        let residue_numbers = Names::new("residue_numbers", &topology.residue_numbers)?;
        let chain_names = Names::new("chain_names", &topology.chain_names)?;
        // No Box: to move one ends what pointers into it may do.
        let unit_cell: Vec<[[f64; 3]; 3]> = topology.unit_cell.into_iter().collect();
        let raw = sys::Topology {
            struct_size: size_of::<sys::Topology>() as u64,
            atoms: atoms as u64,
            bonds: topology.bonds.len() as u64,
            atomic_numbers: pointer(&topology.atomic_numbers),
            masses: pointer(&topology.masses),
            charges: pointer(&topology.charges),
            atom_names: pointer(&atom_names.pointers),
            residues: pointer(&topology.residues),
            residue_names: pointer(&residue_names.pointers),
            residue_numbers: pointer(&residue_numbers.pointers),
            chain_names: pointer(&chain_names.pointers),
            bond_atoms: pointer(&topology.bonds).cast::<u32>(),
            bond_orders: pointer(&topology.bond_orders),
            positions: pointer(&topology.positions),
            box_: pointer(unit_cell.as_flattened().as_flattened()),
            periodic: topology.periodic,
            total_charge: topology.electrons.map_or(0, |electrons| electrons.total_charge),
            multiplicity: topology.electrons.map_or(0, |electrons| electrons.multiplicity),
            reserved: 0,
        };
        let names = [atom_names, residue_names, residue_numbers, chain_names];
        Ok(Self { raw, _topology: topology, _unit_cell: unit_cell, _names: names })
    }

    /// The struct to pass; it and its arrays live as long as `self`.
    pub fn as_raw(&self) -> &sys::Topology {
        &self.raw
    }
}

/// NUL-terminated texts and the array of pointers to them.
#[derive(Debug)]
struct Names {
    pointers: Vec<*const c_char>,
    _texts: Vec<CString>,
}

impl Names {
    fn new(field: &'static str, names: &[String]) -> Result<Self, TopologyError> {
        let texts = names
            .iter()
            .enumerate()
            .map(|(atom, name)| CString::new(name.as_str()).map_err(|_| TopologyError::Nul { field, atom }))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { pointers: texts.iter().map(|text| text.as_ptr()).collect(), _texts: texts })
    }
}

/// Null for what is unknown.
fn pointer<T>(values: &[T]) -> *const T {
    if values.is_empty() { std::ptr::null() } else { values.as_ptr() }
}
