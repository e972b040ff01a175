//! The hot path: batches through a potential, in buffers of the caller's.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use epp::sys;

use crate::descriptor::Dtype;
use crate::error::EvaluateError;
use crate::extra::Extra;
use crate::potential::{Backend, Potential};
use crate::request::{Evaluation, Gradients, Positions, Request};
use crate::status::{Code, NO_STATUS};
use crate::table::Message;

/// Numbers in a box: three rows of three.
const BOX: usize = 9;

impl Potential {
    /// Energies, and gradients where wanted, of `positions`, `[count][atoms][dimensions]`, packed.
    ///
    /// # Errors
    /// The positions are no whole number of configurations, or the call failed as a whole. A configuration that fails
    /// for itself is no error: its status is not 0, its energy NaN, its gradient zero.
    pub fn evaluate(&self, positions: &[f64], gradient: bool) -> Result<Evaluation, EvaluateError> {
        let count = self.count(positions.len())?;
        let mut energies = vec![0.0; count];
        let mut gradients = vec![0.0; if gradient { positions.len() } else { 0 }];
        let mut statuses = vec![0; count];
        let mut request = Request::new(positions, &mut statuses).energies(&mut energies);
        if gradient {
            request = request.gradients(&mut gradients);
        }
        self.evaluate_into(request)?;
        Ok(Evaluation { energies, gradients, statuses })
    }

    /// The number of configurations in so many coordinates.
    fn count(&self, coordinates: usize) -> Result<usize, EvaluateError> {
        let (atoms, dimensions) = (self.info().atoms, self.info().dimensions);
        if !coordinates.is_multiple_of(atoms * dimensions) {
            return Err(EvaluateError::Shape { id: self.id(), found: coordinates, atoms, dimensions });
        }
        Ok(coordinates / (atoms * dimensions))
    }

    /// Energies by term, `[count][component_names]`, in the potential's unit; the row of a configuration that failed is
    /// NaN. Their sum is the energy.
    ///
    /// `boxes`: box rows, `[count][3][3]`, nm; `None` for the box that other calls have that name none.
    ///
    /// # Errors
    /// The potential does not tell its terms, or as [`Potential::evaluate`].
    pub fn components(
        &self,
        positions: &[f64],
        boxes: Option<&[[[f64; 3]; 3]]>,
    ) -> Result<Vec<f64>, EvaluateError> {
        if self.component_names().is_empty() {
            return Err(EvaluateError::NoComponents { id: self.id() });
        }
        let (count, names) = (self.count(positions.len())?, self.component_names().len());
        let mut terms = vec![f64::NAN; count * names];
        let mut energies = vec![0.0; count];
        let mut statuses = vec![0; count];
        let mut request = Request::new(positions, &mut statuses).energies(&mut energies);
        if let Some(rows) = boxes {
            request = request.box_rows(rows.as_flattened().as_flattened(), BOX);
        }
        let mut request = self.boxed(request);
        self.check(&request)?;
        match &self.backend {
            Backend::Here(instance) => {
                let Some(evaluate) = instance.components else {
                    return Err(EvaluateError::NoComponents { id: self.id() });
                };
                let terms = terms.as_mut_ptr();
                self.in_chunks(&mut request, |batch, from, message| {
                    // SAFETY: `terms` has `names` numbers for every configuration; `batch` was made from checked buffers.
                    unsafe {
                        let terms = terms.add(from * names);
                        instance.access().run(|| evaluate(instance.self_(), batch, terms, message))
                    }
                })?;
            }
            Backend::Workers(workers) => {
                workers.evaluate(self.facts(), &mut request, Extra::Components(&mut terms))?
            }
        }
        for (index, row) in terms.chunks_exact_mut(names.max(1)).enumerate() {
            self.known(index, statuses[index])?;
            if statuses[index] != sys::SAMPLE_OK || !all_finite(row) {
                row.fill(f64::NAN);
            }
        }
        Ok(terms)
    }

