//! One call's work: many configurations.
use super::rows::{OutputRow, OutputRows, Rows};
use super::sample::{Gradients, Positions, settle};
use super::stop::Watch;
use super::{Sample, SampleStatus, Stop, Stream};
use crate::sys;

/// Configurations of this many coordinates are converted on the stack.
const STACK_COORDINATES: usize = 32;

/// The configurations of one call, and the places of their results. The SDK has checked every pointer and size, and
/// given every configuration the status [`SampleStatus::Internal`] until it is finished or failed.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(crate) atoms: usize,
    pub(crate) dimensions: usize,
    pub(crate) positions: Positions<'a>,
    pub(crate) position_stride: usize,
    pub(crate) box_rows: Rows<'a>,
    pub(crate) parameters: Rows<'a>,
    pub(crate) energies: Option<&'a mut [f64]>,
    pub(crate) gradients: Option<Gradients<'a>>,
    pub(crate) gradient_stride: usize,
    pub(crate) statuses: &'a mut [i32],
    pub(crate) outputs: &'a [Option<OutputRows<'a>>],
    pub(crate) stop: Stop<'a>,
    pub(crate) seed: u64,
    pub(crate) first: u64,
}

impl<'a> Batch<'a> {
    /// Number of configurations, may be 0.
    pub fn count(&self) -> usize {
        self.statuses.len()
    }

    /// Atoms of one configuration.
    pub fn atoms(&self) -> usize {
        self.atoms
    }

    /// Coordinates per atom.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Whether the host wants energies.
    pub fn wants_energy(&self) -> bool {
        self.energies.is_some()
    }

    /// Whether the host wants gradients; if not, save the work.
    pub fn wants_gradient(&self) -> bool {
        self.gradients.is_some()
    }

    /// Whether the host wants an output, by its index in [`Potential::outputs`](super::Potential::outputs).
    pub fn wants_output(&self, index: usize) -> bool {
        matches!(self.outputs.get(index), Some(Some(_)))
    }

    /// Whether the host asked to stop: its cancel flag is up, or the deadline has passed.
    pub fn stopped(&self) -> bool {
        self.stop.requested()
    }

