//! What a batch may look like: counts, strides, number types, wants, boxes, parameters, bad samples.
use epp::sys;
use proptest::prelude::*;

use crate::host::{Buffers, CANARY, Instance};

/// The energy and gradient that a chain of spring constant 2 must give.
fn expected(scale: f64, positions: &[f64]) -> (f64, Vec<f64>) {
    let k = scale * 2.0;
    let square: f64 = positions.iter().map(|r| r * r).sum();
    (0.5 * k * square, positions.iter().map(|r| k * r).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 64 }))]

    #[test]
    fn strides_and_wants(
        atoms in 1_usize..14, count in 0_usize..9, gap in 0_usize..5, other_gap in 0_usize..5, want in 1_u32..4,
        values in prop::collection::vec(-5.0..5.0_f64, 9 * (14 * 3 + 5)), boxed in any::<bool>(),
    ) {
        let width = 3 * atoms;
        let instance = Instance::create("chain", &format!("{{\"atoms\": {atoms}}}")).unwrap();
        let mut positions = Buffers::new(count, width + gap);
        positions.positions.copy_from_slice(&values[..count * (width + gap)]);
        let mut results = Buffers::new(count, width + other_gap);
        // Not periodic: whatever it is, it is ignored.
        let rows = [f64::NAN, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 3.0];
        let batch = sys::Batch {
            want,
            positions: positions.positions.as_ptr().cast(),
            position_stride: (width + gap) as u64,
            gradient_stride: (width + other_gap) as u64,
            box_: if boxed { rows.as_ptr() } else { std::ptr::null() },
            ..results.batch()
        };
        prop_assert_eq!(instance.evaluate(&batch), Ok(()));
        prop_assert_eq!(&results.statuses, &vec![0; count]);
        for i in 0..count {
            let (energy, gradient) = expected(1.0, &positions.positions[i * (width + gap)..][..width]);
            let row = &results.gradients[i * (width + other_gap)..][..width + other_gap];
            prop_assert_eq!(results.energies[i], if want & sys::WANT_ENERGY != 0 { energy } else { CANARY });
            if want & sys::WANT_GRADIENT != 0 {
                prop_assert_eq!(&row[..width], &gradient[..]);
            }
            let untouched = if want & sys::WANT_GRADIENT != 0 { &row[width..] } else { row };
            prop_assert!(untouched.iter().all(|&value| value == CANARY));
        }
    }

    #[test]
    fn single_precision_is_converted(
        atoms in 1_usize..14, values in prop::collection::vec(-5.0..5.0_f32, 3 * 14 * 3),
        want in 1_u32..4,
    ) {
        let (width, count) = (3 * atoms, 3);
        let instance = Instance::create("chain", &format!("{{\"atoms\": {atoms}}}")).unwrap();
        let mut results = Buffers::new(count, width);
        let mut gradients = vec![CANARY as f32; count * width];
        let batch = sys::Batch {
            dtype: sys::DTYPE_F32,
            want,
            positions: values.as_ptr().cast(),
            gradients: gradients.as_mut_ptr().cast(),
            ..results.batch()
        };
        prop_assert_eq!(instance.evaluate(&batch), Ok(()));
        for i in 0..count {
            let positions: Vec<f64> = values[i * width..][..width].iter().map(|&r| f64::from(r)).collect();
            let (energy, gradient) = expected(1.0, &positions);
            prop_assert_eq!(results.energies[i], if want & sys::WANT_ENERGY != 0 { energy } else { CANARY });
            let wanted = want & sys::WANT_GRADIENT != 0;
            let gradient: Vec<f32> = gradient.iter().map(|&g| if wanted { g } else { CANARY } as f32).collect();
            prop_assert_eq!(&gradients[i * width..][..width], &gradient[..]);
        }
    }

    #[test]
    fn a_bad_sample_stays_alone(bad in prop::collection::vec(0_u8..4, 1..12)) {
        let instance = Instance::create("chain", r#"{"radius": 2.0}"#).unwrap();
        let mut buffers = Buffers::new(bad.len(), 6);
        for (row, &kind) in buffers.positions.chunks_mut(6).zip(&bad) {
            row[4] = [0.25, f64::NAN, 3.0, f64::NEG_INFINITY][usize::from(kind)];
        }
        let statuses = [0, sys::SAMPLE_NON_FINITE_INPUT, sys::SAMPLE_OUTSIDE_DOMAIN, sys::SAMPLE_NON_FINITE_INPUT];
        prop_assert_eq!(instance.evaluate(&buffers.batch()), Ok(()));
        for (i, &kind) in bad.iter().enumerate() {
            prop_assert_eq!(buffers.statuses[i], statuses[usize::from(kind)]);
            let gradient = &buffers.gradients[6 * i..][..6];
            if kind == 0 {
                let (energy, expected) = expected(1.0, &buffers.positions[6 * i..][..6]);
                prop_assert_eq!((buffers.energies[i], gradient), (energy, &expected[..]));
            } else {
                prop_assert!(buffers.energies[i].is_nan());
                prop_assert_eq!(gradient, [0.0; 6]);
            }
        }
    }
}

