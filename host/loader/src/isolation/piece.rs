//! A piece of a batch: the configurations that one worker gets at once, and their way into and out of shared memory.

use std::collections::VecDeque;
use std::ops::Range;

use epp::sys;

use super::area::{Area, Job, Layout, Places};
use crate::facts::Facts;
use crate::request::{Gradients, Positions, Request, Which};
use crate::status::NO_STATUS;

/// Numbers in a box.
const BOX: usize = 9;

/// Configurations `from .. from + count` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: usize,
    pub(super) count: usize,
    /// How many workers were lost with it.
    pub(super) blamed: u32,
}

/// Cuts `count` configurations into pieces: as many as there are workers, equal, of whole multiples of what the plugin
/// prefers where that is not too coarse, and none larger than `most`. The cut depends on nothing else, so that a plugin
/// whose last bits depend on the batch gives the same ones every time.
pub(super) fn cut(count: usize, workers: usize, most: usize, preferred: Option<usize>) -> VecDeque<Piece> {
    let mut share = count.div_ceil(workers).max(1);
    if let Some(preferred) = preferred.filter(|preferred| (1..=share).contains(preferred)) {
        share = share.next_multiple_of(preferred);
    }
    let share = share.min(most);
    let starts = (0..count).step_by(share);
    starts.map(|from| Piece { from, count: share.min(count - from), blamed: 0 }).collect()
}

impl Piece {
    pub(super) fn rows(&self) -> Range<usize> {
        self.from..self.from + self.count
    }

    /// Its two halves; `None` of a single configuration.
    pub(super) fn halves(&self) -> Option<(Self, Self)> {
        let first = self.count / 2;
        (first > 0).then(|| {
            let part = |from, count| Self { from, count, blamed: self.blamed };
            (part(self.from, first), part(self.from + first, self.count - first))
        })
    }

    /// The stretches of it whose every configuration is `wanted`, in order.
    pub(super) fn runs(&self, wanted: impl Fn(usize) -> bool) -> VecDeque<Self> {
        let mut runs: VecDeque<Self> = VecDeque::new();
        for index in self.rows().filter(|&index| wanted(index)) {
            match runs.back_mut() {
                Some(run) if run.from + run.count == index => run.count += 1,
                _ => runs.push_back(Self { from: index, count: 1, blamed: self.blamed }),
            }
        }
        runs
    }

    /// Puts its inputs into the buffers, and says what is to be done with them.
    pub(super) fn load(&self, request: &Request<'_>, facts: &Facts, area: &Area, layout: &Layout) -> Job {
        let row = facts.info.atoms * facts.info.dimensions;
        assert!(self.count <= layout.capacity, "pieces are cut to fit");
        let stride = if request.position_stride == 0 { row } else { request.position_stride };
        let dtype = match request.positions {
            Positions::F64(values) => {
                put(values, stride, row, self.rows(), area.buffer(layout.positions));
                sys::DTYPE_F64
            }
            Positions::F32(values) => {
                put(values, stride, row, self.rows(), area.buffer(layout.positions));
                sys::DTYPE_F32
            }
        };
        let rows = |values: Option<&[f64]>, stride, width, place| match (values, stride) {
            (None, _) => 0,
            (Some(_), _) if width == 0 => 0,
            (Some(values), 0) => {
                put(values, 0, width, 0..1, area.buffer(place));
                1
            }
            (Some(values), stride) => {
                put(values, stride, width, self.rows(), area.buffer(place));
                2
            }
        };
        let boxes = rows(request.box_rows, request.box_stride, BOX, layout.boxes);
        let names = facts.parameters.len();
        let parameters = rows(request.parameters, request.parameter_stride, names, layout.parameters);
        let statuses = area.buffer::<i32>(layout.statuses);
        // SAFETY: there is room for `capacity` statuses, and the worker is idle.
        unsafe { std::slice::from_raw_parts_mut(statuses, self.count) }.fill(NO_STATUS);
        if !request.outputs.is_empty() {
            let mut places = Places::default();
            for wanted in &request.outputs {
                if let Which::Place(place) = wanted.which {
                    places.insert(place);
                }
            }
            area.set_outputs(places);
        }
        let bit = |wanted: bool, bit| if wanted { bit } else { 0 };
        let want = bit(request.energies.is_some(), sys::WANT_ENERGY)
            | bit(request.gradients.is_some(), sys::WANT_GRADIENT);
        Job {
            count: self.count as u64,
            dtype,
            want,
            boxes,
            parameters,
            seed: request.seed,
            first: request.first.wrapping_add(self.from as u64),
            outputs: bit(!request.outputs.is_empty(), 1),
            ..Job::default()
        }
    }

