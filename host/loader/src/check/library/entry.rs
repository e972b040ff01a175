//! The entry, and what may be called before an instance is made.

use std::time::Instant;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::raw::{Library, c_text};
use crate::check::verdict::{Finding, Outcome, failed};
use crate::check::waiting::Waiting;
use crate::host::host_of;

/// Seconds that loading may take.
const LOAD_SECONDS: f64 = 0.5;

pub(super) fn magic_and_major(bench: &Bench<'_>) -> Outcome {
    let (magic, major, minor) = bench.mapped()?.head()?;
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

pub(super) fn init(bench: &Bench<'_>) -> Outcome {
    bench.library()?;
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
    // SAFETY: after `init`, any thread, any index.
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
            "loading and init take {seconds:.2} s, which every start of every host waits for; do slow work in create"
        )));
    }
    Ok(format!("{:.1} ms", 1e3 * seconds))
}

pub(super) fn init_pairs(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let id = c_text(bench.descriptors.first().map_or("", |descriptor| descriptor.id.as_str()))?;
    // Whether it is created depends on its configuration; that this comes out as before does not.
    let create = |library: &Library| match library.try_create(&id, Some(c"{}"), None) {
        Ok(Ok(_)) => sys::OK,
        Ok(Err(refusal)) => refusal.code,
        Err(_) => -1,
    };
    let at_first = create(&library);
    let still = |library: &Library, when: &str| {
        library.descriptors().map_err(|finding| match finding {
            Finding::Failed(failure) => {
                failed(format!("{when}, its descriptions are gone: {}", failure.reason))
            }
            other => other,
        })?;
        let now = create(library);
        demand!(
            now == at_first,
            "{when}, create of {id:?} gives code {now} instead of {at_first}; init and deinit must be counted"
        );
        Ok(())
    };
    library.init(host_of("second"))?;
    library.deinit();
    still(&library, "after init, init, deinit")?;
    library.deinit();
    library.init(host_of("third"))?;
    still(&library, "after all deinits and another init")?;
    let failures: Vec<Finding> = std::thread::scope(|scope| {
        let run = || {
            (0..50).try_for_each(|_| {
                library.init(host_of("thread"))?;
                library.descriptors()?;
                library.deinit();
                Ok(())
            })
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()?.err()).collect()
    });
    if let Some(Finding::Failed(failure)) = failures.into_iter().next() {
        return Err(failed(format!("with init and deinit from four threads: {}", failure.reason)));
    }
    still(&library, "after init and deinit from four threads")?;
    Ok(String::new())
}
