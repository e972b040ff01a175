//! The hot path: batches through a potential, in buffers of the caller's.

use epp::sys;

use crate::descriptor::Dtype;
use crate::error::EvaluateError;
use crate::potential::Potential;
use crate::request::{Evaluation, Gradients, Positions, Request, Which};

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

    /// Everything a batch offers, in buffers of the caller's; nothing is allocated where no outputs are wanted. Batches
    /// above the plugin's `max_batch` are cut up.
    ///
    /// What the plugin writes is not trusted: an energy, gradient or output that is not finite although the status is 0
    /// becomes status 3 or 4, a status that `epp.h` does not define, or that was not written, becomes 8, and wherever the
    /// status is not 0 the energy is NaN, the gradient zero, and every output NaN.
    ///
    /// # Errors
    /// A buffer does not fit, the number type is not taken, a box is missing, there is no such output, or the call failed
    /// as a whole. Then what was to be written means nothing.
    pub fn evaluate_into<'a>(&'a self, mut request: Request<'a>) -> Result<(), EvaluateError> {
        self.add_box(&mut request);
        self.check(&mut request)?;
        self.evaluator.evaluate(self.facts(), &mut request)?;
        self.audit(&mut request);
        Ok(())
    }

    /// Gives the request a box, where it names none and there is one.
    #[inline]
    fn add_box<'a>(&'a self, request: &mut Request<'a>) {
        if request.box_rows.is_none()
            && let Some(rows) = self.default_box()
        {
            (request.box_rows, request.box_stride) = (Some(rows.as_flattened()), 0);
        }
    }

    /// Every length and stride, so that the pointers handed over are good for all the plugin may touch.
    #[inline]
    fn check(&self, request: &mut Request<'_>) -> Result<(), EvaluateError> {
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
        if differ || (dtype == Dtype::F32 && !self.info().takes(Dtype::F32)) {
            return Err(self.dtype_refused(differ));
        }
        if request.position_stride | request.gradient_stride != 0 {
            self.check_strides(request)?;
        }
        length("positions", request.positions.len(), span(count, request.position_stride.max(row), row))?;
        if let Some(energies) = &request.energies {
            length("energies", energies.len(), Some(count))?;
        }
        match &request.gradients {
            Some(gradients) => {
                length("gradients", gradients.len(), span(count, request.gradient_stride.max(row), row))?;
            }
            None if request.energies.is_none() && request.outputs.is_empty() => {
                return Err(EvaluateError::NothingWanted { id: self.id() });
            }
            None => {}
        }
        if request.gradients.is_some() && !self.info().has_gradient {
            return Err(EvaluateError::NoGradient { id: self.id() });
        }
        if !request.outputs.is_empty() {
            self.check_outputs(request)?;
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

    /// Those that are not 0, which means packed, hold a row.
    #[inline(never)]
    fn check_strides(&self, request: &Request<'_>) -> Result<(), EvaluateError> {
        let expected = self.coordinates();
        for (buffer, found) in
            [("positions", request.position_stride), ("gradients", request.gradient_stride)]
        {
            if found != 0 && found < expected {
                return Err(EvaluateError::Stride { id: self.id(), buffer, found, expected });
            }
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
            expected: self.info().dtypes.iter().map(names).collect(),
        }
    }

    /// Every output is there, has room, and is wanted once; from here on it is named by its place.
    fn check_outputs(&self, request: &mut Request<'_>) -> Result<(), EvaluateError> {
        let count = request.statuses.len();
        let mut seen = vec![false; self.outputs().len()];
        for wanted in &mut request.outputs {
            let place = match wanted.which {
                Which::Name(name) => self.place(name)?,
                Which::Place(place) if place < seen.len() => place,
                Which::Place(place) => self.place(&format!("output {place}"))?,
            };
            let name = || self.outputs()[place].name.clone();
            if std::mem::replace(&mut seen[place], true) {
                return Err(EvaluateError::OutputTwice { id: self.id(), name: name() });
            }
            let (found, expected) = (wanted.values.len(), self.facts().width(place).checked_mul(count));
            if expected.is_none_or(|expected| found < expected) {
                let (id, expected) = (self.id(), expected.unwrap_or(usize::MAX));
                return Err(EvaluateError::OutputLength { id, name: name(), found, expected, count });
            }
            wanted.which = Which::Place(place);
        }
        Ok(())
    }

    /// Makes true what the header promises of what is written, whatever the plugin did.
    #[inline]
    fn audit(&self, request: &mut Request<'_>) {
        if !self.all_is_good(request) {
            self.settle(request);
        }
    }

    /// Whether every configuration has status 0 and finite numbers. In a few passes without a branch for each: mostly, they
    /// have.
    #[inline]
    fn all_is_good(&self, request: &Request<'_>) -> bool {
        let (count, row) = (request.statuses.len(), self.coordinates());
        let rows = |stride: usize| (0..count).map(move |index| index * stride..index * stride + row);
        !request.statuses.iter().fold(false, |bad, &status| bad | (status != sys::SAMPLE_OK))
            && request.energies.as_ref().is_none_or(|energies| all_finite(&energies[..count]))
            && match (&request.gradients, request.gradient_stride.max(row)) {
                (None, _) => true,
                (Some(Gradients::F64(values)), stride) if stride == row => all_finite(&values[..count * row]),
                (Some(Gradients::F64(values)), stride) => rows(stride).all(|row| all_finite(&values[row])),
                (Some(Gradients::F32(values)), stride) => {
                    rows(stride).all(|row| values[row].iter().all(|value| value.is_finite()))
                }
            }
            && (request.outputs.is_empty() || (0..count).all(|index| self.outputs_are_finite(request, index)))
    }

    /// Gives what is not good its status, and blanks all that has no energy.
    #[inline(never)]
    fn settle(&self, request: &mut Request<'_>) {
        let row = self.coordinates();
        let stride = request.gradient_stride.max(row);
        for index in 0..request.statuses.len() {
            let status = request.statuses[index];
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
                    request.statuses[index] = sys::SAMPLE_ENERGY_NOT_FINITE;
                } else if !gradient_is_finite || !self.outputs_are_finite(request, index) {
                    request.statuses[index] = sys::SAMPLE_GRADIENT_NOT_FINITE;
                } else {
                    continue;
                }
            } else if !(sys::SAMPLE_OK..=sys::SAMPLE_INTERNAL).contains(&status) {
                request.statuses[index] = sys::SAMPLE_INTERNAL;
            }
            if let Some(energy) = request.energies.as_mut().map(|energies| &mut energies[index]) {
                *energy = f64::NAN;
            }
            match &mut request.gradients {
                None => {}
                Some(Gradients::F64(values)) => values[rows].fill(0.0),
                Some(Gradients::F32(values)) => values[rows].fill(0.0),
            }
            for wanted in &mut request.outputs {
                let width = self.width_of(wanted.which);
                wanted.values[index * width..(index + 1) * width].fill(f64::NAN);
            }
        }
    }

    /// Whether all outputs of one configuration are finite.
    #[inline]
    fn outputs_are_finite(&self, request: &Request<'_>, index: usize) -> bool {
        request.outputs.iter().all(|wanted| {
            let width = self.width_of(wanted.which);
            all_finite(&wanted.values[index * width..(index + 1) * width])
        })
    }

    /// Numbers of an output that was checked for one configuration.
    fn width_of(&self, which: Which<'_>) -> usize {
        match which {
            Which::Place(place) => self.facts().width(place),
            Which::Name(_) => 0,
        }
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
