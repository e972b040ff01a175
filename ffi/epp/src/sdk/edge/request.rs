//! An `epp_batch` checked, and turned into a [`Batch`].
use std::sync::atomic::AtomicU32;

use super::failure::Failure;
use crate::sdk::batch::{Batch, Rows};
use crate::sdk::sample::{Gradients, Positions};
use crate::sdk::{Info, Stop};
use crate::{sys, versioned};

/// What of the results a call writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Results {
    /// Energies and gradients, as the batch wants.
    AsWanted,
    /// Statuses only; something else takes the place of energies and gradients.
    StatusesOnly,
}

/// Checks the request, gives every configuration the status "internal" until somebody finishes it, and hands it on.
///
/// `dtypes`: the set that the potential takes; `parameters`: how many it has.
///
/// # Safety
/// `batch` is null or points to an `epp_batch` whose buffers are null or as long as `epp.h` says, live for `'a`, and do
/// not overlap.
#[inline]
pub(super) unsafe fn check<'a>(
    batch: *const sys::Batch,
    results: Results,
    dtypes: u32,
    info: &Info,
    parameters: usize,
    serve: impl FnOnce(Batch<'a>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // SAFETY: by the caller's promise.
    let raw = unsafe { versioned::read(batch) }.ok_or_else(|| {
        Failure::invalid("evaluate: batch is null, misaligned or its struct_size is below 8")
    })?;
    // Statuses first: they are written whatever else is wrong.
    let count = length(raw.count, 1, 1).ok_or_else(|| {
        Failure::invalid(format!("evaluate: {} configurations cannot be addressed", raw.count))
    })?;
    // SAFETY: by the caller's promise `count` long.
    let statuses = unsafe { slice_mut("statuses", raw.statuses, count) }?;
    statuses.fill(sys::SAMPLE_INTERNAL);

    if info.max_batch != 0 && count > info.max_batch {
        return Err(Failure::invalid(format!(
            "evaluate: {count} configurations, but max_batch is {}",
            info.max_batch
        )));
    }
    if dtypes & raw.dtype == 0 || !raw.dtype.is_power_of_two() {
        let text = format!(
            "evaluate: dtype {} is not in the potential's set {dtypes} (1 is f64, 2 is f32)",
            raw.dtype
        );
        return Err(Failure::new(sys::E_UNSUPPORTED, text));
    }
    let want = if results == Results::AsWanted { raw.want } else { 0 };
    if want & !(sys::WANT_ENERGY | sys::WANT_GRADIENT) != 0 {
        return Err(Failure::new(sys::E_UNSUPPORTED, format!("evaluate: want {want} has unknown bits")));
    }
    if want == 0 && results == Results::AsWanted {
        return Err(Failure::invalid("evaluate: want is 0; ask for the energy, the gradient or both"));
    }
    let width = info.atoms * info.dimensions;
    let position_stride = stride("position_stride", raw.position_stride, width, width)?;
    let gradient_stride = stride("gradient_stride", raw.gradient_stride, width, width)?;
    let box_stride = stride("box_stride", raw.box_stride, 9, 0)?;
    let parameter_stride = stride("parameter_stride", raw.parameter_stride, parameters, 0)?;
    let span = |name: &str, stride: usize, width: usize| {
        length(raw.count, stride as u64, width).ok_or_else(|| {
            Failure::invalid(format!("evaluate: {name} of {count} configurations cannot be addressed"))
        })
    };
    if info.periodic != 0 && raw.box_.is_null() && count != 0 {
        return Err(Failure::invalid("evaluate: this potential is periodic and needs a box"));
    }

    let single = raw.dtype == sys::DTYPE_F32;
    let position_count = span("positions", position_stride, width)?;
    let gradient_count = span("gradients", gradient_stride, width)?;
    let wants_gradient = want & sys::WANT_GRADIENT != 0;
    // SAFETY: by the caller's promise each buffer is as long as count, stride and width say, and overlaps no other.
    let (positions, energies, gradients) = unsafe {
        (
            if single {
                Positions::F32(slice("positions", raw.positions.cast(), position_count)?)
            } else {
                Positions::F64(slice("positions", raw.positions.cast(), position_count)?)
            },
            if want & sys::WANT_ENERGY != 0 {
                Some(slice_mut("energies", raw.energies, count)?)
            } else {
                None
            },
            match (wants_gradient, single) {
                (false, _) => None,
                (true, true) => {
                    Some(Gradients::F32(slice_mut("gradients", raw.gradients.cast(), gradient_count)?))
                }
                (true, false) => {
                    Some(Gradients::F64(slice_mut("gradients", raw.gradients.cast(), gradient_count)?))
                }
            },
        )
    };
    let rows = |name, values: *const f64, stride, width| {
        // SAFETY: by the caller's promise as long as count, stride and width say.
        Ok::<_, Failure>(Some(unsafe { slice(name, values, span(name, stride, width)?) }?))
    };
    let box_rows = if raw.box_.is_null() { None } else { rows("box", raw.box_, box_stride, 9)? };
    let parameter_rows = if raw.parameters.is_null() || parameters == 0 {
        None
    } else {
        rows("parameters", raw.parameters, parameter_stride, parameters)?
    };
    if !raw.cancel.is_null() && !raw.cancel.is_aligned() {
        return Err(Failure::invalid("evaluate: cancel is misaligned"));
    }
    // SAFETY: null, or an aligned flag that lives for 'a; it is only read, and only as an atomic.
    let cancel = (!raw.cancel.is_null()).then(|| unsafe { AtomicU32::from_ptr(raw.cancel.cast_mut()) });
    serve(Batch {
        atoms: info.atoms,
        dimensions: info.dimensions,
        positions,
        position_stride,
        box_rows: Rows { values: box_rows, stride: box_stride, width: 9 },
        parameters: Rows { values: parameter_rows, stride: parameter_stride, width: parameters },
        energies,
        gradients,
        gradient_stride,
        statuses,
        stop: Stop::new(cancel, raw.deadline_ns),
        seed: raw.seed,
    })
}

