//! What the contract forbids is refused with a sentence, and statuses are written where they can be.
use std::ffi::CString;

use epp::sys;

use crate::host::{Buffers, CANARY, Instance, call, entry, output, request};

#[test]
fn null_pointers() {
    let e = entry();
    let mut out = std::ptr::null_mut();
    // SAFETY: every pointer is null or valid.
    unsafe {
        let create = e.create.unwrap();
        let good = request(c"chain", c"{}");
        let refusals = [
            call(|error| create(&sys::Create { id: std::ptr::null(), ..good }, &raw mut out, error)),
            call(|error| create(&sys::Create { host: std::ptr::null(), ..good }, &raw mut out, error)),
            call(|error| create(&good, std::ptr::null_mut(), error)),
            call(|error| create(std::ptr::null(), &raw mut out, error)),
        ];
        for refusal in refusals {
            assert_eq!(refusal.unwrap_err().code, sys::E_INVALID_ARGUMENT);
        }
        // No error struct at all, and one without a buffer.
        assert_eq!(create(std::ptr::null(), &raw mut out, std::ptr::null_mut()), sys::E_INVALID_ARGUMENT);
        let mut error = sys::Error { struct_size: 24, text: std::ptr::null_mut(), capacity: 100 };
        assert_eq!(create(std::ptr::null(), &raw mut out, &raw mut error), sys::E_INVALID_ARGUMENT);
        assert!(e.extension.unwrap()(std::ptr::null()).is_null());

        let instance = Instance::create("chain", "{}").unwrap();
        let table = instance.table();
        assert_eq!(table.evaluate.unwrap()(table.self_, std::ptr::null(), std::ptr::null_mut()), 1);
        assert_eq!(table.evaluate.unwrap()(std::ptr::null_mut(), std::ptr::null(), std::ptr::null_mut()), 1);
        assert_eq!(table.info.unwrap()(table.self_, std::ptr::null_mut(), std::ptr::null_mut()), 1);
        assert!(table.extension.unwrap()(table.self_, std::ptr::null()).is_null());
        table.destroy.unwrap()(std::ptr::null_mut());
    }
}

#[test]
fn unknown_ids() {
    for id in ["", "chai", "chain2", "chain ", "Chain"] {
        let refusal = Instance::create(id, "{}").err().unwrap();
        assert_eq!(refusal.code, sys::E_UNKNOWN_ID);
        assert!(refusal.text.contains("chain, panicking, plain, spins"), "{}", refusal.text);
    }
}

