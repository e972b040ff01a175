//! Internal coordinates split into coarse and fine ones, the fine ones standardised.

use ndarray::ArrayView2;

use super::angle::circular_mean_and_sd;
use super::rotor::Rotor;
use super::scale::{NARROW_TORSION_RAD, Scale, floored, mean_and_sd};
use super::z_matrix::{Degenerate, Measured, ZMatrix};

/// Standard deviations taken before frames have been seen (METHOD.md 4).
const USUAL_BOND_NM: f64 = 0.005;
const USUAL_ANGLE_RAD: f64 = 0.1;
const USUAL_OFFSET_RAD: f64 = 0.15;

/// The transform `r <-> (s, x)` of a molecule; `s` in nm and rad, `x` standardised.
#[derive(Debug, Clone)]
pub(crate) struct InternalCoordinates {
    z_matrix: ZMatrix,
    rotors: Vec<Rotor>,
    coarse: Vec<usize>,
    fine: Vec<usize>,
    scales: Vec<Scale>,
    /// For each rotor, the positions of its three torsions in `fine`: direction and two offsets.
    rotor_fine: Vec<[usize; 3]>,
    /// Sum of `ln dq/dx`.
    scale_ladj: f64,
}

impl InternalCoordinates {
    /// `coarse`: indices of coordinates of `z_matrix`. Scales are guesses about `start` (`[atoms][3]` nm) until
    /// `standardise` has seen frames.
    pub fn new(
        z_matrix: ZMatrix,
        rotors: Vec<Rotor>,
        coarse: Vec<usize>,
        start: Option<&[f64]>,
    ) -> Result<Self, Degenerate> {
        let fine: Vec<usize> = (0..z_matrix.coordinates()).filter(|index| !coarse.contains(index)).collect();
        let place = |index: usize| fine.iter().position(|other| *other == index);
        let rotor_fine = rotors
            .iter()
            .filter_map(|rotor| Some([place(rotor.torsion)?, place(rotor.offsets[0])?, place(rotor.offsets[1])?]))
            .collect();
        let mut new = Self { z_matrix, rotors, coarse, fine, scales: Vec::new(), rotor_fine, scale_ladj: 0.0 };
        let mut q = vec![f64::NAN; new.z_matrix.coordinates()];
        if let Some(start) = start {
            new.encode_raw(start, &mut start.to_vec(), &mut q)?;
        }
        let scales = new.fine.iter().map(|index| new.guess(*index, q[*index])).collect();
        new.set_scales(scales);
        Ok(new)
    }

    fn guess(&self, index: usize, at_start: f64) -> Scale {
        let or = |value: f64| if at_start.is_finite() { at_start } else { value };
        match self.z_matrix.measured(index) {
            Measured::Bond(_) => Scale::Line { mean: or(0.13), sd: USUAL_BOND_NM },
            Measured::Angle(_) => Scale::Line { mean: or(1.95), sd: USUAL_ANGLE_RAD },
            Measured::Torsion(_) if self.rotors.iter().any(|rotor| rotor.torsion == index) => Scale::Rotor,
            Measured::Torsion(_) if self.is_offset(index) && at_start.is_finite() => {
                Scale::NarrowTorsion { mean: at_start, sd: USUAL_OFFSET_RAD }
            }
            Measured::Torsion(_) => Scale::Torsion,
        }
    }

    /// Whether torsion `index` is measured from another atom on the same bond.
    fn is_offset(&self, index: usize) -> bool {
        let row = self.z_matrix.rows()[index / 3 - 1];
        let [_, b, _] = self.z_matrix.seed();
        let seed = self.z_matrix.seed().contains(&row.torsion) && row.bond == b;
        seed || self.z_matrix.rows().iter().any(|other| (other.atom, other.bond) == (row.torsion, row.bond))
    }

    pub fn z_matrix(&self) -> &ZMatrix {
        &self.z_matrix
    }

    pub fn coarse(&self) -> &[usize] {
        &self.coarse
    }

    pub fn fine(&self) -> &[usize] {
        &self.fine
    }

    pub fn scales(&self) -> &[Scale] {
        &self.scales
    }

    /// Replaces the scales; as many as there are fine coordinates.
    pub fn set_scales(&mut self, scales: Vec<Scale>) {
        self.scale_ladj = scales.iter().map(|scale| scale.slope().ln()).sum();
        self.scales = scales;
    }

