//! Batches of positions to coordinates and back.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::System;
use super::energy::row;
use super::error::{FrameError, SystemError};

/// Configurations that one thread takes at a time.
const GRAIN: usize = 32;

/// A batch in coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Internal {
    /// Coarse coordinates, in their units; torsions in `[-pi, pi)`. `[n, S]`.
    pub s: Array2<f64>,
    /// Fine coordinates, standardised. `[n, D]`.
    pub x: Array2<f64>,
    /// `ln|dr/d(s, x)|`, up to the constant of rigid motion. `[n]`.
    pub ladj: Array1<f64>,
}

/// A batch of positions made from coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Cartesian {
    /// Positions, NaN where `inside` is false. `[n, atoms * dimensions]`.
    pub r: Array2<f64>,
    /// `ln|dr/d(s, x)|`, `-inf` where `inside` is false. `[n]`.
    pub ladj: Array1<f64>,
    /// Whether the coordinates were inside their domain: bonds positive, angles in `(0, pi)`, narrow torsions not
    /// beyond their cut, all finite.
    pub inside: Vec<bool>,
}

impl System {
    /// Sets means and scales of the fine coordinates from frames `[n, atoms * dimensions]` (nm), and which torsions are
    /// narrow (`Line`, cut opposite to the mean) or free (`Circle`). Called once, before the flow is made.
    ///
    /// # Errors
    /// There are no frames, their width is wrong, or one has no internal coordinates.
    pub fn standardise(&mut self, r: ArrayView2<'_, f64>) -> Result<(), SystemError> {
        self.check_positions("frames", r)?;
        if r.nrows() == 0 {
            return Err(SystemError::NoFrames);
        }
        self.coordinates.standardise(r).map_err(|(frame, reason)| FrameError { frame, reason })?;
        Ok(())
    }

    /// Coordinates of positions `r` (`[n, atoms * dimensions]`, nm).
    ///
    /// Methyl-like hydrogens are relabelled so that their rotor is in its third of the circle; `to_cartesian` then gives
    /// the relabelled positions.
    ///
    /// # Errors
    /// The width is wrong, or a frame has no coordinates: a number that is not finite, atoms in one place or on a line.
    pub fn to_internal(&self, r: ArrayView2<'_, f64>) -> Result<Internal, SystemError> {
        self.require_internal()?;
        self.check_positions("r", r)?;
        let n = r.nrows();
        let r = r.as_standard_layout();
        let mut s = Array2::zeros((n, self.coarse.len()));
        let mut x = Array2::zeros((n, self.fine_names.len()));
        let mut ladj = Array1::zeros(n);
        let rows = s.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter_mut(Axis(0)).into_par_iter());
        let ladj_slice = ladj.as_slice_mut().expect("a fresh array is contiguous");
        rows.zip(ladj_slice.par_iter_mut()).enumerate().with_min_len(GRAIN).try_for_each_init(
            || self.coordinates.scratch(),
            |scratch, (frame, ((mut s, mut x), ladj))| {
                let s = s.as_slice_mut().expect("rows of a fresh array are contiguous");
                let x = x.as_slice_mut().expect("rows of a fresh array are contiguous");
                let encoded = self.coordinates.encode(row(&r, frame), scratch, s, x);
                *ladj = encoded.map_err(|reason| FrameError { frame, reason })?;
                Ok::<(), FrameError>(())
            },
        )?;
        Ok(Internal { s, x, ladj })
    }

    /// Positions of `s` (`[n, S]`) and `x` (`[n, D]`).
    ///
    /// For molecules the first seed atom is at the origin, the second on the x axis, the third in the xy plane.
    ///
    /// # Errors
    /// The shapes are wrong.
    pub fn to_cartesian(
        &self,
        s: ArrayView2<'_, f64>,
        x: ArrayView2<'_, f64>,
    ) -> Result<Cartesian, SystemError> {
        self.check_coordinates(s, x)?;
        let (n, size, width) = (s.nrows(), self.size(), self.coordinates.width());
        let (s, x) = (s.as_standard_layout(), x.as_standard_layout());
        let mut r = vec![0.0; n * size];
        let mut ladj = vec![f64::NEG_INFINITY; n];
        (r.par_chunks_exact_mut(size), &mut ladj)
            .into_par_iter()
            .enumerate()
            .with_min_len(GRAIN)
            .for_each_init(
                || vec![0.0; width],
                |q, (i, (r, ladj))| match self.coordinates.decode(row(&s, i), row(&x, i), q, r) {
                    Some(value) => *ladj = value,
                    None => r.fill(f64::NAN),
                },
            );
        let inside = ladj.iter().map(|value| value.is_finite()).collect();
        let r = Array2::from_shape_vec((n, size), r).expect("the buffer has n rows of size numbers");
        Ok(Cartesian { r, ladj: Array1::from_vec(ladj), inside })
    }

    /// `s` (`[S]`) of one configuration `r` (`[atoms * dimensions]`, nm) and its gradient `ds_dr`
    /// (`[S][atoms * dimensions]`), for biased dynamics. Not finite where atoms coincide or are on a line.
    ///
    /// # Panics
    /// A slice has the wrong length.
    pub fn coarse_with_gradient(&self, r: &[f64], s: &mut [f64], ds_dr: &mut [f64]) {
        let size = self.size();
        assert!(
            r.len() == size && s.len() == self.coarse.len() && ds_dr.len() == s.len() * size,
            "coarse_with_gradient: r, s and ds_dr fit the system"
        );
        ds_dr.fill(0.0);
        for ((s, variable), gradient) in s.iter_mut().zip(&self.variables).zip(ds_dr.chunks_exact_mut(size)) {
            *s = variable.add_gradient(r, 1.0, gradient);
        }
    }

    /// Refuses what needs coarse variables that are coordinates.
    pub(super) fn require_internal(&self) -> Result<(), SystemError> {
        self.not_internal.clone().map_or(Ok(()), |reason| Err(reason.into()))
    }

    pub(super) fn check_positions(
        &self,
        array: &'static str,
        r: ArrayView2<'_, f64>,
    ) -> Result<(), SystemError> {
        let (expected, found) = (self.size(), r.ncols());
        if expected == found { Ok(()) } else { Err(SystemError::Shape { array, expected, found }) }
    }

    pub(super) fn check_coordinates(
        &self,
        s: ArrayView2<'_, f64>,
        x: ArrayView2<'_, f64>,
    ) -> Result<(), SystemError> {
        self.require_internal()?;
        for (array, expected, found) in
            [("s", self.coarse.len(), s.ncols()), ("x", self.fine_names.len(), x.ncols())]
        {
            if expected != found {
                return Err(SystemError::Shape { array, expected, found });
            }
        }
        if s.nrows() == x.nrows() { Ok(()) } else { Err(SystemError::Rows { s: s.nrows(), x: x.nrows() }) }
    }
}