#[test]
fn batches_that_cannot_be_done() {
    type Case = (&'static str, fn(&mut sys::Batch), i32, &'static str);
    let cases: [Case; 15] = [
        ("{}", |b| b.want = 0, 1, "want is 0"),
        ("{}", |b| b.want = 4, 1, "want is 0"),
        ("{}", |b| b.required = 1, 4, "does not know: 0x1"),
        ("{}", |b| b.energies = b.gradients.cast(), 1, "gradients overlaps energies"),
        ("{}", |b| b.gradients = b.positions.cast_mut(), 1, "gradients overlaps positions"),
        ("{}", |b| b.output_count = 1, 1, "outputs is null"),
        ("{}", |b| b.dtype = 0, 4, "dtype 0"),
        ("{}", |b| b.dtype = 3, 4, "dtype 3"),
        ("{}", |b| b.positions = std::ptr::null(), 1, "positions is null"),
        ("{}", |b| b.energies = std::ptr::null_mut(), 1, "energies is null"),
        ("{}", |b| b.gradients = std::ptr::null_mut(), 1, "gradients is null"),
        ("{}", |b| b.positions = b.positions.wrapping_byte_add(4), 1, "positions is null or misaligned"),
        ("{}", |b| b.position_stride = 5, 1, "position_stride is 5; expected 0, or at least 6"),
        (r#"{"max-batch": 2}"#, |_| {}, 1, "3 configurations, but max_batch is 2"),
        (r#"{"periodic": true}"#, |_| {}, 1, "needs a box"),
    ];
    for (config, spoil, code, text) in cases {
        let instance = Instance::create("chain", config).unwrap();
        let mut buffers = Buffers::new(3, 6);
        let mut batch = buffers.batch();
        spoil(&mut batch);
        let refusal = instance.evaluate(&batch).unwrap_err();
        assert!(refusal.code == code && refusal.text.contains(text), "{text}: {refusal:?}");
        assert_eq!(buffers.statuses, [sys::SAMPLE_INTERNAL; 3], "{text}");
        assert_eq!(buffers.energies, [CANARY; 3], "{text}");
        assert!(buffers.gradients.iter().all(|&g| g == CANARY), "{text}");
    }
}

#[test]
fn batches_whose_statuses_cannot_be_written() {
    let instance = Instance::create("chain", "{}").unwrap();
    let mut buffers = Buffers::new(3, 6);
    let mut batch = buffers.batch();
    batch.statuses = std::ptr::null_mut();
    assert!(instance.evaluate(&batch).unwrap_err().text.contains("statuses"));
    let mut batch = buffers.batch();
    batch.count = u64::MAX;
    assert!(instance.evaluate(&batch).unwrap_err().text.contains("cannot be addressed"));
    let mut batch = buffers.batch();
    batch.position_stride = u64::MAX / 2;
    assert!(instance.evaluate(&batch).unwrap_err().text.contains("cannot be addressed"));
    assert_eq!(buffers.statuses, [sys::SAMPLE_INTERNAL; 3]);
}

#[test]
fn an_f64_potential_refuses_f32() {
    let instance = Instance::create("plain", "{}").unwrap();
    let mut buffers = Buffers::new(1, 1);
    let batch = sys::Batch { dtype: sys::DTYPE_F32, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch).unwrap_err().code, sys::E_UNSUPPORTED);
}

#[test]
fn long_texts_are_cut_between_characters() {
    let (id, config) = (c"panicking", c"{\"at\": \"create\"}");
    let whole = format!("the plugin panicked: no instance today: {}", "\u{e4}".repeat(40));
    // Miri takes its time over a panic.
    for capacity in (0..whole.len() + 3).step_by(if cfg!(miri) { 11 } else { 1 }) {
        let mut text = vec![0x55_u8; whole.len() + 8];
        let mut error =
            sys::Error { struct_size: 24, text: text.as_mut_ptr().cast(), capacity: capacity as u64 };
        let mut out = std::ptr::null_mut();
        // SAFETY: texts are NUL-terminated and the buffer is at least as long as it says.
        let code = unsafe { entry().create.unwrap()(&request(id, config), &raw mut out, &raw mut error) };
        assert_eq!(code, sys::E_INTERNAL);
        assert!(text[capacity..].iter().all(|&byte| byte == 0x55), "wrote beyond {capacity}");
        if capacity > 0 {
            let end = text.iter().position(|&byte| byte == 0).unwrap();
            let text = CString::new(&text[..end]).unwrap().into_string().expect("cut between characters");
            assert!(whole.starts_with(&text) && text.len() + 2 >= whole.len().min(capacity - 1));
        }
    }
}

#[test]
fn bits_that_must_be_understood_and_are_not() {
    for required in [1, 2, 4, 1 << 31] {
        let request = sys::Create { required, ..request(c"chain", c"{}") };
        let refusal = Instance::from_request(&request).err().unwrap();
        assert!(refusal.code == sys::E_UNSUPPORTED && refusal.text.contains("required"), "{refusal:?}");
    }
}

#[test]
fn bits_that_may_be_ignored_are() {
    let instance = Instance::create("chain", "{}").unwrap();
    let mut buffers = Buffers::new(1, 6);
    let batch = sys::Batch { want: u32::MAX, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert_eq!(buffers.statuses, [0]);
}

#[test]
fn outputs_that_cannot_be_written() {
    type Case = (fn(&mut sys::Output), i32, &'static str);
    let cases: [Case; 6] = [
        (|o| o.index = 3, 1, "index 3 asked for, but there are 3"),
        (|o| o.dtype = sys::DTYPE_F32, 4, "dtype 2 of `directions`"),
        (|o| o.stride = 2, 1, "stride of an output is 2; expected 0, or at least 3"),
        (|o| o.data = std::ptr::null_mut(), 1, "data of `directions` is null"),
        (|o| o.data = o.data.wrapping_byte_add(4), 1, "data of `directions` is null or misaligned"),
        (|o| o.struct_size = 0, 1, "struct_size is below 8"),
    ];
    let instance = Instance::create("chain", "{}").unwrap();
    for (spoil, code, text) in cases {
        let (mut buffers, mut data) = (Buffers::new(2, 6), [CANARY; 6]);
        let mut bad = output(0, &mut data);
        spoil(&mut bad);
        let outputs = [&raw const bad];
        let batch = sys::Batch { output_count: 1, outputs: outputs.as_ptr(), ..buffers.batch() };
        let refusal = instance.evaluate(&batch).unwrap_err();
        assert!(refusal.code == code && refusal.text.contains(text), "{text}: {refusal:?}");
        assert_eq!((&buffers.statuses[..], &buffers.energies[..]), (&[8, 8][..], &[CANARY; 2][..]));
        assert_eq!(data, [CANARY; 6]);
    }
    // Twice, and over one another or the positions.
    let (mut buffers, mut data) = (Buffers::new(2, 6), [CANARY; 7]);
    let one = output(0, &mut data);
    let other = sys::Output { index: 1, ..one };
    let over = sys::Output { data: buffers.positions.as_mut_ptr().cast(), ..one };
    let pairs = [([&one, &one], "asked for twice"), ([&one, &other], "overlaps"), ([&over, &over], "twice")];
    for (pair, text) in pairs {
        let outputs = pair.map(std::ptr::from_ref);
        let batch = sys::Batch { output_count: 2, outputs: outputs.as_ptr(), ..buffers.batch() };
        let refusal = instance.evaluate(&batch).unwrap_err();
        assert!(refusal.code == 1 && refusal.text.contains(text), "{text}: {refusal:?}");
    }
    let outputs = [&raw const over];
    let batch = sys::Batch { output_count: 1, outputs: outputs.as_ptr(), ..buffers.batch() };
    assert!(instance.evaluate(&batch).unwrap_err().text.contains("an output overlaps positions"));
    let batch = sys::Batch { output_count: u64::MAX, ..batch };
    assert_eq!(instance.evaluate(&sys::Batch { count: u64::MAX, ..batch }).unwrap_err().code, 1);
}
