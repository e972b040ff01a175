//! The transform of a system: internal or linear.

use ndarray::ArrayView2;

use super::internal::InternalCoordinates;
use super::linear::LinearCoordinates;
use super::scale::Scale;
use super::z_matrix::Degenerate;

/// `r <-> (s, x)`. Rows are slices: `r` of `size`, `s` and `x` as many as there are coarse and fine coordinates.
#[derive(Debug, Clone)]
pub(crate) enum Coordinates {
    Internal(Box<InternalCoordinates>),
    Linear(LinearCoordinates),
}

/// Room for one configuration on its way.
pub(crate) struct Scratch {
    q: Vec<f64>,
    work: Vec<f64>,
}

impl Coordinates {
    /// Numbers in one configuration.
    pub fn size(&self) -> usize {
        match self {
            Self::Internal(map) => 3 * map.z_matrix().atoms(),
            Self::Linear(map) => map.coarse().len() + map.fine().len(),
        }
    }

    /// Numbers of plain coordinates `q` of one configuration.
    pub fn width(&self) -> usize {
        self.coarse().len() + self.fine().len()
    }

    pub fn coarse(&self) -> &[usize] {
        match self {
            Self::Internal(map) => map.coarse(),
            Self::Linear(map) => map.coarse(),
        }
    }

    pub fn fine(&self) -> &[usize] {
        match self {
            Self::Internal(map) => map.fine(),
            Self::Linear(map) => map.fine(),
        }
    }

    pub fn scales(&self) -> &[Scale] {
        match self {
            Self::Internal(map) => map.scales(),
            Self::Linear(map) => map.scales(),
        }
    }

    pub fn set_scales(&mut self, scales: Vec<Scale>) {
        match self {
            Self::Internal(map) => map.set_scales(scales),
            Self::Linear(map) => map.set_scales(scales),
        }
    }

    pub fn standardise(&mut self, frames: ArrayView2<'_, f64>) -> Result<(), (usize, Degenerate)> {
        match self {
            Self::Internal(map) => map.standardise(frames),
            Self::Linear(map) => {
                let bad = |r: &[f64]| r.iter().position(|value| !value.is_finite());
                for (frame, r) in frames.rows().into_iter().enumerate() {
                    if let Some(atom) = bad(&r.to_vec()) {
                        return Err((frame, Degenerate::NotFinite { atom }));
                    }
                }
                map.standardise(frames);
                Ok(())
            }
        }
    }

    pub fn scratch(&self) -> Scratch {
        Scratch { q: vec![0.0; self.width()], work: vec![0.0; self.size()] }
    }

    /// `(s, x)` of `r`; returns `ladj`.
    pub fn encode(
        &self,
        r: &[f64],
        scratch: &mut Scratch,
        s: &mut [f64],
        x: &mut [f64],
    ) -> Result<f64, Degenerate> {
        match self {
            Self::Internal(map) => map.encode(r, &mut scratch.work, &mut scratch.q, s, x),
            Self::Linear(map) => match r.iter().position(|value| !value.is_finite()) {
                Some(atom) => Err(Degenerate::NotFinite { atom }),
                None => Ok(map.encode(r, s, x)),
            },
        }
    }

    /// `r` of `(s, x)` and `ladj`, or `None` outside the domain. `q` is filled for `pull_back`.
    pub fn decode(&self, s: &[f64], x: &[f64], q: &mut [f64], r: &mut [f64]) -> Option<f64> {
        match self {
            Self::Internal(map) => map.decode(s, x, q, r),
            Self::Linear(map) => map.decode(s, x, q, r),
        }
    }

    /// Gradient of `u - ladj` in `(s, x)`, from that of `u` in `r`, which is used up.
    pub fn pull_back(
        &self,
        q: &[f64],
        r: &[f64],
        gradient: &mut [f64],
        scratch: &mut Scratch,
        gradient_s: &mut [f64],
        gradient_x: &mut [f64],
    ) {
        match self {
            Self::Internal(map) => map.pull_back(q, r, gradient, &mut scratch.q, gradient_s, gradient_x),
            Self::Linear(map) => map.pull_back(gradient, gradient_s, gradient_x),
        }
    }
}
