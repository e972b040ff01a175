//! Structs of an older and of a newer host.

use std::mem::offset_of;
use std::ptr::null_mut;

use epp::sdk::{RawTopology, Topology};
use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::memory::{Memory, Placement};
use crate::check::raw::{Library, c_text, request};
use crate::check::verdict::{Finding, Outcome, failed};

fn no_memory(error: std::io::Error) -> Finding {
    Finding::Skipped(format!("no memory: {error}"))
}

/// `value` as a struct of `size` bytes, which ends where memory ends; what is longer than ours is garbage.
///
/// The memory must outlive what is done with the struct.
fn resized<T: Copy>(value: &T, size: usize) -> Result<Memory, Finding> {
    let mut memory = Memory::new(size.next_multiple_of(8), Placement::BeforeGuard).map_err(no_memory)?;
    memory.bytes_mut().fill(0xa5);
    let ours = size.min(size_of::<T>());
    // SAFETY: `ours` bytes are readable at `value`, a struct of integers and pointers, and writable in the memory.
    unsafe { std::ptr::copy_nonoverlapping(std::ptr::from_ref(value).cast::<u8>(), memory.pointer(), ours) };
    memory.bytes_mut()[..8].copy_from_slice(&(size as u64).to_ne_bytes());
    Ok(memory)
}

pub(super) fn host(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let (id, config) = (c_text(bench.id)?, c_text(&bench.plan.config)?);
    let request = request(&id, Some(&config), None);
    // SAFETY: the host of the request lives for ever.
    let host = unsafe { *request.host };
    let sizes = [
        ("longer", size_of::<sys::Host>() + 64),
        ("without extension", offset_of!(sys::Host, extension)),
        ("that ends behind its version", offset_of!(sys::Host, context)),
    ];
    for (what, size) in sizes {
        // A plugin may keep the pointer until its instance is destroyed, which here is never.
        let memory = std::mem::ManuallyDrop::new(resized(&host, size)?);
        let request = sys::Create { host: memory.pointer().cast_const().cast(), ..request };
        create(&library, &request, &format!("an epp_host {what} ({size} bytes)"))?;
    }
    let sizes =
        [("longer", size_of::<sys::Create>() + 64), ("without threads", offset_of!(sys::Create, threads))];
    for (what, size) in sizes {
        let memory = resized(&request, size)?;
        let request = memory.pointer().cast_const().cast();
        create(&library, request, &format!("an epp_create {what} ({size} bytes)"))?;
    }
    Ok(String::new())
}

/// Makes an instance, which stays.
fn create(library: &Library, request: *const sys::Create, what: &str) -> Result<(), Finding> {
    let mut out = null_mut();
    let mut message = crate::table::Message::<1024>::new();
    // SAFETY: a request as another version of this host would have it; all it points to lives through the call.
    let code = unsafe { (library.entry.create)(request, &mut out, &mut message.raw()) };
    demand!(code == sys::OK, "create refuses {what}: {}", message.text());
    Ok(())
}

pub(super) fn instance(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let (id, config) = (c_text(bench.id)?, c_text(&bench.plan.config)?);
    let reference = bench.instance(&library)?;
    let info = reference.info(bench.descriptor()?)?;
    info_sizes(&reference, info.atoms)?;
    super::tables::sizes(&reference)?;

    // SAFETY: the instance is used by this thread, which created it.
    let told = unsafe {
        crate::extensions::Finder { self_: reference.self_, extension: reference.extension }
            .topology(info.atoms)
    };
    let topology = told.ok().flatten().unwrap_or_else(Topology::default);
    let topology = RawTopology::new(topology, info.atoms)
        .map_err(|error| failed(format!("its own topology is refused: {error}")))?;
    // An instance that tells no molecule tells its number of atoms all the same.
    let topology = sys::Topology { atoms: info.atoms as u64, ..*topology.as_raw() };
    let sizes = [
        ("longer", size_of::<sys::Topology>() + 64),
        ("without a box", offset_of!(sys::Topology, box_)),
        ("without positions", offset_of!(sys::Topology, positions)),
        ("that ends behind its counts", offset_of!(sys::Topology, atomic_numbers)),
    ];
    for (what, size) in sizes {
        let memory = resized(&topology, size)?;
        let mut request = request(&id, Some(&config), None);
        request.topology = memory.pointer().cast_const().cast();
        create(&library, &request, &format!("an epp_topology {what} ({size} bytes)"))?;
    }
    error_sizes(&library)?;
    Ok(String::new())
}

/// Asks for `info` into structs of other sizes.
fn info_sizes(instance: &crate::check::raw::Instance, atoms_told: usize) -> Result<(), Finding> {
    for size in [16, offset_of!(sys::Info, dimensions), size_of::<sys::Info>(), size_of::<sys::Info>() + 64] {
        let mut memory = Memory::new(size, Placement::BeforeGuard).map_err(no_memory)?;
        memory.bytes_mut().fill(0xa5);
        memory.bytes_mut()[..8].copy_from_slice(&(size as u64).to_ne_bytes());
        let mut message = crate::table::Message::<1024>::new();
        // SAFETY: an epp_info as another version of this host would have it.
        let code = unsafe { (instance.info)(instance.self_, memory.pointer().cast(), &mut message.raw()) };
        demand!(code == sys::OK, "info refuses an epp_info of {size} bytes: {}", message.text());
        let field = |at: usize| {
            memory
                .bytes()
                .get(at..at + 8)
                .map(|bytes| u64::from_ne_bytes(bytes.try_into().expect("eight bytes")))
        };
        let filled = field(0).unwrap_or(0);
        demand!(
            filled >= 16 && filled <= size as u64,
            "info says that it filled {filled} bytes of an epp_info of {size}; expected at most what there is"
        );
        let atoms = field(8);
        let ours = atoms_told as u64;
        demand!(
            atoms == Some(ours),
            "info tells {atoms:?} atoms in an epp_info of {size} bytes, and {ours} else"
        );
    }
    Ok(())
}

/// Provokes a message into an epp_error that ends early: then there is no room for it.
fn error_sizes(library: &crate::check::raw::Library) -> Result<(), Finding> {
    for size in [8, 16, size_of::<sys::Error>() + 32] {
        let mut text = [0_u8; 256];
        let error =
            sys::Error { struct_size: 0, text: text.as_mut_ptr().cast(), capacity: text.len() as u64 };
        let memory = resized(&error, size)?;
        let mut out = null_mut();
        // SAFETY: an epp_error as another version of this host would have it; what is behind it cannot be read.
        let code = unsafe {
            (library.entry.create)(
                &request(c"no-such-potential", Some(c"{}"), None),
                &mut out,
                memory.pointer().cast(),
            )
        };
        demand!(code != sys::OK, "create makes something of an unknown id");
        demand!(
            size >= size_of::<sys::Error>() || text.iter().all(|&byte| byte == 0),
            "create writes a message although the epp_error ends after {size} bytes"
        );
    }
    Ok(())
}