    /// The same question as [`stopped`](Self::stopped) as a value, which outlives a borrow of the batch.
    pub fn stop(&self) -> Stop<'a> {
        self.stop
    }

    /// Box vectors of a configuration as rows, nm: see [`Sample::box_rows`]. Panics beyond `count`.
    pub fn box_rows(&self, index: usize) -> Option<[[f64; 3]; 3]> {
        assert!(index < self.count(), "configuration {index} of {}", self.count());
        let row = self.box_rows.row(index)?;
        Some([[row[0], row[1], row[2]], [row[3], row[4], row[5]], [row[6], row[7], row[8]]])
    }

    /// Values of the global parameters for a configuration: see [`Sample::parameters`]. Panics beyond `count`.
    pub fn parameters(&self, index: usize) -> &'a [f64] {
        assert!(index < self.count(), "configuration {index} of {}", self.count());
        self.parameters.row(index).unwrap_or(&[])
    }

    /// The configurations that are to be done, each with the places of its results. Each is `Send`, so that they can be
    /// handed to threads.
    ///
    /// Left out are those that are finished or failed already. Those whose positions, parameters or box are not finite, whose
    /// box is left-handed or spans no volume, or whose parameters are out of range, get their status without the author's
    /// doing.
    #[inline]
    pub fn samples(&mut self) -> Samples<'_> {
        Samples {
            next: 0,
            width: self.atoms * self.dimensions,
            positions: self.positions,
            position_stride: self.position_stride,
            box_rows: self.box_rows,
            parameters: self.parameters,
            outputs: self.outputs,
            stop: self.stop,
            seed: self.seed,
            first: self.first,
            energies: self.energies.as_deref_mut(),
            gradients: match &mut self.gradients {
                Some(Gradients::F64(values)) => Some(Gradients::F64(values)),
                Some(Gradients::F32(values)) => Some(Gradients::F32(values)),
                None => None,
            },
            gradient_stride: self.gradient_stride,
            statuses: self.statuses,
        }
    }

    /// Evaluates one configuration after the other: `f(positions, gradient)` returns the energy.
    ///
    /// Both slices are `[atoms][dimensions]` in f64, whatever the host's type; `gradient` is zero on entry, and a place
    /// that nobody reads where none is wanted (ask [`wants_gradient`](Self::wants_gradient) before). Positions that are
    /// not finite, and results that are not, get their status without the author's doing; once the host asks to stop,
    /// the rest is cancelled.
    #[inline]
    pub fn for_each(&mut self, mut f: impl FnMut(&[f64], &mut [f64]) -> Result<f64, SampleStatus>) {
        match (self.positions, &self.gradients) {
            (Positions::F64(positions), None | Some(Gradients::F64(_))) if self.outputs.is_empty() => {
                self.for_each_in_place(positions, f);
            }
            _ => self.for_each_sample(|_, positions, gradient| f(positions, gradient)),
        }
    }

    /// As [`for_each`](Self::for_each), for potentials that also look at the box, at parameters or at the stream of random
    /// numbers, or write outputs: `f(sample, positions, gradient)`.
    #[inline]
    pub fn for_each_sample(
        &mut self,
        mut f: impl FnMut(&mut Sample<'_>, &[f64], &mut [f64]) -> Result<f64, SampleStatus>,
    ) {
        let width = self.atoms * self.dimensions;
        if width <= STACK_COORDINATES {
            let mut positions = [0.0; STACK_COORDINATES];
            let mut gradient = [0.0; STACK_COORDINATES];
            self.for_each_through(&mut positions[..width], &mut gradient[..width], &mut f);
        } else {
            self.for_each_through(&mut vec![0.0; width], &mut vec![0.0; width], &mut f);
        }
    }

    /// `for_each` where the caller's own buffers serve, or no gradient is wanted.
    #[inline]
    fn for_each_in_place(
        &mut self,
        positions: &[f64],
        f: impl FnMut(&[f64], &mut [f64]) -> Result<f64, SampleStatus>,
    ) {
        let width = self.atoms * self.dimensions;
        let walk = Walk {
            width,
            positions,
            position_stride: self.position_stride,
            energies: self.energies.as_deref_mut(),
            statuses: self.statuses,
            watch: Watch::new(self.stop),
        };
        match &mut self.gradients {
            Some(Gradients::F64(gradients)) => walk.each::<true>(gradients, self.gradient_stride, f),
            // One place for all, which nobody reads.
            _ if width <= STACK_COORDINATES => walk.each::<false>(&mut [0.0; STACK_COORDINATES], 0, f),
            _ => walk.each::<false>(&mut vec![0.0; width], 0, f),
        }
    }

    /// `for_each` with room for conversions.
    fn for_each_through(
        &mut self,
        positions: &mut [f64],
        gradient: &mut [f64],
        f: &mut impl FnMut(&mut Sample<'_>, &[f64], &mut [f64]) -> Result<f64, SampleStatus>,
    ) {
        let mut watch = Watch::new(self.stop);
        let mut samples = self.samples();
        for mut sample in samples.by_ref() {
            if watch.requested() {
                sample.fail(SampleStatus::Cancelled);
                break;
            }
            gradient.fill(0.0);
            let outcome = match sample.positions_f64() {
                Some(direct) => f(&mut sample, direct, gradient),
                None => {
                    sample.read(positions);
                    f(&mut sample, positions, gradient)
                }
            };
            match outcome {
                Ok(energy) => sample.finish(energy, gradient),
                Err(status) => sample.fail(status),
            }
        }
        samples.for_each(|sample| sample.fail(SampleStatus::Cancelled));
    }

    /// Energy NaN, a gradient of zeros and outputs of NaN wherever the status is not 0.
    #[inline]
    pub(crate) fn blank_failures(&mut self) {
        // Without a branch for each: mostly, all are good.
        if self.statuses.iter().fold(false, |failed, &status| failed | (status != sys::SAMPLE_OK)) {
            self.blank();
        }
    }

    #[inline(never)]
    fn blank(&mut self) {
        let width = self.atoms * self.dimensions;
        for index in (0..self.statuses.len()).filter(|&index| self.statuses[index] != sys::SAMPLE_OK) {
            if let Some(energies) = &mut self.energies {
                energies[index] = f64::NAN;
            }
            let start = index * self.gradient_stride;
            match &mut self.gradients {
                Some(Gradients::F64(values)) => values[start..start + width].fill(0.0),
                Some(Gradients::F32(values)) => values[start..start + width].fill(0.0),
                None => {}
            }
            // SAFETY: nobody else holds the row: `self` is borrowed exclusively, and samples borrow from it.
            unsafe { OutputRow::new(self.outputs, index) }.blank();
        }
    }
}

/// Configurations one after the other, in the caller's buffers.
struct Walk<'a> {
    width: usize,
    positions: &'a [f64],
    position_stride: usize,
    energies: Option<&'a mut [f64]>,
    statuses: &'a mut [i32],
    watch: Watch<'a>,
}

