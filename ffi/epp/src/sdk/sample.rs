//! One configuration of a batch.
use super::rows::OutputRow;
use super::{Stop, Stream};
use crate::sys;

/// Why one configuration has no energy. Its energy becomes NaN and its gradient zero; the others are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(i32)]
pub enum SampleStatus {
    /// A position, the box or a parameter is NaN or infinite.
    #[error("a position, the box or a parameter is not finite")]
    NonFiniteInput = sys::SAMPLE_NON_FINITE_INPUT,
    /// The potential is not defined there, or infinite by definition.
    #[error("outside the domain of the potential")]
    OutsideDomain = sys::SAMPLE_OUTSIDE_DOMAIN,
    /// The energy came out NaN or infinite.
    #[error("the energy is not finite")]
    EnergyNotFinite = sys::SAMPLE_ENERGY_NOT_FINITE,
    /// A component of the gradient, or another output, came out NaN or infinite.
    #[error("the gradient or another output is not finite")]
    GradientNotFinite = sys::SAMPLE_GRADIENT_NOT_FINITE,
    /// An iteration did not converge.
    #[error("not converged")]
    NotConverged = sys::SAMPLE_NOT_CONVERGED,
    /// Memory did not suffice.
    #[error("out of memory")]
    OutOfMemory = sys::SAMPLE_OUT_OF_MEMORY,
    /// The host asked to stop before it was this configuration's turn.
    #[error("cancelled")]
    Cancelled = sys::SAMPLE_CANCELLED,
    /// A bug in the plugin, or in something it uses.
    #[error("internal error of the plugin")]
    Internal = sys::SAMPLE_INTERNAL,
}

impl SampleStatus {
    /// The status with this number; `None` for 0 (good) and for numbers of later versions.
    pub fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            sys::SAMPLE_NON_FINITE_INPUT => Self::NonFiniteInput,
            sys::SAMPLE_OUTSIDE_DOMAIN => Self::OutsideDomain,
            sys::SAMPLE_ENERGY_NOT_FINITE => Self::EnergyNotFinite,
            sys::SAMPLE_GRADIENT_NOT_FINITE => Self::GradientNotFinite,
            sys::SAMPLE_NOT_CONVERGED => Self::NotConverged,
            sys::SAMPLE_OUT_OF_MEMORY => Self::OutOfMemory,
            sys::SAMPLE_CANCELLED => Self::Cancelled,
            sys::SAMPLE_INTERNAL => Self::Internal,
            _ => return None,
        })
    }
}

/// Positions in the caller's number type.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Positions<'a> {
    F64(&'a [f64]),
    F32(&'a [f32]),
}

impl Positions<'_> {
    #[inline]
    pub(crate) fn are_finite(&self) -> bool {
        match self {
            Positions::F64(positions) => positions.iter().all(|p| p.is_finite()),
            Positions::F32(positions) => positions.iter().all(|p| p.is_finite()),
        }
    }
}

/// Gradients in the caller's number type.
#[derive(Debug)]
pub(crate) enum Gradients<'a> {
    F64(&'a mut [f64]),
    F32(&'a mut [f32]),
}

/// One configuration and the places of its results. Its positions, its parameters and the rows of its box that count are
/// finite. It may be sent to another thread; it is finished or failed once,
/// and one that is simply dropped gets [`SampleStatus::Internal`].
#[derive(Debug)]
pub struct Sample<'a> {
    pub(crate) index: usize,
    pub(crate) positions: Positions<'a>,
    pub(crate) box_rows: Option<&'a [f64]>,
    pub(crate) parameters: &'a [f64],
    pub(crate) stream: Stream,
    pub(crate) stop: Stop<'a>,
    pub(crate) outputs: OutputRow<'a>,
    pub(crate) energy: Option<&'a mut f64>,
    pub(crate) gradient: Option<Gradients<'a>>,
    pub(crate) status: &'a mut i32,
}

impl<'a> Sample<'a> {
    /// Its place in the batch.
    #[inline]
    pub fn index(&self) -> usize {
        self.index
    }

