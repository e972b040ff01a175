//! The loader's request for what C asks for.

use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::sync::atomic::AtomicU32;

use epp::sys;
use freeland_loader::{Gradients, Positions, Potential, Request};

use crate::error::Failure;
use crate::given::{structure, text};
use crate::structs::Batch;

const EVALUATE: &str = "freeland_evaluate";

fn wrong(argument: &'static str, problem: impl Into<String>) -> Failure {
    Failure::Argument { function: EVALUATE, argument, problem: problem.into() }
}

/// The length of `count` rows of `row` numbers, `stride` apart.
fn span(argument: &'static str, count: u64, stride: u64, row: usize) -> Result<usize, Failure> {
    let length = match count {
        0 => Some(0),
        count => (count - 1).checked_mul(stride).and_then(|from| from.checked_add(row as u64)),
    };
    length
        .filter(|&length| length <= isize::MAX as u64 / 8)
        .map(|length| length as usize)
        .ok_or_else(|| wrong(argument, format!("spans more than there is memory, with stride {stride}")))
}

fn good<T>(argument: &'static str, pointer: *const T) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(wrong(argument, "is NULL"));
    }
    if !pointer.is_aligned() {
        return Err(wrong(argument, format!("is not aligned to {} bytes", align_of::<T>())));
    }
    Ok(())
}

/// # Safety
/// As [`request`].
unsafe fn read<'a, T>(argument: &'static str, pointer: *const T, length: usize) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    good(argument, pointer)?;
    // SAFETY: the caller's promise; the pointer is neither null nor misaligned.
    Ok(unsafe { from_raw_parts(pointer, length) })
}

/// # Safety
/// As [`request`].
unsafe fn write<'a, T>(
    argument: &'static str,
    pointer: *mut T,
    length: usize,
) -> Result<&'a mut [T], Failure> {
    if length == 0 {
        return Ok(&mut []);
    }
    good(argument, pointer)?;
    // SAFETY: the caller's promise; the pointer is neither null nor misaligned.
    Ok(unsafe { from_raw_parts_mut(pointer, length) })
}

/// The loader's request for a batch of `potential`.
///
/// # Safety
/// Every buffer of `batch` is as long as `epp.h` says, is not used by anybody else, overlaps no other, and lives while the
/// result does.
pub unsafe fn request<'a>(potential: &Potential, batch: &Batch) -> Result<Request<'a>, Failure> {
    let (count, row) = (batch.count, potential.coordinates());
    // The stride is said again to the loader, which refuses one that is shorter than a row.
    let packed = |stride: u64| if stride == 0 { row as u64 } else { stride };
    let positions = span("positions", count, packed(batch.position_stride), row)?;
    let gradients = span("gradients", count, packed(batch.gradient_stride), row)?;
    let wants_gradient = !batch.gradients.is_null();
    let statuses_length = span("statuses", count, 1, 1)?;
    // SAFETY: the caller's promise, here and below.
    let statuses = unsafe { write("statuses", batch.statuses, statuses_length) }?;
    let (positions, gradients) = match batch.dtype {
        sys::DTYPE_F64 => {
            let gradients = wants_gradient
                // SAFETY: as above.
                .then(|| unsafe { write("gradients", batch.gradients.cast::<f64>(), gradients) })
                .transpose()?;
            // SAFETY: as above.
            let positions = unsafe { read("positions", batch.positions.cast::<f64>(), positions) }?;
            (Positions::F64(positions), gradients.map(Gradients::F64))
        }
        sys::DTYPE_F32 => {
            let gradients = wants_gradient
                // SAFETY: as above.
                .then(|| unsafe { write("gradients", batch.gradients.cast::<f32>(), gradients) })
                .transpose()?;
            // SAFETY: as above.
            let positions = unsafe { read("positions", batch.positions.cast::<f32>(), positions) }?;
            (Positions::F32(positions), gradients.map(Gradients::F32))
        }
        other => return Err(wrong("dtype", format!("is {other}, expected EPP_DTYPE_F64 or EPP_DTYPE_F32"))),
    };
    let mut request = Request::of(positions, statuses)
        .position_stride(batch.position_stride as usize)
        .gradient_stride(batch.gradient_stride as usize)
        .deadline_ns(batch.deadline_ns)
        .seed(batch.seed, batch.first);
    if let Some(gradients) = gradients {
        request = request.gradients_of(gradients);
    }
    if !batch.energies.is_null() {
        // SAFETY: as above.
        request = request.energies(unsafe { write("energies", batch.energies, count as usize) }?);
    }
    if !batch.box_.is_null() {
        let length = span("box", count, batch.box_stride, 9)?;
        // SAFETY: as above.
        request = request.box_rows(unsafe { read("box", batch.box_, length) }?, batch.box_stride as usize);
    }
    if !batch.parameters.is_null() {
        let length = span("parameters", count, batch.parameter_stride, potential.parameters().len())?;
        // SAFETY: as above.
        let values = unsafe { read("parameters", batch.parameters, length) }?;
        request = request.parameters(values, batch.parameter_stride as usize);
    }
    if !batch.cancel.is_null() {
        good("cancel", batch.cancel)?;
        // SAFETY: as above; another thread of the caller's may write it, which an atomic bears.
        request = request.cancel(unsafe { AtomicU32::from_ptr(batch.cancel.cast_mut()) });
    }
    // SAFETY: as above.
    let outputs = unsafe { read("outputs", batch.outputs, count_of("output_count", batch.output_count)?) }?;
    for &output in outputs {
        // SAFETY: as above; zero is a value of the struct.
        let output = unsafe { structure(output, EVALUATE, "an entry of outputs") }?;
        // SAFETY: as above.
        let name = unsafe { text(output.name, EVALUATE, "the name of an output") }?;
        let width = potential.width(potential.output(name)?) as u64;
        let length = span("outputs", count, width, width as usize)?;
        // SAFETY: as above.
        request = request.output(name, unsafe { write("the data of an output", output.data, length) }?);
    }
    Ok(request)
}

fn count_of(argument: &'static str, count: u64) -> Result<usize, Failure> {
    /// No potential has as many outputs.
    const ABSURD: u64 = 1 << 16;
    if count > ABSURD {
        return Err(wrong(argument, format!("is {count}, expected at most {ABSURD}")));
    }
    Ok(count as usize)
}
