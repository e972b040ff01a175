//! An `epp_batch` checked, and turned into a [`Batch`].
use std::mem::MaybeUninit;
use std::sync::atomic::AtomicU32;

use super::buffers::{Span, length, refuse_overlaps, slice, slice_mut, stride};
use super::creation::refuse_required;
use super::failure::Failure;
use super::instance::Instance;
use super::{domain, outputs};
use crate::sdk::rows::{OutputRow, Rows};
use crate::sdk::sample::{Gradients, Positions};
use crate::sdk::{Batch, Potential, Stop};
use crate::{sys, versioned};

/// Checks the request, gives every configuration the status "internal" until somebody finishes it, or another where its
/// box or parameters are wrong, and hands it on.
///
/// # Safety
/// `batch` is null or points to an `epp_batch` whose buffers are null or as long as `epp.h` says, and live until this
/// returns.
#[inline]
pub(super) unsafe fn check<P: Potential>(
    batch: *const sys::Batch,
    instance: &Instance<P>,
    serve: impl FnOnce(&mut Batch<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let info = &instance.info;
    let mut room = MaybeUninit::uninit();
    // SAFETY: by the caller's promise.
    let Some(raw) = (unsafe { versioned::view(batch, &mut room) }) else {
        return Err(Failure::invalid("evaluate: batch is null, misaligned or its struct_size is below 8"));
    };
    // Statuses first: they are written whatever else is wrong.
    let count = length(raw.count, 1, 1).ok_or_else(|| {
        Failure::invalid(format!("evaluate: {} configurations cannot be addressed", raw.count))
    })?;
    // SAFETY: by the caller's promise `count` long.
    let statuses = unsafe { slice_mut("statuses", raw.statuses, count) }?;
    statuses.fill(sys::SAMPLE_INTERNAL);

    let want = wanted(raw, instance)?;
    let width = info.atoms * info.dimensions;
    let parameters = instance.parameters.len();
    let position_stride = stride("position_stride", raw.position_stride, width, width)?;
    let gradient_stride = stride("gradient_stride", raw.gradient_stride, width, width)?;
    let box_stride = stride("box_stride", raw.box_stride, 9, 0)?;
    let parameter_stride = stride("parameter_stride", raw.parameter_stride, parameters, 0)?;
    let elements = |name: &str, stride: usize, width: usize| {
        length(raw.count, stride as u64, width).ok_or_else(|| {
            Failure::invalid(format!("evaluate: {name} of {count} configurations cannot be addressed"))
        })
    };
    if info.periodic != 0 && raw.box_.is_null() && count != 0 {
        return Err(Failure::invalid("evaluate: this potential is periodic and needs a box"));
    }
    let single = raw.dtype == sys::DTYPE_F32;
    let size = if single { size_of::<f32>() } else { size_of::<f64>() };
    let position_count = elements("positions", position_stride, width)?;
    let gradient_count = match gradient_stride == position_stride {
        true => position_count,
        false => elements("gradients", gradient_stride, width)?,
    };
    let (wants_energy, wants_gradient) = (want & sys::WANT_ENERGY != 0, want & sys::WANT_GRADIENT != 0);

    // What is written must overlap nothing, before any of it becomes a slice.
    let (has_box, has_parameters) = (info.periodic != 0, parameters != 0 && !raw.parameters.is_null());
    let box_count = if has_box { elements("box", box_stride, 9)? } else { 0 };
    let parameter_count =
        if has_parameters { elements("parameters", parameter_stride, parameters)? } else { 0 };
    let (cell, values) = match has_box || has_parameters {
        true => (Span::new(raw.box_, box_count), Span::new(raw.parameters, parameter_count)),
        false => (Span::NONE, Span::NONE),
    };
    let spans = [
        Span::new(raw.statuses, count),
        if wants_energy { Span::new(raw.energies, count) } else { Span::NONE },
        if wants_gradient {
            Span::new(raw.gradients.cast::<u8>(), gradient_count * size)
        } else {
            Span::NONE
        },
        Span::new(raw.positions.cast::<u8>(), position_count * size),
        cell,
        values,
    ];
    let mut of_outputs = Vec::new();
    let rows = if raw.output_count == 0 {
        Vec::new()
    } else {
        // SAFETY: by the caller's promise.
        unsafe { outputs::read(raw, &instance.outputs, info, &mut of_outputs) }?
    };
    refuse_overlaps(spans, &of_outputs)?;

    // SAFETY: by the caller's promise each buffer is as long as count, stride and width say; those that are written overlap
    // no other.
    let (positions, energies, gradients) = unsafe {
        (
            if single {
                Positions::F32(slice("positions", raw.positions.cast(), position_count)?)
            } else {
                Positions::F64(slice("positions", raw.positions.cast(), position_count)?)
            },
            if wants_energy { Some(slice_mut("energies", raw.energies, count)?) } else { None },
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
    // SAFETY: as above.
    let box_values = if has_box { Some(unsafe { slice("box", raw.box_, box_count) }?) } else { None };
    let box_rows = Rows { values: box_values.filter(|_| count != 0), stride: box_stride, width: 9 };
    let parameter_rows = if has_parameters {
        // SAFETY: as above.
        let values = unsafe { slice("parameters", raw.parameters, parameter_count) }?;
        Rows { values: Some(values).filter(|_| count != 0), stride: parameter_stride, width: parameters }
    } else {
        Rows { values: Some(&instance.defaults), stride: 0, width: parameters }
    };
    if !raw.cancel.is_null() && !raw.cancel.is_aligned() {
        return Err(Failure::invalid("evaluate: cancel is misaligned"));
    }
    // SAFETY: null, or an aligned flag that lives until the call ends; it is only read, and only as an atomic.
    let cancel = (!raw.cancel.is_null()).then(|| unsafe { AtomicU32::from_ptr(raw.cancel.cast_mut()) });

    if has_box {
        domain::settle(&box_rows, statuses, |rows| domain::box_status(rows, info.periodic));
    }
    if has_parameters {
        let known = || instance.parameters.iter().map(|described| &described.parameter);
        domain::settle(&parameter_rows, statuses, |values| domain::parameter_status(values, known()));
    }
    if !rows.is_empty() {
        // SAFETY: one row after the other, and nobody else has any.
        (0..count).for_each(|index| unsafe { OutputRow::new(&rows, index) }.blank());
    }
    // In place: it is large.
    serve(&mut Batch {
        atoms: info.atoms,
        dimensions: info.dimensions,
        positions,
        position_stride,
        box_rows,
        parameters: parameter_rows,
        energies,
        gradients,
        gradient_stride,
        statuses,
        outputs: &rows,
        stop: Stop::new(cancel, raw.deadline_ns),
        seed: raw.seed,
        first: raw.first,
    })
}

/// What of energy and gradient is wanted, in a request that this instance can do.
#[inline]
fn wanted<P: Potential>(raw: &sys::Batch, instance: &Instance<P>) -> Result<u32, Failure> {
    let info = &instance.info;
    refuse_required("evaluate", raw.required)?;
    if info.max_batch != 0 && raw.count > info.max_batch as u64 {
        let text = format!("evaluate: {} configurations, but max_batch is {}", raw.count, info.max_batch);
        return Err(Failure::invalid(text));
    }
    if instance.dtypes & raw.dtype == 0 || !raw.dtype.is_power_of_two() {
        let (dtype, dtypes) = (raw.dtype, instance.dtypes);
        let text =
            format!("evaluate: dtype {dtype} is not in the potential's set {dtypes} (1 is f64, 2 is f32)");
        return Err(Failure::new(sys::E_UNSUPPORTED, text));
    }
    // Bits that nobody knows yet are ignored.
    let want = raw.want & (sys::WANT_ENERGY | sys::WANT_GRADIENT);
    if want == 0 && raw.output_count == 0 {
        return Err(Failure::invalid(
            "evaluate: want is 0; ask for the energy, the gradient, both or an output",
        ));
    }
    if want & sys::WANT_GRADIENT != 0 && info.no_gradient {
        return Err(Failure::new(sys::E_UNSUPPORTED, "evaluate: this potential has no gradient"));
    }
    Ok(want)
}
