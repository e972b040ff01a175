//! Energies and gradients of batches, in kT.

use freeland_loader::Request;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::System;
use super::energy_calls::Phase;
use super::error::SystemError;

/// Configurations that one thread takes at a time; one takes a few microseconds.
const GRAIN: usize = 16;
/// Status of a configuration that holds NaN or an infinity (`EPP_SAMPLE_NON_FINITE_INPUT`).
pub const STATUS_NOT_FINITE: i32 = 1;
/// Status of a configuration outside the coordinates' or the plugin's domain (`EPP_SAMPLE_OUTSIDE_DOMAIN`).
pub const STATUS_OUTSIDE: i32 = 2;

/// Reduced energies of a batch in coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct ReducedEnergies {
    /// `v = u - ladj`, so that `p(x | s) ∝ exp(-v)`; kT, `+inf` where `status` is not 0. `[n]`.
    pub v: Array1<f64>,
    /// `u` of the configuration itself, kT, `+inf` where `status` is not 0. `[n]`.
    pub u_kt: Array1<f64>,
    /// `dv/dx` at fixed s, kT; zero where `status` is not 0. `[n, D]`.
    pub gradient_x: Array2<f64>,
    /// 0, or why there is no energy: the plugin's status, or [`STATUS_NOT_FINITE`] and [`STATUS_OUTSIDE`] for those
    /// that were not sent to it. `[n]`.
    pub status: Array1<i32>,
}

/// Energies of a batch of positions.
#[derive(Debug, Clone, PartialEq)]
pub struct CartesianEnergies {
    /// `u = U / kT`; `+inf` where `status` is not 0. `[n]`.
    pub u_kt: Array1<f64>,
    /// `du/dr`, kT/nm; zero where `status` is not 0. `[n, atoms * dimensions]`.
    pub gradient: Array2<f64>,
    /// 0, or the plugin's status. `[n]`.
    pub status: Array1<i32>,
}

impl System {
    /// `v = u - ladj` of `s` (`[n, S]`) and `x` (`[n, D]`) with its gradient in `x`: one call of the plugin for the batch.
    ///
    /// Configurations outside the domain of the coordinates are not sent. All others are counted under `phase`.
    ///
    /// # Errors
    /// The arrays have the wrong shape, or the plugin fails as a whole.
    pub fn reduced_energy(
        &self,
        s: ArrayView2<'_, f64>,
        x: ArrayView2<'_, f64>,
        phase: Phase,
    ) -> Result<ReducedEnergies, SystemError> {
        self.check_coordinates(s, x)?;
        let (n, size, width) = (s.nrows(), self.coordinates.size(), self.coordinates.width());
        let (s, x) = (s.as_standard_layout(), x.as_standard_layout());
        let mut r = vec![0.0; n * size];
        let mut q = vec![0.0; n * width];
        let mut ladj = vec![f64::NAN; n];
        (r.par_chunks_exact_mut(size), q.par_chunks_exact_mut(width), &mut ladj)
            .into_par_iter()
            .enumerate()
            .with_min_len(GRAIN)
            .for_each(|(i, (r, q, ladj))| {
                let (s, x) = (row(&s, i), row(&x, i));
                *ladj = self.coordinates.decode(s, x, q, r).unwrap_or(f64::NAN);
            });
        let valid: Vec<usize> = (0..n).filter(|i| ladj[*i].is_finite()).collect();
        let mut status: Array1<i32> = (0..n)
            .map(|i| {
                match (ladj[i].is_finite(), row(&s, i).iter().chain(row(&x, i)).all(|v| v.is_finite())) {
                    (true, _) => 0,
                    (false, true) => STATUS_OUTSIDE,
                    (false, false) => STATUS_NOT_FINITE,
                }
            })
            .collect();
        let sent: Vec<f64>;
        let positions = if valid.len() == n {
            &r
        } else {
            sent = valid.iter().flat_map(|i| r[i * size..(i + 1) * size].iter().copied()).collect();
            &sent
        };
        let count = valid.len();
        let (mut energies, mut statuses) = (vec![0.0; count], vec![0; count]);
        let mut slopes = vec![0.0; count * size];
        self.call(positions, &mut energies, &mut slopes, &mut statuses, phase)?;

        let mut v = Array1::from_elem(n, f64::INFINITY);
        let mut u_kt = v.clone();
        let mut gradient_x = Array2::zeros((n, self.fine_names.len()));
        // Scattered back, then pulled back row by row.
        let mut gradients = vec![0.0; n * size];
        for (k, i) in valid.iter().copied().enumerate() {
            status[i] = statuses[k];
            if status[i] == 0 {
                u_kt[i] = energies[k] / self.kt;
                v[i] = u_kt[i] - ladj[i];
                gradients[i * size..(i + 1) * size].copy_from_slice(&slopes[k * size..(k + 1) * size]);
            }
        }
        drop(slopes);
        let rows = gradient_x
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(gradients.par_chunks_exact_mut(size))
            .enumerate()
            .with_min_len(GRAIN);
        rows.for_each_init(
            || (self.coordinates.scratch(), vec![0.0; self.coarse.len()]),
            |(scratch, in_s), (i, (mut out_x, gradient))| {
                if status[i] != 0 {
                    return;
                }
                gradient.iter_mut().for_each(|g| *g /= self.kt);
                let out_x = out_x.as_slice_mut().expect("rows of a fresh array are contiguous");
                let (q, r) = (&q[i * width..(i + 1) * width], &r[i * size..(i + 1) * size]);
                self.coordinates.pull_back(q, r, gradient, scratch, in_s, out_x);
            },
        );
        Ok(ReducedEnergies { v, u_kt, gradient_x, status })
    }