    /// `[atoms][dimensions]`, nm; `None` where the caller's positions are f32.
    #[inline]
    pub fn positions_f64(&self) -> Option<&'a [f64]> {
        match self.positions {
            Positions::F64(positions) => Some(positions),
            Positions::F32(_) => None,
        }
    }

    /// `[atoms][dimensions]`, nm; `None` where the caller's positions are f64.
    #[inline]
    pub fn positions_f32(&self) -> Option<&'a [f32]> {
        match self.positions {
            Positions::F64(_) => None,
            Positions::F32(positions) => Some(positions),
        }
    }

    /// Copies the positions, whatever their type, to `target`, `[atoms][dimensions]`. Panics if its length is another.
    #[inline]
    pub fn read(&self, target: &mut [f64]) {
        match self.positions {
            Positions::F64(positions) => target.copy_from_slice(positions),
            Positions::F32(positions) => {
                assert_eq!(target.len(), positions.len(), "target of the wrong length");
                target.iter_mut().zip(positions).for_each(|(t, &p)| *t = f64::from(p));
            }
        }
    }

    /// Box vectors as rows, nm, right-handed and in any orientation; rows along which the potential is not periodic may be
    /// anything. `None` exactly where [`Info::periodic`](super::Info::periodic) is 0.
    pub fn box_rows(&self) -> Option<[[f64; 3]; 3]> {
        self.box_rows.map(|rows| {
            [[rows[0], rows[1], rows[2]], [rows[3], rows[4], rows[5]], [rows[6], rows[7], rows[8]]]
        })
    }

    /// Values of the global parameters, in the order of [`Potential::parameters`](super::Potential::parameters): the
    /// caller's, or the default values.
    pub fn parameters(&self) -> &'a [f64] {
        self.parameters
    }

    /// Where its random numbers come from.
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// The place of an output, by its index in [`Potential::outputs`](super::Potential::outputs), to be written before
    /// `finish`; `None` where it is not wanted. NaN on entry: a configuration whose output is forgotten, or not finite,
    /// gets [`SampleStatus::GradientNotFinite`].
    #[inline]
    pub fn output(&mut self, index: usize) -> Option<&mut [f64]> {
        self.outputs.get(index)
    }

    /// Whether the host asked to stop; if so, fail the sample with [`SampleStatus::Cancelled`].
    #[inline]
    pub fn stopped(&self) -> bool {
        self.stop.requested()
    }

    /// Hands in the results. What is not finite becomes the status that says so; what was not wanted is ignored.
    ///
    /// `energy` in kJ/mol; `gradient`: `[atoms][dimensions]`, kJ/mol/nm, converted to the caller's type (one that only
    /// f64 can hold counts as not finite). Panics if a gradient is wanted and this one has the wrong length.
    #[inline]
    pub fn finish(mut self, energy: f64, gradient: &[f64]) {
        let status = match self.gradient.take() {
            Some(Gradients::F64(target)) => {
                target.copy_from_slice(gradient);
                settle(self.energy.take(), energy, target)
            }
            Some(Gradients::F32(target)) => {
                assert_eq!(target.len(), gradient.len(), "gradient of the wrong length");
                target.iter_mut().zip(gradient).for_each(|(t, &g)| *t = g as f32);
                settle(self.energy.take(), energy, target)
            }
            None => settle::<f64>(self.energy.take(), energy, &[]),
        };
        self.end(status);
    }

    /// As [`finish`](Self::finish), with a gradient in single precision.
    #[inline]
    pub fn finish_f32(mut self, energy: f64, gradient: &[f32]) {
        let status = match self.gradient.take() {
            Some(Gradients::F64(target)) => {
                assert_eq!(target.len(), gradient.len(), "gradient of the wrong length");
                target.iter_mut().zip(gradient).for_each(|(t, &g)| *t = f64::from(g));
                settle(self.energy.take(), energy, target)
            }
            Some(Gradients::F32(target)) => {
                target.copy_from_slice(gradient);
                settle(self.energy.take(), energy, target)
            }
            None => settle::<f64>(self.energy.take(), energy, &[]),
        };
        self.end(status);
    }

    /// Writes the status; one that is good where an output is not finite becomes the one that says so.
    #[inline]
    fn end(mut self, status: i32) {
        let good = status != sys::SAMPLE_OK || self.outputs.is_finite();
        *self.status = if good { status } else { sys::SAMPLE_GRADIENT_NOT_FINITE };
    }

    /// Gives the configuration up.
    #[inline]
    pub fn fail(self, status: SampleStatus) {
        *self.status = status as i32;
    }
}

/// Writes the energy if its results are good; returns what is to be said of them, given the gradient as written.
#[inline]
pub(super) fn settle<T: Copy + Into<f64>>(target: Option<&mut f64>, energy: f64, gradient: &[T]) -> i32 {
    let gradient_is_finite = gradient.iter().all(|&g| g.into().is_finite());
    match target {
        Some(_) if !energy.is_finite() => sys::SAMPLE_ENERGY_NOT_FINITE,
        _ if !gradient_is_finite => sys::SAMPLE_GRADIENT_NOT_FINITE,
        Some(target) => {
            *target = energy;
            sys::SAMPLE_OK
        }
        None => sys::SAMPLE_OK,
    }
}