    /// Everything a batch offers, in buffers of the caller's; nothing is allocated. Batches above the plugin's
    /// `max_batch` are cut up.
    ///
    /// What the plugin writes is not trusted: an energy or gradient that is not finite although the status is 0 becomes
    /// status 3 or 4, and wherever the status is not 0 the energy is NaN and the gradient zero.
    ///
    /// # Errors
    /// A buffer does not fit, the number type is not taken, a box is missing, or the call failed as a whole. Then
    /// energies and gradients mean nothing.
    pub fn evaluate_into(&self, request: Request<'_>) -> Result<(), EvaluateError> {
        let mut request = self.boxed(request);
        self.check(&request)?;
        match &self.backend {
            Backend::Here(instance) => self.in_chunks(&mut request, |batch, _, message| {
                // SAFETY: `batch` was made from checked buffers, which live through the call.
                unsafe { instance.access().run(|| (instance.evaluate)(instance.self_(), batch, message)) }
            })?,
            Backend::Workers(workers) => workers.evaluate(self.facts(), &mut request, Extra::None)?,
        }
        self.audit(&mut request)
    }

    /// As [`Potential::evaluate_into`], and writes virials too: `dE/d(strain[i][j])` where positions and box rows alike
    /// become `r (1 + strain)`, in the potential's unit of energy.
    ///
    /// `virials`: `[count]`, NaN where the status is not 0; a virial that is not finite becomes status 4.
    ///
    /// # Errors
    /// The potential does not tell virials, or as [`Potential::evaluate_into`].
    pub fn virials_into(
        &self,
        request: Request<'_>,
        virials: &mut [[[f64; 3]; 3]],
    ) -> Result<(), EvaluateError> {
        if !self.has_virials() {
            return Err(EvaluateError::NoVirial { id: self.id() });
        }
        let mut request = self.boxed(request);
        self.check(&request)?;
        let (count, found) = (request.statuses.len(), virials.len());
        if found < count {
            let (id, buffer, expected) = (self.id(), "virials", count);
            return Err(EvaluateError::Length { id, buffer, found, expected, count });
        }
        virials.fill([[f64::NAN; 3]; 3]);
        match &self.backend {
            Backend::Here(instance) => {
                let Some(evaluate) = instance.virials else {
                    return Err(EvaluateError::NoVirial { id: self.id() });
                };
                let start = virials.as_mut_ptr();
                self.in_chunks(&mut request, |batch, from, message| {
                    // SAFETY: there are nine numbers for every configuration; `batch` was made from checked buffers.
                    unsafe {
                        let virials = start.add(from).cast::<f64>();
                        instance.access().run(|| evaluate(instance.self_(), batch, virials, message))
                    }
                })?;
            }
            Backend::Workers(workers) => {
                let values = virials.as_flattened_mut().as_flattened_mut();
                workers.evaluate(self.facts(), &mut request, Extra::Virials(values))?;
            }
        }
        for (status, virial) in request.statuses.iter_mut().zip(&*virials) {
            if *status == sys::SAMPLE_OK && !all_finite(virial.as_flattened()) {
                *status = sys::SAMPLE_GRADIENT_NOT_FINITE;
            }
        }
        self.audit(&mut request)?;
        for (status, virial) in request.statuses.iter().zip(virials) {
            if *status != sys::SAMPLE_OK {
                *virial = [[f64::NAN; 3]; 3];
            }
        }
        Ok(())
    }

    /// The request with a box, where it names none and there is one.
    #[inline]
    fn boxed<'a>(&'a self, mut request: Request<'a>) -> Request<'a> {
        if request.box_rows.is_none()
            && let Some(rows) = self.default_box()
        {
            (request.box_rows, request.box_stride) = (Some(rows.as_flattened()), 0);
        }
        request
    }

