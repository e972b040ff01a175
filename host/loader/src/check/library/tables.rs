//! Tables of outputs, parameters and golden samples: each index answers, and none beyond.

use std::mem::offset_of;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::memory::{Memory, Placement};
use crate::check::raw::Instance;
use crate::check::tables::Listing;
use crate::check::verdict::{Finding, Outcome, failed};
use crate::extensions::Finder;
use crate::table::{Message, NO_REASON};

/// Larger than every struct of the header.
const ROOM: usize = 512;

/// Room for a struct that says that it has `size` bytes, and ends where memory ends.
fn room(size: usize) -> Result<Memory, Finding> {
    let mut memory = Memory::new(size, Placement::BeforeGuard)
        .map_err(|error| Finding::Skipped(format!("no memory: {error}")))?;
    memory.bytes_mut().fill(0xa5);
    memory.bytes_mut()[..8].copy_from_slice(&(size as u64).to_ne_bytes());
    Ok(memory)
}

/// Calls `describe` with a struct of `size` bytes, which ends where memory ends. Gives the code, the sentence, and the
/// bytes.
fn describe<T>(
    instance: &Instance,
    listing: &Listing<T>,
    index: u64,
    size: usize,
) -> Result<(i32, String, Vec<u8>), Finding> {
    let memory = room(size)?;
    let mut message = Message::<1024>::new();
    // SAFETY: a struct as some version of this host would have it; both live through the call.
    let code =
        unsafe { (listing.describe)(instance.self_, index, memory.pointer().cast(), &mut message.raw()) };
    Ok((code, message.text(), memory.bytes().to_vec()))
}

/// Demands that indices beyond the count are refused, with a sentence.
fn beyond<T>(instance: &Instance, listing: Option<&Listing<T>>, what: &str) -> Result<(), Finding> {
    let Some(listing) = listing else { return Ok(()) };
    for index in [listing.count, listing.count + 1, u64::MAX] {
        let (code, text, bytes) = describe(instance, listing, index, ROOM)?;
        let count = listing.count;
        demand!(
            code != sys::OK,
            "{what} {index} is described, but count is {count}; refuse an index beyond it"
        );
        demand!(text != NO_REASON, "{what} {index}, of {count}, is refused without a message");
        demand!(
            bytes[8..].iter().all(|&byte| byte == 0xa5),
            "{what} {index}, of {count}, is refused, but something is written"
        );
    }
    Ok(())
}

pub(super) fn indices(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    let info = instance.info(bench.descriptor()?)?;
    let find = Finder { self_: instance.self_, extension: instance.extension };
    let problem = |problem: crate::problem::InstanceProblem| failed(problem.to_string());
    // SAFETY: the instance is used by this thread, which created it.
    let ask = || unsafe { Ok((find.outputs(&info).map_err(problem)?, find.parameters().map_err(problem)?)) };
    let (outputs, parameters) = ask()?;
    demand!(
        ask()? == (outputs.clone(), parameters.clone()),
        "its tables say something else when asked again"
    );
    for (place, parameter) in parameters.iter().enumerate() {
        let name = &parameter.name;
        demand!(
            parameters[..place].iter().all(|earlier| earlier.name != *name),
            "two parameters are called '{name}'"
        );
        demand!(parameter.default.is_finite(), "the parameter '{name}' is {} by default", parameter.default);
        if let Some([minimum, maximum]) = parameter.range {
            demand!(
                (minimum..=maximum).contains(&parameter.default),
                "the parameter '{name}' is {} by default, outside of its range {minimum} to {maximum}",
                parameter.default
            );
        }
    }
    beyond(&instance, instance.outputs()?.as_ref(), "output")?;
    beyond(&instance, instance.parameters()?.as_ref(), "parameter")?;
    beyond(&instance, instance.references()?.as_ref(), "golden sample")?;
    Ok(format!("{} outputs, {} parameters", outputs.len(), parameters.len()))
}

/// Asks for the molecule into structs of other sizes.
fn molecule_sizes(instance: &Instance) -> Result<(), Finding> {
    let Some(topology) = instance.molecule()? else { return Ok(()) };
    let whole = size_of::<sys::Topology>();
    let mut atoms = None;
    for size in
        [whole, whole + 64, offset_of!(sys::Topology, box_), offset_of!(sys::Topology, atomic_numbers), 16]
    {
        let memory = room(size)?;
        let mut message = Message::<1024>::new();
        // SAFETY: a struct as some version of this host would have it; both live through the call.
        let code = unsafe { topology(instance.self_, memory.pointer().cast(), &mut message.raw()) };
        demand!(code == sys::OK, "topology refuses an epp_topology of {size} bytes: {}", message.text());
        let field = |at: usize| memory.bytes()[at..at + 8].try_into().map_or(0, u64::from_ne_bytes);
        let filled = field(0);
        demand!(
            (16..=size as u64).contains(&filled),
            "topology says that it filled {filled} bytes of an epp_topology of {size}; expected at most what there is"
        );
        let found = *atoms.get_or_insert(field(8));
        demand!(
            found == field(8),
            "topology tells {} atoms into an epp_topology of {size} bytes, and {found} else",
            field(8)
        );
    }
    Ok(())
}

/// Asks for the first of everything into structs of other sizes.
pub(super) fn sizes(instance: &Instance) -> Result<(), Finding> {
    fn each<T>(instance: &Instance, listing: Option<Listing<T>>, what: &str) -> Result<(), Finding> {
        let Some(listing) = listing.filter(|listing| listing.count > 0) else { return Ok(()) };
        let (_, _, whole) = describe(instance, &listing, 0, size_of::<T>())?;
        for size in [16, 24, size_of::<T>() - 8, size_of::<T>() + 64] {
            let (code, text, bytes) = describe(instance, &listing, 0, size)?;
            demand!(code == sys::OK, "{what} refuses a struct of {size} bytes: {text}");
            let filled = bytes[..8].try_into().map_or(0, u64::from_ne_bytes) as usize;
            demand!(
                (16..=size).contains(&filled),
                "{what} says that it filled {filled} bytes of a struct of {size}; expected at most what there is"
            );
            demand!(
                bytes[8..16] == whole[8..16],
                "{what} tells something else into a struct of {size} bytes than into one of {}",
                size_of::<T>()
            );
        }
        Ok(())
    }
    each(instance, instance.outputs()?, "describe of epp.outputs/1")?;
    each(instance, instance.parameters()?, "describe of epp.parameters/1")?;
    each(instance, instance.references()?, "sample of epp.reference/1")?;
    molecule_sizes(instance)
}