    /// Sets every scale from frames `[n][atoms * 3]` (nm); torsions narrower than `NARROW_TORSION_RAD` become lines.
    ///
    /// Returns the frame and the reason where one has no internal coordinates.
    pub fn standardise(&mut self, frames: ArrayView2<'_, f64>) -> Result<(), (usize, Degenerate)> {
        let width = self.z_matrix.coordinates();
        let mut rows = vec![0.0; frames.nrows() * width];
        for (index, (frame, q)) in frames.rows().into_iter().zip(rows.chunks_exact_mut(width)).enumerate() {
            let frame = frame.to_vec();
            self.encode_raw(&frame, &mut frame.clone(), q).map_err(|reason| (index, reason))?;
        }
        let count = frames.nrows() as f64;
        let scales = self.fine.iter().map(|index| {
            let values = rows.chunks_exact(width).map(|q| q[*index]);
            match self.z_matrix.measured(*index) {
                _ if self.rotors.iter().any(|rotor| rotor.torsion == *index) => Scale::Rotor,
                Measured::Bond(_) => {
                    let (mean, sd) = mean_and_sd(values, USUAL_BOND_NM);
                    Scale::Line { mean, sd }
                }
                Measured::Angle(_) => {
                    let (mean, sd) = mean_and_sd(values, USUAL_ANGLE_RAD);
                    Scale::Line { mean, sd }
                }
                Measured::Torsion(_) => {
                    let (mean, sd) = circular_mean_and_sd(values);
                    let enough = count >= 10.0 || self.is_offset(*index);
                    if sd < NARROW_TORSION_RAD && enough {
                        Scale::NarrowTorsion { mean, sd: floored(sd, USUAL_OFFSET_RAD, count) }
                    } else {
                        Scale::Torsion
                    }
                }
            }
        });
        let scales = scales.collect();
        self.set_scales(scales);
        Ok(())
    }

    /// Plain internal coordinates of `r` with its rotors relabelled; `relabelled` is a copy of `r` to work in.
    fn encode_raw(&self, r: &[f64], relabelled: &mut [f64], q: &mut [f64]) -> Result<(), Degenerate> {
        relabelled.copy_from_slice(r);
        for rotor in &self.rotors {
            rotor.relabel(relabelled);
        }
        self.z_matrix.encode(relabelled, q)
    }

    /// `(s, x)` of `r`, and `ladj = ln|dr/d(s, x)|`; `work` holds `r` after relabelling, `q` the plain coordinates.
    pub fn encode(
        &self,
        r: &[f64],
        work: &mut [f64],
        q: &mut [f64],
        s: &mut [f64],
        x: &mut [f64],
    ) -> Result<f64, Degenerate> {
        self.encode_raw(r, work, q)?;
        let ladj = self.z_matrix.ladj(q);
        for (s, index) in s.iter_mut().zip(&self.coarse) {
            *s = match self.z_matrix.measured(*index) {
                Measured::Torsion(_) => super::angle::wrap(q[*index]),
                _ => q[*index],
            };
        }
        for (rotor, places) in self.rotors.iter().zip(&self.rotor_fine) {
            let [d2, d3] = rotor.offsets;
            q[d2] = self.scales[places[1]].nearest(q[d2]);
            q[d3] = self.scales[places[2]].nearest(q[d3]);
            q[rotor.torsion] += (q[d2] + q[d3]) / 3.0;
        }
        for ((x, index), scale) in x.iter_mut().zip(&self.fine).zip(&self.scales) {
            *x = scale.to_x(q[*index]);
        }
        Ok(ladj + self.scale_ladj)
    }

    /// `r` of `(s, x)` and `ladj`, or `None` outside the domain (see `ZMatrix::decode` and `Scale`). `q` is filled.
    pub fn decode(&self, s: &[f64], x: &[f64], q: &mut [f64], r: &mut [f64]) -> Option<f64> {
        for (s, index) in s.iter().zip(&self.coarse) {
            q[*index] = *s;
        }
        for ((x, index), scale) in x.iter().zip(&self.fine).zip(&self.scales) {
            q[*index] = scale.to_q(*x)?;
        }
        for rotor in &self.rotors {
            q[rotor.torsion] -= (q[rotor.offsets[0]] + q[rotor.offsets[1]]) / 3.0;
        }
        Some(self.z_matrix.decode(q, r)? + self.scale_ladj)
    }

    /// Gradient of `u - ladj` in `(s, x)`, after `decode` has filled `q` and `r`.
    ///
    /// `gradient`: of `u` in `r`, used up; `dq` is scratch.
    pub fn pull_back(
        &self,
        q: &[f64],
        r: &[f64],
        gradient: &mut [f64],
        dq: &mut [f64],
        gradient_s: &mut [f64],
        gradient_x: &mut [f64],
    ) {
        self.z_matrix.pull_back(r, gradient, dq);
        self.z_matrix.subtract_ladj_gradient(q, dq);
        for rotor in &self.rotors {
            let share = dq[rotor.torsion] / 3.0;
            dq[rotor.offsets[0]] -= share;
            dq[rotor.offsets[1]] -= share;
        }
        for (gradient, index) in gradient_s.iter_mut().zip(&self.coarse) {
            *gradient = dq[*index];
        }
        for ((gradient, index), scale) in gradient_x.iter_mut().zip(&self.fine).zip(&self.scales) {
            *gradient = scale.slope() * dq[*index];
        }
    }
}
