//! The extension tables of an instance.
use std::ffi::CStr;

use epp::sdk::Topology;
use epp::sys;

use crate::host::{Buffers, Instance, call};

#[test]
fn topology_is_told() {
    let instance = Instance::create("chain", r#"{"atoms": 3}"#).unwrap();
    let table = instance.extension::<sys::TopologyExtension>(sys::EXT_TOPOLOGY);
    // SAFETY: zero is a value of every struct of the ABI; the table is not null; arrays live as long as the instance.
    let topology = unsafe {
        let mut raw: sys::Topology = std::mem::zeroed();
        raw.struct_size = size_of::<sys::Topology>() as u64;
        call(|error| (*table).topology.unwrap()(instance.table().self_, &raw mut raw, error)).unwrap();
        Topology::from_raw(&raw).unwrap()
    };
    assert_eq!(topology.atomic_numbers, [6, 6, 6]);
    assert_eq!(topology.atom_names, ["C\u{3b1}"; 3]);
    assert_eq!(topology.bonds, [[0, 1], [1, 2]]);
    assert!(topology.masses.is_empty() && topology.positions.is_empty());
}

#[test]
fn components_add_up() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::ComponentsExtension>(sys::EXT_COMPONENTS);
    let self_ = instance.table().self_;
    // Only statuses and terms are written.
    let mut buffers = Buffers::packed(&[1.0, 2.0, 3.0, 0.0, 0.0, 1.0, f64::NAN, 0.0, 0.0, 0.0, 0.0, 0.0], 2);
    let batch = sys::Batch {
        want: 0,
        energies: std::ptr::null_mut(),
        gradients: std::ptr::null_mut(),
        ..buffers.batch()
    };
    let mut terms = [0.0; 6];
    // SAFETY: the table is not null; the buffers fit two configurations of three terms.
    unsafe {
        assert_eq!((*table).count.unwrap()(self_), 3);
        assert_eq!(CStr::from_ptr((*table).name.unwrap()(self_, 2)), c"z");
        assert!((*table).name.unwrap()(self_, 3).is_null());
        call(|error| (*table).evaluate.unwrap()(self_, &batch, terms.as_mut_ptr(), error)).unwrap();
        let refusal = call(|error| (*table).evaluate.unwrap()(self_, &batch, std::ptr::null_mut(), error));
        assert_eq!(refusal.unwrap_err().code, sys::E_INVALID_ARGUMENT);
    }
    assert_eq!(terms[..3], [1.0, 4.0, 10.0]);
    assert!(terms[3..].iter().all(|term| term.is_nan()));
}

#[test]
fn components_write_statuses() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::ComponentsExtension>(sys::EXT_COMPONENTS);
    let mut buffers = Buffers::new(2, 6);
    buffers.positions[7] = f64::INFINITY;
    let mut terms = [0.0; 6];
    // SAFETY: the table is not null; the buffers fit two configurations of three terms.
    unsafe {
        let batch = buffers.batch();
        call(|error| (*table).evaluate.unwrap()(instance.table().self_, &batch, terms.as_mut_ptr(), error))
            .unwrap();
    }
    assert_eq!(buffers.statuses, [0, sys::SAMPLE_NON_FINITE_INPUT]);
}

#[test]
fn parameters_have_names_and_defaults() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::ParametersExtension>(sys::EXT_PARAMETERS);
    let self_ = instance.table().self_;
    // SAFETY: the table is not null; names live as long as the instance.
    unsafe {
        assert_eq!((*table).count.unwrap()(self_), 2);
        assert_eq!(CStr::from_ptr((*table).name.unwrap()(self_, 0)), c"scale");
        assert!((*table).name.unwrap()(self_, 2).is_null());
        assert_eq!((*table).default_value.unwrap()(self_, 1), -2.5);
        assert!((*table).default_value.unwrap()(self_, 2).is_nan());
    }
}

#[test]
fn reference_samples() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::ReferenceExtension>(sys::EXT_REFERENCE);
    let self_ = instance.table().self_;
    let (mut positions, mut energy, mut tolerance) = ([1.0; 7], 1.0, 1.0);
    // SAFETY: the table is not null; the buffers fit six coordinates.
    unsafe {
        assert_eq!((*table).count.unwrap()(self_), 1);
        let sample = (*table).sample.unwrap();
        let mut ask = |index| {
            call(|error| {
                sample(self_, index, positions.as_mut_ptr(), &raw mut energy, &raw mut tolerance, error)
            })
        };
        assert_eq!(ask(0), Ok(()));
        assert!(ask(1).unwrap_err().text.contains("sample 1 asked for, but there are 1"));
    }
    assert_eq!((positions, energy, tolerance), ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 0.0, 1e-12));
}

#[test]
fn what_is_not_offered_is_null() {
    let plain = Instance::create("plain", "{}").unwrap();
    for id in [sys::EXT_TOPOLOGY, sys::EXT_COMPONENTS, sys::EXT_PARAMETERS, sys::EXT_REFERENCE] {
        assert!(plain.extension::<u8>(id).is_null(), "{id}");
    }
    let chain = Instance::create("chain", "{}").unwrap();
    for id in ["", "epp.topology/2", "epp.topology", sys::EXT_VIRIAL] {
        assert!(chain.extension::<u8>(id).is_null(), "{id}");
    }
}
