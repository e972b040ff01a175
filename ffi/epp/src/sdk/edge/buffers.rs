//! Buffers of a batch: their strides, their lengths, and whether they overlap.
use std::mem::size_of;

use super::failure::Failure;

/// The memory of one buffer, from its first element to its last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// Meets nothing.
    pub(super) const NONE: Self = Self { start: usize::MAX, end: 0 };

    #[inline]
    pub(super) fn new<T>(data: *const T, elements: usize) -> Self {
        if elements == 0 {
            return Self::NONE;
        }
        let start = data.addr();
        Self { start, end: start.saturating_add(elements * size_of::<T>()) }
    }

    #[inline]
    fn meets(&self, other: &Self) -> bool {
        (self.start < other.end) & (other.start < self.end)
    }
}

/// Of energies and gradients, the names of what is written and of what is read.
const NAMES: [&str; 6] = ["statuses", "energies", "gradients", "positions", "box", "parameters"];

/// The buffers of every batch, in the order of [`NAMES`]: three that are written, three that are read.
pub(super) type Spans = [Span; 6];

/// Refuses buffers to be written that overlap each other, or one that is read.
#[inline(always)]
pub(super) fn refuse_overlaps(spans: Spans, outputs: &[Span]) -> Result<(), Failure> {
    let [statuses, energies, gradients, positions, cell, parameters] = &spans;
    let written = |read: &Span| statuses.meets(read) | energies.meets(read) | gradients.meets(read);
    let mut meet = statuses.meets(energies) | statuses.meets(gradients) | energies.meets(gradients);
    meet |= written(positions);
    // Most batches have neither.
    if (cell.end | parameters.end) != 0 {
        meet |= written(cell) | written(parameters);
    }
    if meet || !outputs.is_empty() { name_overlap(spans, outputs) } else { Ok(()) }
}

/// The same, one after the other, with the names of the two.
#[cold]
fn name_overlap(spans: Spans, outputs: &[Span]) -> Result<(), Failure> {
    let all: Vec<(&str, &Span)> =
        NAMES.into_iter().zip(&spans).chain(outputs.iter().map(|output| ("an output", output))).collect();
    for (place, (name, one)) in all.iter().enumerate() {
        // What is read may overlap.
        let reads = 3..NAMES.len();
        let before = all[..place].iter().enumerate();
        let met = before
            .into_iter()
            .find(|(other, (_, span))| one.meets(span) && !(reads.contains(&place) && reads.contains(other)));
        if let Some((_, (other_name, _))) = met {
            // What is written goes first.
            let (written, met) = if reads.contains(&place) { (other_name, name) } else { (name, other_name) };
            return Err(Failure::invalid(format!("evaluate: {written} overlaps {met}")));
        }
    }
    Ok(())
}

/// The stride meant by `given`; 0 stands for `zero`.
#[inline]
pub(super) fn stride(name: &str, given: u64, width: usize, zero: usize) -> Result<usize, Failure> {
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
pub(super) fn length(count: u64, stride: u64, width: usize) -> Option<usize> {
    let Some(last) = count.checked_sub(1) else { return Some(0) };
    let elements = last.checked_mul(stride)?.checked_add(width as u64)?;
    usize::try_from(elements).ok().filter(|&elements| elements <= isize::MAX as usize / size_of::<f64>())
}

/// # Safety
/// `values` is null, or readable for `length` elements throughout `'a`.
#[inline]
pub(super) unsafe fn slice<'a, T>(name: &str, values: *const T, length: usize) -> Result<&'a [T], Failure> {
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
pub(super) unsafe fn slice_mut<'a, T>(
    name: &str,
    values: *mut T,
    length: usize,
) -> Result<&'a mut [T], Failure> {
    if length == 0 {
        return Ok(&mut []);
    }
    if values.is_null() || !values.is_aligned() {
        return Err(no_buffer(name));
    }
    // SAFETY: not null, aligned, and by the caller's promise writable by us alone.
    Ok(unsafe { std::slice::from_raw_parts_mut(values, length) })
}
