//! Rows of numbers in a caller's buffers, one for each configuration.
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Rows to read: one for each configuration (`stride` apart), or one for all (`stride` 0), or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) values: Option<&'a [f64]>,
    pub(crate) stride: usize,
    pub(crate) width: usize,
}

impl<'a> Rows<'a> {
    #[inline]
    pub(crate) fn row(&self, index: usize) -> Option<&'a [f64]> {
        let start = index * self.stride;
        self.values.map(|values| &values[start..start + self.width])
    }
}

/// The places of one output: a row to write for each configuration, all apart from each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputRows<'a> {
    data: NonNull<f64>,
    stride: usize,
    width: usize,
    marker: PhantomData<&'a mut [f64]>,
}

// SAFETY: a row is reached only through the object that stands for its configuration, of which there is one at a time.
unsafe impl Send for OutputRows<'_> {}
// SAFETY: as above.
unsafe impl Sync for OutputRows<'_> {}

impl<'a> OutputRows<'a> {
    /// # Safety
    /// Aligned and writable throughout `'a`, by nobody else, for as many rows as will be asked for; `stride >= width`.
    pub(crate) unsafe fn new(data: NonNull<f64>, stride: usize, width: usize) -> Self {
        Self { data, stride, width, marker: PhantomData }
    }

    /// # Safety
    /// The row is there, and nobody else holds it meanwhile.
    #[inline]
    pub(crate) unsafe fn row<'b>(self, index: usize) -> &'b mut [f64] {
        // SAFETY: by the promise of `new` and of the caller.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(index * self.stride).as_ptr(), self.width) }
    }
}

/// The rows of one configuration, in the order of the potential's outputs; `None` where one is not wanted, and empty where
/// none is.
#[derive(Debug)]
pub(crate) struct OutputRow<'a> {
    outputs: &'a [Option<OutputRows<'a>>],
    index: usize,
}

impl<'a> OutputRow<'a> {
    /// # Safety
    /// The only one for this configuration while it lives.
    #[inline]
    pub(crate) unsafe fn new(outputs: &'a [Option<OutputRows<'a>>], index: usize) -> Self {
        Self { outputs, index }
    }

    #[inline]
    pub(crate) fn get(&mut self, output: usize) -> Option<&mut [f64]> {
        // SAFETY: by the promise of `new`, and `self` is borrowed exclusively.
        self.outputs.get(output).copied().flatten().map(|rows| unsafe { rows.row(self.index) })
    }

    /// Whether all that is wanted is finite.
    #[inline]
    pub(crate) fn is_finite(&mut self) -> bool {
        (0..self.outputs.len())
            .all(|output| self.get(output).is_none_or(|row| row.iter().all(|value| value.is_finite())))
    }

    /// NaN everywhere.
    pub(crate) fn blank(&mut self) {
        for output in 0..self.outputs.len() {
            if let Some(row) = self.get(output) {
                row.fill(f64::NAN);
            }
        }
    }
}