    /// `u` of positions `r` (`[n, atoms * dimensions]`, nm) with its gradient, for dynamics.
    ///
    /// # Errors
    /// `r` has the wrong width, or the plugin fails as a whole.
    pub fn cartesian_energy(
        &self,
        r: ArrayView2<'_, f64>,
        phase: Phase,
    ) -> Result<CartesianEnergies, SystemError> {
        self.check_positions("r", r)?;
        let (n, size) = r.dim();
        let r = r.as_standard_layout();
        let positions = r.as_slice().expect("standard layout is contiguous");
        let (mut u_kt, mut gradient, mut status) = (vec![0.0; n], vec![0.0; n * size], vec![0; n]);
        self.cartesian_energy_into(positions, &mut u_kt, &mut gradient, &mut status, phase)?;
        let gradient = Array2::from_shape_vec((n, size), gradient).expect("a row for every configuration");
        Ok(CartesianEnergies { u_kt: Array1::from_vec(u_kt), gradient, status: Array1::from_vec(status) })
    }

    /// As [`cartesian_energy`](Self::cartesian_energy), in buffers of the caller's; nothing is allocated.
    ///
    /// `positions` and `gradient`: `[n][atoms * dimensions]`, packed, nm and kT/nm; `u_kt` and `status`: `[n]`.
    ///
    /// # Errors
    /// The buffers do not fit each other, or the plugin fails as a whole.
    pub fn cartesian_energy_into(
        &self,
        positions: &[f64],
        u_kt: &mut [f64],
        gradient: &mut [f64],
        status: &mut [i32],
        phase: Phase,
    ) -> Result<(), SystemError> {
        self.call(positions, u_kt, gradient, status, phase)?;
        for (u, status) in u_kt.iter_mut().zip(status) {
            *u = if *status == 0 { *u / self.kt } else { f64::INFINITY };
        }
        gradient.iter_mut().for_each(|g| *g /= self.kt);
        Ok(())
    }
}

impl System {
    /// One call of the plugin, counted. Where energies are draws from a distribution, every configuration ever sent has a
    /// draw of its own.
    fn call(
        &self,
        positions: &[f64],
        energies: &mut [f64],
        gradients: &mut [f64],
        status: &mut [i32],
        phase: Phase,
    ) -> Result<(), SystemError> {
        let mut request = Request::new(positions, status).energies(energies).gradients(gradients);
        if self.potential.info().uses_seed {
            request = request.seed(self.seed, self.calls.total());
        }
        self.calls.add(phase, request.count());
        self.potential.evaluate_into(request)?;
        self.calls.ended(status);
        Ok(())
    }
}

pub(super) fn row<'a>(array: &'a ndarray::CowArray<'_, f64, ndarray::Ix2>, i: usize) -> &'a [f64] {
    let width = array.ncols();
    let all = array.as_slice().expect("standard layout is contiguous");
    &all[i * width..(i + 1) * width]
}
