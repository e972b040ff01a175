//! A request that was checked, as the batches that a plugin gets.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::{null, null_mut};

use epp::sys;

use crate::facts::Facts;
use crate::request::{Gradients, Positions, Request, Wanted, Which};

/// The buffers of one checked request, all of which live as long as it is borrowed.
///
/// It may be used from several threads at once for stretches of configurations that do not overlap: what is written for
/// one of them is written nowhere else.
pub(crate) struct Buffers<'a> {
    /// All configurations; its strides are those of packed rows where a request says 0.
    pub(crate) batch: sys::Batch,
    pub(crate) outputs: Vec<Buffer>,
    pub(crate) borrowed: PhantomData<&'a mut f64>,
}

/// Of one output: its index for the plugin, its place, its numbers for a configuration.
pub(crate) struct Buffer {
    pub(crate) index: u64,
    pub(crate) data: *mut f64,
    pub(crate) width: usize,
}

// SAFETY: the pointers are to buffers that one call has for itself; see above for who writes where.
unsafe impl Sync for Buffers<'_> {}

impl<'a> Buffers<'a> {
    /// `request` was checked: every buffer is as long as its strides demand, every output is named by its place.
    #[inline]
    pub(crate) fn of(request: &'a mut Request<'_>, facts: &Facts) -> Self {
        let packed = |stride: usize| if stride == 0 { facts.row() as u64 } else { stride as u64 };
        let (dtype, positions) = match request.positions {
            Positions::F64(values) => (sys::DTYPE_F64, values.as_ptr().cast()),
            Positions::F32(values) => (sys::DTYPE_F32, values.as_ptr().cast()),
        };
        let energies = request.energies.as_mut().map_or(null_mut(), |values| values.as_mut_ptr());
        let gradients: *mut c_void = match &mut request.gradients {
            None => null_mut(),
            Some(Gradients::F64(values)) => values.as_mut_ptr().cast(),
            Some(Gradients::F32(values)) => values.as_mut_ptr().cast(),
        };
        // Most calls want none.
        let outputs =
            if request.outputs.is_empty() { Vec::new() } else { buffers(&mut request.outputs, facts) };
        Self {
            outputs,
            batch: sys::Batch {
                struct_size: size_of::<sys::Batch>() as u64,
                count: request.statuses.len() as u64,
                dtype,
                want: if energies.is_null() { 0 } else { sys::WANT_ENERGY }
                    | if gradients.is_null() { 0 } else { sys::WANT_GRADIENT },
                required: 0,
                reserved: 0,
                positions,
                position_stride: packed(request.position_stride),
                box_: request.box_rows.map_or(null(), <[f64]>::as_ptr),
                box_stride: request.box_stride as u64,
                parameters: request.parameters.map_or(null(), <[f64]>::as_ptr),
                parameter_stride: request.parameter_stride as u64,
                energies,
                gradients,
                gradient_stride: packed(request.gradient_stride),
                statuses: request.statuses.as_mut_ptr(),
                cancel: request.cancel.map_or(null(), |flag| flag.as_ptr().cast_const()),
                deadline_ns: request.deadline_ns,
                seed: request.seed,
                first: request.first,
                output_count: 0,
                outputs: null(),
            },
            borrowed: PhantomData,
        }
    }

    /// Hands `count` configurations, from `from` on, to `call` as one batch.
    ///
    /// # Safety
    /// The request has so many, and nobody else uses these configurations meanwhile.
    #[inline]
    pub(crate) unsafe fn call<R>(&self, from: usize, count: usize, call: impl FnOnce(&sys::Batch) -> R) -> R {
        if self.outputs.is_empty() && count as u64 == self.batch.count {
            return call(&self.batch);
        }
        // SAFETY: the caller's promise.
        unsafe { self.call_part(from, count, call) }
    }

    /// As [`Buffers::call`], for a part of the configurations, or with outputs.
    ///
    /// # Safety
    /// As there.
    unsafe fn call_part<R>(&self, from: usize, count: usize, call: impl FnOnce(&sys::Batch) -> R) -> R {
        let outputs: Vec<sys::Output> = self
            .outputs
            .iter()
            .map(|output| sys::Output {
                struct_size: size_of::<sys::Output>() as u64,
                index: output.index,
                // SAFETY: `from` is a configuration of the request, which the buffer has room for.
                data: unsafe { output.data.add(from * output.width) }.cast(),
                stride: output.width as u64,
                dtype: sys::DTYPE_F64,
                reserved: 0,
            })
            .collect();
        let pointers: Vec<*const sys::Output> = outputs.iter().map(std::ptr::from_ref).collect();
        let mut batch = self.batch;
        let size = if batch.dtype == sys::DTYPE_F64 { size_of::<f64>() } else { size_of::<f32>() };
        let at = |start: *mut c_void, stride: u64| match start.is_null() {
            true => start,
            // SAFETY: as above.
            false => unsafe { start.byte_add(from * stride as usize * size) },
        };
        let rows = |start: *const f64, stride: u64| match start.is_null() {
            true => start,
            // SAFETY: as above.
            false => unsafe { start.add(from * stride as usize) },
        };
        batch.count = count as u64;
        batch.positions = at(batch.positions.cast_mut(), batch.position_stride).cast_const();
        batch.box_ = rows(batch.box_, batch.box_stride);
        batch.parameters = rows(batch.parameters, batch.parameter_stride);
        batch.energies = rows(batch.energies.cast_const(), 1).cast_mut();
        batch.gradients = at(batch.gradients, batch.gradient_stride);
        // SAFETY: as above.
        batch.statuses = unsafe { batch.statuses.add(from) };
        batch.first = batch.first.wrapping_add(from as u64);
        (batch.output_count, batch.outputs) = (pointers.len() as u64, pointers.as_ptr());
        call(&batch)
    }
}

/// The buffers of outputs that are named by their places.
#[cold]
fn buffers(outputs: &mut [Wanted<'_>], facts: &Facts) -> Vec<Buffer> {
    let buffer = |wanted: &mut Wanted<'_>| {
        let Which::Place(place) = wanted.which else { return None };
        let (index, width) = (facts.outputs[place].index, facts.width(place));
        Some(Buffer { index, data: wanted.values.as_mut_ptr(), width })
    };
    outputs.iter_mut().filter_map(buffer).collect()
}