#[test]
fn results_that_are_not_finite() {
    let instance = Instance::create("plain", "{}").unwrap();
    // At 1e-200 the energy is 1e200 and the gradient -1e400.
    let mut buffers = Buffers::packed(&[0.0, 1e-200, 2.0], 3);
    assert_eq!(instance.evaluate(&buffers.batch()), Ok(()));
    assert_eq!(buffers.statuses, [sys::SAMPLE_ENERGY_NOT_FINITE, sys::SAMPLE_GRADIENT_NOT_FINITE, 0]);
    assert!(buffers.energies[0].is_nan() && buffers.energies[1].is_nan());
    assert_eq!((buffers.energies[2], &buffers.gradients[..]), (0.5, &[0.0, 0.0, -0.25][..]));
    // Nobody asked for the gradient: then the energy is good.
    let batch = sys::Batch { want: sys::WANT_ENERGY, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.statuses, [sys::SAMPLE_ENERGY_NOT_FINITE, 0, 0]);
    assert_eq!(buffers.energies[1], 1e200);
}

#[test]
fn a_gradient_that_f32_cannot_hold() {
    let instance = Instance::create("chain", r#"{"spring": {"constant": 1e30}, "atoms": 1}"#).unwrap();
    let positions = [1e20_f32, 0.0, 0.0];
    let mut gradients = [9.0_f32; 3];
    let mut buffers = Buffers::new(1, 3);
    let batch = sys::Batch {
        dtype: sys::DTYPE_F32,
        positions: positions.as_ptr().cast(),
        gradients: gradients.as_mut_ptr().cast(),
        ..buffers.batch()
    };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!((buffers.statuses[0], gradients), (sys::SAMPLE_GRADIENT_NOT_FINITE, [0.0; 3]));
}

#[test]
fn parameters_and_boxes_of_every_configuration() {
    let instance = Instance::create("chain", r#"{"atoms": 1, "periodic": true}"#).unwrap();
    let mut buffers = Buffers::packed(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], 2);
    let parameters = [3.0, 0.0, f64::NAN, 4.0, 0.0];
    let boxes =
        [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0]];
    let batch = sys::Batch {
        parameters: parameters.as_ptr(),
        parameter_stride: 3,
        box_: boxes.as_ptr().cast(),
        box_stride: 9,
        ..buffers.batch()
    };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.energies, [3.0 + 3.0, 4.0 + 6.0]);
    // The same for all.
    let batch = sys::Batch { parameter_stride: 0, box_stride: 0, ..batch };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.energies, [3.0 + 3.0, 3.0 + 3.0]);
}