    /// Every length and stride, so that the pointers handed over are good for all the plugin may touch.
    #[inline]
    fn check(&self, request: &Request<'_>) -> Result<(), EvaluateError> {
        let (count, row) = (request.statuses.len(), self.coordinates());
        let length = |buffer, found: usize, expected: Option<usize>| {
            let expected = expected.unwrap_or(usize::MAX);
            if found >= expected {
                return Ok(());
            }
            Err(EvaluateError::Length { id: self.id(), buffer, found, expected, count })
        };
        let dtype = match request.positions {
            Positions::F64(_) => Dtype::F64,
            Positions::F32(_) => Dtype::F32,
        };
        let differ = matches!(
            (&request.positions, &request.gradients),
            (Positions::F64(_), Some(Gradients::F32(_))) | (Positions::F32(_), Some(Gradients::F64(_)))
        );
        if differ || (dtype == Dtype::F32 && !self.descriptor().takes(Dtype::F32)) {
            return Err(self.dtype_refused(differ));
        }
        for (buffer, stride) in
            [("positions", request.position_stride), ("gradients", request.gradient_stride)]
        {
            if stride != 0 && stride < row {
                return Err(EvaluateError::Stride { id: self.id(), buffer, found: stride, expected: row });
            }
        }
        length("positions", request.positions.len(), span(count, request.position_stride.max(row), row))?;
        if let Some(energies) = &request.energies {
            length("energies", energies.len(), Some(count))?;
        }
        match &request.gradients {
            Some(gradients) => {
                length("gradients", gradients.len(), span(count, request.gradient_stride.max(row), row))?;
            }
            None if request.energies.is_none() => return Err(EvaluateError::NothingWanted { id: self.id() }),
            None => {}
        }
        match request.box_rows {
            Some(rows) => length("box", rows.len(), span(count, request.box_stride, BOX))?,
            None if self.info().is_periodic() => return Err(EvaluateError::NoBox { id: self.id() }),
            None => {}
        }
        if let Some(parameters) = request.parameters {
            let expected = span(count, request.parameter_stride, self.parameters().len());
            length("parameters", parameters.len(), expected)?;
        }
        Ok(())
    }

    #[cold]
    fn dtype_refused(&self, differ: bool) -> EvaluateError {
        let found = if differ { "two different types" } else { "f32" };
        let names = |dtype: &Dtype| match dtype {
            Dtype::F64 => "f64".to_owned(),
            Dtype::F32 => "f32".to_owned(),
        };
        EvaluateError::Dtype {
            id: self.id(),
            found,
            expected: self.descriptor().dtypes.iter().map(names).collect(),
        }
    }

