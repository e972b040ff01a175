//! What is asked of a potential in one call, and what comes back.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Positions of the caller's, `[count][atoms][dimensions]`, nm (or the potential's own unit).
#[derive(Debug, Clone, Copy)]
pub enum Positions<'a> {
    /// Double precision: every potential takes it.
    F64(&'a [f64]),
    /// Single precision: where the potential takes it.
    F32(&'a [f32]),
}

impl Positions<'_> {
    /// The number of numbers.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Room of the caller's for gradients `+dE/dx`, of the type of the positions.
#[derive(Debug)]
pub enum Gradients<'a> {
    /// With [`Positions::F64`].
    F64(&'a mut [f64]),
    /// With [`Positions::F32`].
    F32(&'a mut [f32]),
}

impl Gradients<'_> {
    /// The number of numbers there is room for.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    /// Whether there is no room.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One call's work, in buffers of the caller's. The number of configurations is the length of `statuses`.
///
/// ```no_run
/// # fn example(potential: &freeland_loader::Potential) -> Result<(), freeland_loader::EvaluateError> {
/// let positions = [0.1, 0.2, 0.3, 0.4]; // two configurations of a two-dimensional toy
/// let (mut energies, mut gradients, mut statuses) = ([0.0; 2], [0.0; 4], [0; 2]);
/// potential.evaluate_into(
///     freeland_loader::Request::new(&positions, &mut statuses).energies(&mut energies).gradients(&mut gradients),
/// )?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Request<'a> {
    pub(crate) positions: Positions<'a>,
    pub(crate) position_stride: usize,
    pub(crate) box_rows: Option<&'a [f64]>,
    pub(crate) box_stride: usize,
    pub(crate) parameters: Option<&'a [f64]>,
    pub(crate) parameter_stride: usize,
    pub(crate) energies: Option<&'a mut [f64]>,
    pub(crate) gradients: Option<Gradients<'a>>,
    pub(crate) gradient_stride: usize,
    pub(crate) statuses: &'a mut [i32],
    pub(crate) cancel: Option<&'a AtomicU32>,
    pub(crate) deadline_ns: u64,
    pub(crate) seed: u64,
    pub(crate) first: u64,
    pub(crate) outputs: Vec<Wanted<'a>>,
}

/// An output that is wanted, and where it goes.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) which: Which<'a>,
    pub(crate) values: &'a mut [f64],
}

/// An output, by its name or by its place among [`Potential::outputs`](crate::Potential::outputs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// By its name.
    Name(&'a str),
    /// By its place, from 0.
    Place(usize),
}

impl<'a> From<&'a str> for Which<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl<'a> From<&'a String> for Which<'a> {
    fn from(name: &'a String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Which<'_> {
    fn from(place: usize) -> Self {
        Self::Place(place)
    }
}

impl<'a> Request<'a> {
    /// `positions`: `[count][atoms][dimensions]`, packed. `statuses`: `[count]`, written by every call.
    #[inline]
    pub fn new(positions: &'a [f64], statuses: &'a mut [i32]) -> Self {
        Self::of(Positions::F64(positions), statuses)
    }

    /// As [`Request::new`], in either precision.
    #[inline]
    pub fn of(positions: Positions<'a>, statuses: &'a mut [i32]) -> Self {
        Self {
            positions,
            position_stride: 0,
            box_rows: None,
            box_stride: 0,
            parameters: None,
            parameter_stride: 0,
            energies: None,
            gradients: None,
            gradient_stride: 0,
            statuses,
            cancel: None,
            deadline_ns: 0,
            seed: 0,
            first: 0,
            outputs: Vec::new(),
        }
    }

    /// Wants energies, `[count]`; NaN where the status is not 0.
    #[inline]
    pub fn energies(mut self, energies: &'a mut [f64]) -> Self {
        self.energies = Some(energies);
        self
    }

    /// Wants gradients, `[count][atoms][dimensions]`, packed; zeros where the status is not 0.
    #[inline]
    pub fn gradients(self, gradients: &'a mut [f64]) -> Self {
        self.gradients_of(Gradients::F64(gradients))
    }

    /// As [`Request::gradients`], in the precision of the positions.
    #[inline]
    pub fn gradients_of(mut self, gradients: Gradients<'a>) -> Self {
        self.gradients = Some(gradients);
        self
    }

    /// Wants an output too, from the same computation: `[count]` x its shape, packed; NaN where the status is not 0. Once
    /// for each output that is wanted.
    #[inline]
    pub fn output(mut self, which: impl Into<Which<'a>>, values: &'a mut [f64]) -> Self {
        self.outputs.push(Wanted { which: which.into(), values });
        self
    }

    /// Numbers from one configuration to the next in positions; 0: packed.
    #[inline]
    pub fn position_stride(mut self, stride: usize) -> Self {
        self.position_stride = stride;
        self
    }

    /// Numbers from one configuration to the next in gradients; 0: packed. What lies between stays as it is.
    #[inline]
    pub fn gradient_stride(mut self, stride: usize) -> Self {
        self.gradient_stride = stride;
        self
    }

    /// Box rows, `[3][3]` nm, and the numbers from one configuration's to the next; stride 0: the same for all.
    #[inline]
    pub fn box_rows(mut self, rows: &'a [f64], stride: usize) -> Self {
        self.box_rows = Some(rows);
        self.box_stride = stride;
        self
    }

    /// Global parameters in the order of [`Potential::parameters`](crate::Potential::parameters), and the numbers from
    /// one configuration's to the next; stride 0: the same for all.
    #[inline]
    pub fn parameters(mut self, values: &'a [f64], stride: usize) -> Self {
        self.parameters = Some(values);
        self.parameter_stride = stride;
        self
    }

    /// A flag that another thread sets to non-zero to stop the call; the rest gets status 7 (cancelled).
    #[inline]
    pub fn cancel(mut self, flag: &'a AtomicU32) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Stops the call, like [`Request::cancel`], this long from now.
    pub fn time_limit(self, limit: Duration) -> Self {
        let deadline = u128::from(monotonic_ns()) + limit.as_nanos();
        self.deadline_ns(u64::try_from(deadline).unwrap_or(u64::MAX))
    }

    /// As [`Request::time_limit`], at a time of [`monotonic_ns`]; 0: none.
    #[inline]
    pub fn deadline_ns(mut self, deadline: u64) -> Self {
        self.deadline_ns = deadline;
        self
    }

    /// For potentials that draw random numbers: configuration `i` draws from the stream `(seed, first + i)`, so that a batch
    /// may be cut up without changing anything.
    #[inline]
    pub fn seed(mut self, seed: u64, first: u64) -> Self {
        (self.seed, self.first) = (seed, first);
        self
    }
}

/// Now, in nanoseconds of the clock that deadlines are told in (`CLOCK_MONOTONIC`).
pub fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// What one call gives: a row per configuration, in the potential's units.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// `[count]`; NaN where the status is not 0, and only there.
    pub energies: Vec<f64>,
    /// `+dE/dx`, `[count][atoms][dimensions]`, zeros where the status is not 0; empty unless wanted.
    pub gradients: Vec<f64>,
    /// `[count]`, 0: ok; [`status_name`](crate::status_name) tells the others.
    pub statuses: Vec<i32>,
}

impl Evaluation {
    /// How many configurations have a status other than 0.
    pub fn failed(&self) -> usize {
        self.statuses.iter().filter(|&&status| status != 0).count()
    }
}