impl Walk<'_> {
    /// As [`Batch::for_each`], with rows of gradients that are `gradient_stride` apart, and `WANTED` or not.
    #[inline]
    fn each<const WANTED: bool>(
        mut self,
        gradients: &mut [f64],
        gradient_stride: usize,
        mut f: impl FnMut(&[f64], &mut [f64]) -> Result<f64, SampleStatus>,
    ) {
        for index in 0..self.statuses.len() {
            if self.statuses[index] != sys::SAMPLE_INTERNAL {
                continue;
            }
            if self.watch.requested() {
                cancel(&mut self.statuses[index..]);
                break;
            }
            let position = &self.positions[index * self.position_stride..][..self.width];
            if !position.iter().all(|r| r.is_finite()) {
                self.statuses[index] = SampleStatus::NonFiniteInput as i32;
                continue;
            }
            let gradient = &mut gradients[index * gradient_stride..][..self.width];
            gradient.fill(0.0);
            self.statuses[index] = match f(position, gradient) {
                Ok(energy) => {
                    let place = self.energies.as_deref_mut().map(|energies| &mut energies[index]);
                    settle(place, energy, if WANTED { gradient } else { &[] })
                }
                Err(status) => status as i32,
            };
        }
    }
}

/// The status "cancelled" for all that is not settled.
#[cold]
fn cancel(statuses: &mut [i32]) {
    let open = statuses.iter_mut().filter(|status| **status == sys::SAMPLE_INTERNAL);
    open.for_each(|status| *status = SampleStatus::Cancelled as i32);
}

/// Iterator over the configurations of a [`Batch`].
#[derive(Debug)]
pub struct Samples<'a> {
    next: usize,
    width: usize,
    positions: Positions<'a>,
    position_stride: usize,
    box_rows: Rows<'a>,
    parameters: Rows<'a>,
    outputs: &'a [Option<OutputRows<'a>>],
    stop: Stop<'a>,
    seed: u64,
    first: u64,
    energies: Option<&'a mut [f64]>,
    gradients: Option<Gradients<'a>>,
    gradient_stride: usize,
    statuses: &'a mut [i32],
}

impl<'a> Samples<'a> {
    /// The next configuration, whatever its state.
    #[inline]
    fn take(&mut self) -> Option<Sample<'a>> {
        let (status, statuses) = std::mem::take(&mut self.statuses).split_first_mut()?;
        self.statuses = statuses;
        let index = self.next;
        self.next += 1;
        let energy = match self.energies.take().and_then(<[f64]>::split_first_mut) {
            Some((energy, rest)) => {
                self.energies = Some(rest);
                Some(energy)
            }
            None => None,
        };
        let gradient = match self.gradients.take() {
            Some(Gradients::F64(values)) => {
                let (row, rest) = split_row(values, self.gradient_stride, self.width);
                self.gradients = Some(Gradients::F64(rest));
                Some(Gradients::F64(row))
            }
            Some(Gradients::F32(values)) => {
                let (row, rest) = split_row(values, self.gradient_stride, self.width);
                self.gradients = Some(Gradients::F32(rest));
                Some(Gradients::F32(row))
            }
            None => None,
        };
        let start = index * self.position_stride;
        let positions = match self.positions {
            Positions::F64(values) => Positions::F64(&values[start..start + self.width]),
            Positions::F32(values) => Positions::F32(&values[start..start + self.width]),
        };
        Some(Sample {
            index,
            positions,
            box_rows: self.box_rows.row(index),
            parameters: self.parameters.row(index).unwrap_or(&[]),
            stream: Stream { seed: self.seed, index: self.first.wrapping_add(index as u64) },
            stop: self.stop,
            // SAFETY: this iterator borrows the batch exclusively, and hands out each configuration once.
            outputs: unsafe { OutputRow::new(self.outputs, index) },
            energy,
            gradient,
            status,
        })
    }
}

impl<'a> Iterator for Samples<'a> {
    type Item = Sample<'a>;

    #[inline]
    fn next(&mut self) -> Option<Sample<'a>> {
        loop {
            let sample = self.take()?;
            if *sample.status != sys::SAMPLE_INTERNAL {
                continue;
            }
            if sample.positions.are_finite() {
                return Some(sample);
            }
            sample.fail(SampleStatus::NonFiniteInput);
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.statuses.len()))
    }
}

/// The first row of `width` elements, and what begins at the next one; the last row ends the buffer.
#[inline]
fn split_row<T>(values: &mut [T], stride: usize, width: usize) -> (&mut [T], &mut [T]) {
    let (row, rest) = values.split_at_mut(stride.min(values.len()));
    (&mut row[..width], rest)
}
