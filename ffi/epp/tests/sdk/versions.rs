//! Structs of other sizes than ours: older and newer callers.
use std::mem::{offset_of, size_of};
use std::sync::atomic::AtomicU32;

use epp::sys;

use crate::host::{Buffers, CANARY, Instance, call};

#[test]
fn info_of_every_size() {
    let instance = Instance::create("chain", "{}").unwrap();
    let table = instance.table();
    let size = size_of::<sys::Info>();
    for theirs in (0..=size + 24).step_by(4) {
        let mut buffer = [u64::MAX; 24];
        buffer[0] = theirs as u64;
        let info = buffer.as_mut_ptr().cast::<sys::Info>();
        // SAFETY: the buffer is at least as long as its first word says.
        let outcome = call(|error| unsafe { table.info.unwrap()(table.self_, info, error) });
        if theirs < 8 {
            assert_eq!(outcome.unwrap_err().code, sys::E_INVALID_ARGUMENT);
            continue;
        }
        assert_eq!(outcome, Ok(()));
        assert_eq!(buffer[0] as usize, theirs.min(size), "says what was filled");
        let bytes: Vec<u8> = buffer.iter().flat_map(|word| word.to_ne_bytes()).collect();
        assert!(bytes[theirs.min(size)..].iter().all(|&byte| byte == 0xff), "wrote beyond {theirs}");
        if theirs >= size {
            // SAFETY: filled.
            let info = unsafe { *info };
            assert_eq!((info.atoms, info.dimensions, info.preferred_batch), (2, 3, 8));
            assert_eq!((info.max_batch, info.periodic, info.cutoff_nm), (0, 0, 1.25));
            assert_eq!((info.required, info.flags, info.threads_inside), (0, 0, 1));
            assert_eq!((info.thread_model, info.dtypes, info.units), (0, 0, 0), "as described");
            assert_eq!(
                (info.determinism, info.symmetries),
                (sys::DETERMINISM_RUN_TO_RUN, sys::SYMMETRY_NONE)
            );
        }
    }
}

#[test]
fn a_shorter_batch_lacks_its_tail() {
    let instance = Instance::create("chain", "{}").unwrap();
    let cancel = AtomicU32::new(1);
    // All of it: cancelled. Without the flag: evaluated, although garbage follows the end.
    for (size, status) in
        [(size_of::<sys::Batch>(), sys::SAMPLE_CANCELLED), (offset_of!(sys::Batch, cancel), sys::SAMPLE_OK)]
    {
        let mut buffers = Buffers::new(2, 6);
        let batch = sys::Batch { cancel: cancel.as_ptr(), struct_size: size as u64, ..buffers.batch() };
        assert_eq!(instance.evaluate(&batch), Ok(()));
        assert_eq!(buffers.statuses, [status; 2]);
    }
    // Without the statuses there is no batch.
    let mut buffers = Buffers::new(2, 6);
    let batch = sys::Batch { struct_size: offset_of!(sys::Batch, statuses) as u64, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch).unwrap_err().code, sys::E_INVALID_ARGUMENT);
    assert_eq!((buffers.statuses[0], buffers.energies[0]), (-77, CANARY));
    let batch = sys::Batch { struct_size: 7, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch).unwrap_err().code, sys::E_INVALID_ARGUMENT);
}

#[test]
fn a_longer_batch_is_read_as_far_as_it_is_known() {
    #[repr(C)]
    struct Newer {
        batch: sys::Batch,
        invented: [u64; 4],
    }
    let instance = Instance::create("chain", "{}").unwrap();
    let mut buffers = Buffers::new(2, 6);
    let batch = sys::Batch { struct_size: size_of::<Newer>() as u64, ..buffers.batch() };
    let newer = Newer { batch, invented: [u64::MAX; 4] };
    assert_eq!(instance.evaluate(&newer.batch), Ok(()));
    assert!(newer.invented.iter().all(|&word| word == u64::MAX));
    assert_eq!(buffers.statuses, [0; 2]);
}