    /// Takes its results out of the buffers, as they are.
    pub(super) fn unload(&self, request: &mut Request<'_>, facts: &Facts, area: &Area, layout: &Layout) {
        let row = facts.info.atoms * facts.info.dimensions;
        let rows = self.rows();
        take(area.buffer(layout.statuses), 1, request.statuses, 1, rows.clone());
        for wanted in &mut request.outputs {
            let Which::Place(place) = wanted.which else { continue };
            let width = facts.width(place);
            take(area.buffer(output(layout, facts, place)), width, wanted.values, width, rows.clone());
        }
        if let Some(energies) = request.energies.as_deref_mut() {
            take(area.buffer(layout.energies), 1, energies, 1, rows.clone());
        }
        let stride = if request.gradient_stride == 0 { row } else { request.gradient_stride };
        match &mut request.gradients {
            None => {}
            Some(Gradients::F64(values)) => take(area.buffer(layout.gradients), row, values, stride, rows),
            Some(Gradients::F32(values)) => take(area.buffer(layout.gradients), row, values, stride, rows),
        }
    }
}

/// Where the buffer of an output lies, by its place.
pub(super) fn output(layout: &Layout, facts: &Facts, place: usize) -> usize {
    let before: usize = (0..place).map(|place| facts.width(place)).sum();
    layout.outputs + size_of::<f64>() * before * layout.capacity
}

/// Copies rows of the caller's into a buffer, where they are packed.
fn put<T: Copy>(values: &[T], stride: usize, width: usize, rows: Range<usize>, buffer: *mut T) {
    if stride == width && !rows.is_empty() {
        let values = &values[rows.start * width..rows.end * width];
        // SAFETY: the buffer has room for `width` numbers of every configuration of a piece. The worker does not use it
        // now; a plugin that writes all the same spoils its own input.
        unsafe { values.as_ptr().copy_to_nonoverlapping(buffer, values.len()) }
        return;
    }
    for (to, from) in rows.enumerate() {
        let values = &values[from * stride..from * stride + width];
        // SAFETY: as above.
        unsafe { values.as_ptr().copy_to_nonoverlapping(buffer.add(to * width), width) }
    }
}

/// Copies packed rows of a buffer to rows of the caller's.
fn take<T: Copy>(buffer: *const T, width: usize, values: &mut [T], stride: usize, rows: Range<usize>) {
    if stride == width && !rows.is_empty() {
        let values = &mut values[rows.start * width..rows.end * width];
        // SAFETY: as for `put`; any bits are a number, and what they mean is checked after they were copied.
        unsafe { buffer.copy_to_nonoverlapping(values.as_mut_ptr(), values.len()) }
        return;
    }
    for (from, to) in rows.enumerate() {
        let values = &mut values[to * stride..to * stride + width];
        // SAFETY: as above.
        unsafe { buffer.add(from * width).copy_to_nonoverlapping(values.as_mut_ptr(), width) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pieces: &VecDeque<Piece>) -> Vec<(usize, usize)> {
        pieces.iter().map(|piece| (piece.from, piece.count)).collect()
    }

    #[test]
    fn a_batch_is_cut_evenly_to_what_fits() {
        assert_eq!(shape(&cut(7, 2, 100, None)), [(0, 4), (4, 3)]);
        assert_eq!(shape(&cut(20, 2, 100, Some(8))), [(0, 16), (16, 4)]);
        assert_eq!(shape(&cut(3, 2, 100, Some(8))), [(0, 2), (2, 1)]);
        assert_eq!(shape(&cut(7, 1, 3, None)), [(0, 3), (3, 3), (6, 1)]);
        assert!(cut(0, 4, 3, None).is_empty());
        assert_eq!(shape(&cut(3, 1, 100, Some(0))), [(0, 3)], "no preference that is refused matters");
    }

    #[test]
    fn halves_and_runs_cover_what_they_must() {
        let piece = Piece { from: 10, count: 5, blamed: 1 };
        let (first, second) = piece.halves().unwrap();
        assert_eq!((first.rows(), second.rows(), second.blamed), (10..12, 12..15, 1));
        assert_eq!(Piece { from: 0, count: 1, blamed: 0 }.halves(), None);
        assert_eq!(shape(&piece.runs(|index| index != 12)), [(10, 2), (13, 2)]);
    }
}
