//! Buffers of a batch: their strides, their lengths, and whether they overlap.
use std::mem::size_of;

use super::failure::Failure;

/// The memory of one buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    name: &'static str,
    start: usize,
    end: usize,
}

impl Span {
    /// From the first element to the last.
    #[inline]
    pub(super) fn new<T>(name: &'static str, data: *const T, elements: usize) -> Self {
        let start = data.addr();
        Self { name, start, end: start.saturating_add(elements * size_of::<T>()) }
    }

    #[inline]
    fn meets(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Refuses buffers to be written that overlap each other, or one that is read.
#[inline]
pub(super) fn refuse_overlaps(written: &[Span], read: &[Span]) -> Result<(), Failure> {
    for (place, one) in written.iter().enumerate() {
        if let Some(other) = written[..place].iter().chain(read).find(|other| one.meets(other)) {
            return Err(overlap(one, other));
        }
    }
    Ok(())
}

#[cold]
fn overlap(one: &Span, other: &Span) -> Failure {
    Failure::invalid(format!("evaluate: {} overlaps {}", one.name, other.name))
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
