//! The cancel flag and the deadline.
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use epp::sys;

use crate::host::{Buffers, Instance};

/// CLOCK_MONOTONIC in nanoseconds.
fn now_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Checks that the batch was cut: good ones first, cancelled ones after them.
fn assert_cut(buffers: &Buffers) {
    let done = buffers.statuses.iter().take_while(|&&status| status == sys::SAMPLE_OK).count();
    assert!(done < buffers.statuses.len(), "nothing was cancelled");
    assert!(buffers.statuses[done..].iter().all(|&status| status == sys::SAMPLE_CANCELLED));
    assert!(buffers.energies[..done].iter().all(|energy| energy.is_finite()));
    assert!(buffers.energies[done..].iter().all(|energy| energy.is_nan()));
    assert!(buffers.gradients[6 * done..].iter().all(|&gradient| gradient == 0.0));
}

#[test]
#[cfg_attr(miri, ignore = "counts on a pace that Miri does not keep")]
fn a_deadline_ends_the_batch() {
    let instance = Instance::create("chain", r#"{"sleep-ms": 5}"#).unwrap();
    let mut buffers = Buffers::new(10_000, 6);
    let start = Instant::now();
    let batch = sys::Batch { deadline_ns: now_ns() + 40_000_000, ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch), Ok(()));
    assert!(start.elapsed() < Duration::from_secs(20), "50 s of work were cut");
    assert_eq!(buffers.statuses[0], sys::SAMPLE_OK);
    assert_cut(&buffers);
}

#[test]
fn a_deadline_in_the_past_cancels_all_and_one_in_the_future_none() {
    let instance = Instance::create("chain", "{}").unwrap();
    for (deadline_ns, status) in [(1, sys::SAMPLE_CANCELLED), (now_ns() + 3_600_000_000_000, sys::SAMPLE_OK)]
    {
        let mut buffers = Buffers::new(3, 6);
        assert_eq!(instance.evaluate(&sys::Batch { deadline_ns, ..buffers.batch() }), Ok(()));
        assert_eq!(buffers.statuses, [status; 3]);
    }
}

#[test]
fn the_flag_ends_the_batch() {
    let instance = Instance::create("chain", r#"{"sleep-ms": 5}"#).unwrap();
    let mut buffers = Buffers::new(10_000, 6);
    let cancel = AtomicU32::new(0);
    let batch = sys::Batch { cancel: cancel.as_ptr(), ..buffers.batch() };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(40));
            cancel.store(1, Ordering::Relaxed);
        });
        assert_eq!(instance.evaluate(&batch), Ok(()));
    });
    assert_cut(&buffers);
}
