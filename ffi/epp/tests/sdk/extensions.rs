//! The extension tables of an instance.
use std::ffi::CStr;

use epp::sdk::Topology;
use epp::sys;

use crate::host::{Buffers, CANARY, Instance, call, output};

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
fn outputs_are_described() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::OutputsExtension>(sys::EXT_OUTPUTS);
    let self_ = instance.table().self_;
    // SAFETY: the table is not null; zero is a value of every struct; texts live as long as the instance.
    unsafe {
        assert_eq!((*table).count.unwrap()(self_), 3);
        let describe = |index| {
            let mut out: sys::OutputDescription = std::mem::zeroed();
            out.struct_size = size_of::<sys::OutputDescription>() as u64;
            call(|error| (*table).describe.unwrap()(self_, index, &raw mut out, error)).map(|()| out)
        };
        let directions = describe(0).unwrap();
        assert_eq!(CStr::from_ptr(directions.name), c"directions");
        assert_eq!(CStr::from_ptr(directions.unit), c"kJ/mol");
        assert_eq!(CStr::from_ptr(directions.description), c"One term for each direction of space.");
        assert_eq!((directions.shape, directions.length), (sys::SHAPE_VECTOR, 3));
        let charges = describe(1).unwrap();
        assert_eq!(
            (CStr::from_ptr(charges.name), charges.shape, charges.length),
            (c"charges", sys::SHAPE_ATOMS, 0)
        );
        assert!(charges.description.is_null() && describe(2).unwrap().unit.is_null());
        assert!(describe(3).unwrap_err().text.contains("output 3 asked for, but there are 3"));
    }
}

#[test]
fn energy_gradient_and_outputs_come_together_or_alone() {
    let instance = Instance::create("chain", "{}").unwrap();
    let positions =
        [1.0, 2.0, 3.0, 0.0, 0.0, 1.0, f64::NAN, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 2.0, 0.0];
    for want in [0, sys::WANT_ENERGY, sys::WANT_GRADIENT, 3] {
        let mut buffers = Buffers::packed(&positions, 3);
        let (mut terms, mut charges) = ([CANARY; 12], [CANARY; 6]);
        let terms_output = sys::Output { stride: 4, ..output(0, &mut terms) };
        let charges_output = output(1, &mut charges);
        let outputs = [&raw const charges_output, &raw const terms_output];
        let batch = sys::Batch { want, output_count: 2, outputs: outputs.as_ptr(), ..buffers.batch() };
        assert_eq!(instance.evaluate(&batch), Ok(()));
        assert_eq!(buffers.statuses, [0, sys::SAMPLE_NON_FINITE_INPUT, 0]);
        assert_eq!((&terms[..3], &terms[8..11]), (&[1.0, 4.0, 10.0][..], &[0.25, 4.0, 0.0][..]));
        assert!(terms[4..7].iter().chain(&charges[2..4]).all(|value| value.is_nan()));
        assert_eq!([terms[3], terms[7], terms[11]], [CANARY; 3], "gaps stay as they were");
        assert_eq!((&charges[..2], &charges[4..]), (&[1.0, 2.0][..], &[0.5, 0.0][..]));
        let expected = if want & sys::WANT_ENERGY == 0 { [CANARY; 2] } else { [15.0, 4.25] };
        assert_eq!([buffers.energies[0], buffers.energies[2]], expected);
        let expected = if want & sys::WANT_GRADIENT == 0 { CANARY } else { 6.0 };
        assert_eq!(buffers.gradients[2], expected);
    }
}