/// The stride meant by `given`; 0 stands for `zero`.
#[inline]
fn stride(name: &str, given: u64, width: usize, zero: usize) -> Result<usize, Failure> {
    match usize::try_from(given) {
        Ok(0) => Ok(zero),
        Ok(stride) if stride >= width => Ok(stride),
        _ => Err(bad_stride(name, given, width)),
    }
}

#[cold]
fn bad_stride(name: &str, given: u64, width: usize) -> Failure {
    Failure::invalid(format!("evaluate: {name} is {given}; expected 0, or at least {width} elements"))
}

#[cold]
fn no_buffer(name: &str) -> Failure {
    Failure::invalid(format!("evaluate: {name} is null or misaligned"))
}

/// Elements from the first to the last row; `None` where their bytes cannot be addressed.
#[inline]
fn length(count: u64, stride: u64, width: usize) -> Option<usize> {
    let Some(last) = count.checked_sub(1) else { return Some(0) };
    let elements = last.checked_mul(stride)?.checked_add(width as u64)?;
    usize::try_from(elements).ok().filter(|&elements| elements <= isize::MAX as usize / size_of::<f64>())
}

/// # Safety
/// `values` is null, or readable for `length` elements throughout `'a`.
#[inline]
unsafe fn slice<'a, T>(name: &str, values: *const T, length: usize) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if values.is_null() || !values.is_aligned() {
        return Err(no_buffer(name));
    }
    // SAFETY: not null, aligned, and by the caller's promise readable.
    Ok(unsafe { std::slice::from_raw_parts(values, length) })
}

/// # Safety
/// `values` is null, or writable for `length` elements throughout `'a`, by nobody else.
#[inline]
unsafe fn slice_mut<'a, T>(name: &str, values: *mut T, length: usize) -> Result<&'a mut [T], Failure> {
    if length == 0 {
        return Ok(&mut []);
    }
    if values.is_null() || !values.is_aligned() {
        return Err(no_buffer(name));
    }
    // SAFETY: not null, aligned, and by the caller's promise writable by us alone.
    Ok(unsafe { std::slice::from_raw_parts_mut(values, length) })
}