    /// Hands the request to `call` as one batch, or as several where the plugin's `max_batch` is smaller. `call` gets the
    /// batch and the index of its first configuration.
    #[inline]
    fn in_chunks(
        &self,
        request: &mut Request<'_>,
        mut call: impl FnMut(&sys::Batch, usize, &mut sys::Error) -> i32,
    ) -> Result<(), EvaluateError> {
        let count = request.statuses.len();
        let most = self.info().max_batch.unwrap_or(usize::MAX);
        let row = self.coordinates();
        let packed = |stride: usize| if stride == 0 { row } else { stride };
        let (position_stride, gradient_stride) =
            (packed(request.position_stride), packed(request.gradient_stride));
        request.statuses.fill(NO_STATUS);
        let mut from = 0;
        while from < count {
            let here = most.min(count - from);
            let (dtype, positions) = match request.positions {
                Positions::F64(values) => (sys::DTYPE_F64, values[from * position_stride..].as_ptr().cast()),
                Positions::F32(values) => (sys::DTYPE_F32, values[from * position_stride..].as_ptr().cast()),
            };
            let gradients: *mut c_void = match &mut request.gradients {
                None => null_mut(),
                Some(Gradients::F64(values)) => values[from * gradient_stride..].as_mut_ptr().cast(),
                Some(Gradients::F32(values)) => values[from * gradient_stride..].as_mut_ptr().cast(),
            };
            let energies = request.energies.as_mut().map_or(null_mut(), |values| values[from..].as_mut_ptr());
            let batch = sys::Batch {
                struct_size: size_of::<sys::Batch>() as u64,
                count: here as u64,
                dtype,
                want: if energies.is_null() { 0 } else { sys::WANT_ENERGY }
                    | if gradients.is_null() { 0 } else { sys::WANT_GRADIENT },
                positions,
                position_stride: position_stride as u64,
                box_: request.box_rows.map_or(null(), |rows| rows[from * request.box_stride..].as_ptr()),
                box_stride: request.box_stride as u64,
                parameters: request
                    .parameters
                    .map_or(null(), |values| values[from * request.parameter_stride..].as_ptr()),
                parameter_stride: request.parameter_stride as u64,
                energies,
                gradients,
                gradient_stride: gradient_stride as u64,
                statuses: request.statuses[from..].as_mut_ptr(),
                cancel: request.cancel.map_or(null(), |flag| flag.as_ptr().cast_const()),
                deadline_ns: request.deadline_ns,
                seed: request.seed,
            };
            let mut message = Message::<512>::new();
            let code = call(&batch, from, &mut message.raw());
            if code != sys::OK {
                request.statuses.fill(sys::SAMPLE_INTERNAL);
                return Err(EvaluateError::Failed {
                    id: self.id(),
                    code: Code(code),
                    reason: message.text(),
                });
            }
            from += here;
        }
        Ok(())
    }

    /// Makes true what the header promises of outputs, whatever the plugin did.
    #[inline]
    fn audit(&self, request: &mut Request<'_>) -> Result<(), EvaluateError> {
        let row = self.coordinates();
        let stride = request.gradient_stride.max(row);
        for index in 0..request.statuses.len() {
            let mut status = request.statuses[index];
            let energy = request.energies.as_mut().map(|energies| &mut energies[index]);
            let rows = index * stride..index * stride + row;
            if status == sys::SAMPLE_OK {
                let gradient_is_finite = match &request.gradients {
                    None => true,
                    Some(Gradients::F64(values)) => all_finite(&values[rows.clone()]),
                    Some(Gradients::F32(values)) => {
                        values[rows.clone()].iter().all(|value| value.is_finite())
                    }
                };
                if energy.as_ref().is_some_and(|energy| !energy.is_finite()) {
                    status = sys::SAMPLE_ENERGY_NOT_FINITE;
                } else if !gradient_is_finite {
                    status = sys::SAMPLE_GRADIENT_NOT_FINITE;
                } else {
                    continue;
                }
                request.statuses[index] = status;
            }
            self.known(index, status)?;
            if let Some(energy) = energy {
                *energy = f64::NAN;
            }
            match &mut request.gradients {
                None => {}
                Some(Gradients::F64(values)) => values[rows].fill(0.0),
                Some(Gradients::F32(values)) => values[rows].fill(0.0),
            }
        }
        Ok(())
    }

    /// Refuses a status that the ABI does not define.
    fn known(&self, index: usize, status: i32) -> Result<(), EvaluateError> {
        if (sys::SAMPLE_OK..=sys::SAMPLE_INTERNAL).contains(&status) {
            return Ok(());
        }
        Err(EvaluateError::UnknownStatus { id: self.id(), index, status })
    }

    fn id(&self) -> String {
        self.descriptor().id.clone()
    }
}

/// How many numbers `count` rows of `row` numbers span, `stride` apart.
fn span(count: usize, stride: usize, row: usize) -> Option<usize> {
    match count {
        0 => Some(0),
        count => (count - 1).checked_mul(stride)?.checked_add(row),
    }
}

/// Whether no number is NaN or infinite; without a branch per number, so that it is a handful of vector instructions.
#[inline]
fn all_finite(values: &[f64]) -> bool {
    !values.iter().fold(false, |bad, value| bad | !value.is_finite())
}
