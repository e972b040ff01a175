//! The entry, and what may be called before an instance is made.

use std::time::Instant;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::verdict::{Finding, Outcome};
use crate::check::waiting::Waiting;
use crate::entry::Head;

/// Seconds that loading may take.
const LOAD_SECONDS: f64 = 0.5;

pub(super) fn magic_and_major(bench: &Bench<'_>) -> Outcome {
    let Head { magic, major, minor } = bench.mapped()?.head()?;
    demand!(
        magic == sys::MAGIC,
        "the magic number is 0x{magic:08x}, expected 0x{:08x} (EPP_MAGIC)",
        sys::MAGIC
    );
    demand!(
        major == sys::ABI_MAJOR,
        "it speaks major version {major}, this host {}; use a build for version {}",
        sys::ABI_MAJOR,
        sys::ABI_MAJOR
    );
    Ok(format!("ABI {major}.{minor}"))
}

pub(super) fn functions(bench: &Bench<'_>) -> Outcome {
    bench.mapped()?.functions()?;
    Ok(String::new())
}

pub(super) fn descriptors(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let found = library.descriptors()?;
    let again = library.descriptors()?;
    demand!(found == again, "it describes its potentials differently when it is asked again");
    let ids = found.iter().map(|descriptor| descriptor.id.clone()).collect::<Vec<_>>().join(", ");
    bench.facts.borrow_mut().descriptors = Some(found);
    Ok(ids)
}

pub(super) fn descriptor_beyond_count(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    // SAFETY: any thread, any index.
    let count = unsafe { (library.entry.count)() };
    for index in [count, count + 1, count + 1000, u32::MAX] {
        // SAFETY: as above.
        let found = unsafe { (library.entry.descriptor)(index) };
        demand!(
            found.is_null(),
            "descriptor({index}) is not NULL, but count is {count}: a host that asks too far reads garbage"
        );
    }
    Ok(String::new())
}

pub(super) fn load_time(bench: &Bench<'_>) -> Outcome {
    let (waiting, start) = (Waiting::of("self"), Instant::now());
    bench.library()?;
    let seconds = start.elapsed().as_secs_f64() - waiting.since();
    if seconds > LOAD_SECONDS {
        return Err(Finding::Warning(format!(
            "loading takes {seconds:.2} s, which every start of every host waits for; do slow work in create"
        )));
    }
    Ok(format!("{:.1} ms", 1e3 * seconds))
}