#[test]
fn boxes_and_parameters_that_are_wrong() {
    let instance = Instance::create("chain", r#"{"atoms": 1, "periodic": true}"#).unwrap();
    let mut buffers = Buffers::packed(&[1.0; 18], 6);
    let good = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let mut boxes = [good; 6];
    boxes[1][4] = f64::NAN;
    boxes[2][8] = -1.0;
    boxes[3][0] = 0.0;
    let mut parameters = [[2.0, 0.0]; 6];
    parameters[3][1] = f64::INFINITY;
    parameters[4][0] = 2e6;
    let batch = sys::Batch {
        parameters: parameters.as_ptr().cast(),
        parameter_stride: 2,
        box_: boxes.as_ptr().cast(),
        box_stride: 9,
        ..buffers.batch()
    };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    let (input, domain) = (sys::SAMPLE_NON_FINITE_INPUT, sys::SAMPLE_OUTSIDE_DOMAIN);
    assert_eq!(buffers.statuses, [0, input, domain, input, domain, 0]);
    assert_eq!((buffers.energies[0], buffers.energies[5]), (9.0, 9.0));
    assert!(buffers.energies[1..5].iter().all(|energy| energy.is_nan()));
    assert_eq!(buffers.gradients[3..15], [0.0; 12]);
    // One that is wrong for all.
    let batch = sys::Batch { parameter_stride: 0, box_: boxes[2].as_ptr(), box_stride: 0, ..batch };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.statuses, [domain; 6]);
}

#[test]
fn a_potential_without_a_gradient_gives_energies() {
    let molecule = epp::sdk::Topology { atomic_numbers: vec![1], ..epp::sdk::Topology::default() };
    let raw = epp::sdk::RawTopology::new(molecule, 1).unwrap();
    let instance = Instance::create_with("spins", "{}", Some(raw.as_raw())).unwrap();
    let mut buffers = Buffers::packed(&[1.0, 0.5, -1.0], 3);
    let batch = sys::Batch { want: sys::WANT_ENERGY, gradients: std::ptr::null_mut(), ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.statuses, [0, sys::SAMPLE_OUTSIDE_DOMAIN, 0]);
    assert_eq!((buffers.energies[0], buffers.energies[2]), (1.0, -1.0));
    assert_eq!(instance.evaluate(&buffers.batch()).unwrap_err().code, sys::E_UNSUPPORTED);
    let (single, info) = ([1.0_f32], instance.info());
    let batch = sys::Batch { count: 1, dtype: sys::DTYPE_F32, positions: single.as_ptr().cast(), ..batch };
    assert_eq!(instance.evaluate(&batch), Ok(()), "the instance takes more than the description says");
    assert_eq!(info.dtypes, sys::DTYPE_F64 | sys::DTYPE_F32);
    assert_eq!(
        (info.required, info.flags),
        (sys::INFO_NO_GRADIENT | sys::INFO_DISCRETE, sys::FLAG_USES_SEED)
    );
}

#[test]
fn equal_configurations_have_equal_fingerprints() {
    let print = |config: &str| {
        let instance = Instance::create("chain", config).unwrap();
        // SAFETY: NUL-terminated text of the instance.
        unsafe { std::ffi::CStr::from_ptr(instance.info().fingerprint) }.to_str().unwrap().to_owned()
    };
    assert_eq!(print("{}"), print(r#"{"max-batch": 0, "atoms": 2}"#));
    assert_ne!(print("{}"), print(r#"{"atoms": 3}"#));
    assert_eq!(print("{}").len(), 64);
}

#[test]
fn an_empty_batch_needs_no_buffers() {
    let instance = Instance::create("chain", r#"{"periodic": true}"#).unwrap();
    let batch = sys::Batch {
        struct_size: size_of::<sys::Batch>() as u64,
        dtype: sys::DTYPE_F64,
        want: 3,
        ..crate::host::empty_batch()
    };
    assert_eq!(instance.evaluate(&batch), Ok(()));
}
