//! Topologies from the host.
use epp::sdk::{Electrons, RawTopology, Topology, TopologyError};
use epp::sys;

use crate::host::{Instance, call};

fn water() -> Topology {
    Topology {
        atomic_numbers: vec![8, 1, 1],
        masses: vec![15.999, 1.008, 1.008],
        charges: vec![-0.8, 0.4, 0.4],
        atom_names: ["O", "H1", "H2"].map(String::from).to_vec(),
        residues: vec![0; 3],
        residue_names: vec!["HOH".into(); 3],
        residue_numbers: vec!["12A".into(); 3],
        chain_names: vec!["W".into(); 3],
        bonds: vec![[0, 1], [0, 2]],
        bond_orders: vec![1.0, 1.5],
        periodic: 0b101,
        positions: (0..9).map(f64::from).collect(),
        unit_cell: Some([[3.0, 0.0, 0.0], [0.5, 3.0, 0.0], [0.25, -0.5, 2.0]]),
        electrons: Some(Electrons { total_charge: -1, multiplicity: 2 }),
    }
}

#[test]
fn there_and_back_again() {
    let raw = RawTopology::new(water(), 3).unwrap();
    let instance = Instance::create_with("chain", r#"{"atoms": 3}"#, Some(raw.as_raw())).unwrap();
    drop(raw);
    let table = instance.extension::<sys::TopologyExtension>(sys::EXT_TOPOLOGY);
    // SAFETY: zero is a value of every struct of the ABI; the table is not null; arrays live as long as the instance.
    unsafe {
        let mut raw: sys::Topology = std::mem::zeroed();
        raw.struct_size = size_of::<sys::Topology>() as u64;
        call(|error| (*table).topology.unwrap()(instance.table().self_, &raw mut raw, error)).unwrap();
        assert_eq!(Topology::from_raw(&raw).unwrap(), water());
    }
    assert_eq!(water().atoms(), 3);
}

#[test]
fn a_host_that_knows_of_no_box_gives_none() {
    let raw = RawTopology::new(water(), 3).unwrap();
    let shorter = std::mem::offset_of!(sys::Topology, box_) as u64;
    let older = sys::Topology { struct_size: shorter, ..*raw.as_raw() };
    // SAFETY: the arrays are those of `raw`, which is still here.
    let read = unsafe { Topology::from_raw(&older) }.unwrap();
    assert_eq!(read, Topology { unit_cell: None, periodic: 0, electrons: None, ..water() });
}

#[test]
fn contradictions_are_named() {
    let length = |field, found, expected| TopologyError::Length { field, found, atoms: 3, expected };
    let cases = [
        (Topology { masses: vec![1.0; 2], ..water() }, length("masses", 2, 3)),
        (Topology { positions: vec![1.0; 3], ..water() }, length("positions", 3, 9)),
        (
            Topology { bonds: vec![[0, 1], [2, 3]], ..water() },
            TopologyError::Bond { bond: 1, atom: 3, atoms: 3 },
        ),
        (
            Topology { atom_names: ["O", "H\0", "H"].map(String::from).to_vec(), ..water() },
            TopologyError::Nul { field: "atom_names", atom: 1 },
        ),
        (Topology { bond_orders: vec![1.0], ..water() }, TopologyError::BondOrders { found: 1, expected: 2 }),
    ];
    for (topology, expected) in cases {
        assert_eq!(RawTopology::new(topology, 3).unwrap_err(), expected);
    }
}

#[test]
fn a_bad_topology_of_the_host_is_refused() {
    let raw = RawTopology::new(water(), 3).unwrap();
    let bonds = [0_u32, 7];
    let bad = sys::Topology { bonds: 1, bond_atoms: bonds.as_ptr(), ..*raw.as_raw() };
    let refusal = Instance::create_with("chain", r#"{"atoms": 3}"#, Some(&bad)).err().unwrap();
    assert_eq!(refusal.code, sys::E_BAD_TOPOLOGY);
    assert!(refusal.text.contains("bond 0 names atom 7"), "{}", refusal.text);
    let huge = sys::Topology { atoms: u64::MAX, ..*raw.as_raw() };
    assert!(Instance::create_with("chain", "{}", Some(&huge)).err().unwrap().text.contains("can address"));
}

#[test]
fn a_plugin_whose_topology_does_not_fit_its_atoms_is_not_made() {
    let raw = RawTopology::new(water(), 3).unwrap();
    let refusal = Instance::create_with("chain", r#"{"atoms": 2}"#, Some(raw.as_raw())).err().unwrap();
    assert_eq!(refusal.code, sys::E_INTERNAL);
    assert!(refusal.text.contains("3 entries for 2 atoms"), "{}", refusal.text);
}

#[test]
fn one_that_is_needed_and_not_given_is_asked_for() {
    let refusal = Instance::create("spins", "{}").err().unwrap();
    assert_eq!(refusal.code, sys::E_BAD_TOPOLOGY);
    assert!(refusal.text.contains("needs a molecule"), "{}", refusal.text);
    let raw = RawTopology::new(water(), 3).unwrap();
    assert!(Instance::create_with("spins", "{}", Some(raw.as_raw())).is_ok());
}

#[test]
fn one_that_is_ignored_is_not_read() {
    let raw = RawTopology::new(water(), 3).unwrap();
    let huge = sys::Topology { atoms: u64::MAX, ..*raw.as_raw() };
    assert!(Instance::create_with("plain", "{}", Some(&huge)).is_ok());
}

#[test]
fn another_molecule_with_the_same_configuration() {
    let parent = Instance::create("chain", r#"{"spring": {"constant": 7}}"#).unwrap();
    let raw = RawTopology::new(water(), 3).unwrap();
    let child =
        parent.derive(&sys::Create { topology: raw.as_raw(), ..crate::host::request(c"", c"[") }).unwrap();
    drop(parent);
    let mut buffers = crate::host::Buffers::new(1, 9);
    assert_eq!(child.evaluate(&buffers.batch()), Ok(()));
    assert_eq!(buffers.energies, [0.5 * 7.0 * 9.0 * 0.25]);
    let refusal = child.derive(&crate::host::request(c"", c"")).err().unwrap();
    assert_eq!(refusal.code, sys::E_BAD_TOPOLOGY);
    assert!(Instance::create("plain", "{}").unwrap().table().derive.is_none());
}