#[test]
fn an_output_that_is_forgotten_is_not_finite() {
    let instance = Instance::create("chain", r#"{"forgetful": true}"#).unwrap();
    let (mut buffers, mut charges) = (Buffers::new(2, 6), [1.0; 4]);
    let output = output(1, &mut charges);
    let outputs = [&raw const output];
    let batch = sys::Batch { output_count: 1, outputs: outputs.as_ptr(), ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.statuses, [sys::SAMPLE_GRADIENT_NOT_FINITE; 2]);
    assert!(charges.iter().chain(&buffers.energies).all(|value| value.is_nan()));
}

#[test]
fn a_configuration_knows_its_stream() {
    let instance = Instance::create("chain", "{}").unwrap();
    let (mut buffers, mut streams) = (Buffers::new(2, 6), [0.0; 4]);
    let output = output(2, &mut streams);
    let outputs = [&raw const output];
    let batch =
        sys::Batch { seed: 7, first: 100, output_count: 1, outputs: outputs.as_ptr(), ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(streams, [7.0, 100.0, 7.0, 101.0]);
}

#[test]
fn parameters_have_names_units_defaults_and_ranges() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.extension::<sys::ParametersExtension>(sys::EXT_PARAMETERS);
    let self_ = instance.table().self_;
    // SAFETY: the table is not null; zero is a value of every struct; texts live as long as the instance.
    unsafe {
        assert_eq!((*table).count.unwrap()(self_), 2);
        let describe = |index| {
            let mut out: sys::Parameter = std::mem::zeroed();
            out.struct_size = size_of::<sys::Parameter>() as u64;
            call(|error| (*table).describe.unwrap()(self_, index, &raw mut out, error)).map(|()| out)
        };
        let (scale, unused) = (describe(0).unwrap(), describe(1).unwrap());
        assert_eq!((CStr::from_ptr(scale.name), scale.unit.is_null()), (c"scale", true));
        assert_eq!((scale.default_value, scale.minimum, scale.maximum), (1.0, -1e6, 1e6));
        assert_eq!((CStr::from_ptr(unused.name), CStr::from_ptr(unused.unit)), (c"unused", c"K"));
        assert_eq!((unused.default_value, unused.minimum, unused.maximum), (-2.5, 0.0, 0.0));
        assert_eq!(describe(2).unwrap_err().code, sys::E_INVALID_ARGUMENT);
    }
}

#[test]
fn reference_samples() {
    for periodic in [false, true] {
        let instance = Instance::create("chain", &format!("{{\"periodic\": {periodic}}}")).unwrap();
        let table = instance.extension::<sys::ReferenceExtension>(sys::EXT_REFERENCE);
        let self_ = instance.table().self_;
        // SAFETY: the table is not null; zero is a value of every struct; arrays live as long as the instance.
        unsafe {
            assert_eq!((*table).count.unwrap()(self_), 1);
            let mut sample: sys::Sample = std::mem::zeroed();
            sample.struct_size = size_of::<sys::Sample>() as u64;
            let mut ask =
                |index| call(|error| (*table).sample.unwrap()(self_, index, &raw mut sample, error));
            assert_eq!(ask(0), Ok(()));
            assert!(ask(1).unwrap_err().text.contains("sample 1 asked for, but there are 1"));
            assert_eq!(std::slice::from_raw_parts(sample.positions, 6), [0.0; 6]);
            assert_eq!((sample.energy, sample.tolerance), (if periodic { 3.0 } else { 0.0 }, 1e-12));
            assert_eq!(sample.box_.is_null(), !periodic);
            assert!(sample.gradient.is_null() && sample.parameters.is_null());
        }
    }
}

#[test]
fn what_is_not_offered_is_null() {
    let plain = Instance::create("plain", "{}").unwrap();
    for id in [sys::EXT_TOPOLOGY, sys::EXT_OUTPUTS, sys::EXT_PARAMETERS, sys::EXT_REFERENCE] {
        assert!(plain.extension::<u8>(id).is_null(), "{id}");
    }
    let chain = Instance::create("chain", "{}").unwrap();
    for id in ["", "epp.topology/2", "epp.topology", "epp.virial/1"] {
        assert!(chain.extension::<u8>(id).is_null(), "{id}");
    }
}
