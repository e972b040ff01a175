//! Internal coordinates split into coarse and fine ones, the fine ones standardised.

use ndarray::ArrayView2;

use super::rotor::Rotor;
use super::scale::{NARROW_TORSION_RAD, Scale, floored, mean_and_sd};
use super::z_matrix::{Degenerate, Measured, ZMatrix};
use crate::space::circle::circular_mean_and_sd;

/// Standard deviations taken before frames have been seen.
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
            .filter_map(|rotor| {
                Some([place(rotor.torsion)?, place(rotor.offsets[0])?, place(rotor.offsets[1])?])
            })
            .collect();
        let mut new =
            Self { z_matrix, rotors, coarse, fine, scales: Vec::new(), rotor_fine, scale_ladj: 0.0 };
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

    /// Whether the rotor of these atoms is folded.
    pub fn folds(&self, atoms: &[usize]) -> bool {
        self.rotors.iter().any(|rotor| rotor.turns(atoms))
    }

    /// Folds the rotor of these atoms no longer: its torsion has the whole circle, and its atoms keep their labels.
    pub fn unfold(&mut self, atoms: &[usize]) {
        let Some(index) = self.rotors.iter().position(|rotor| rotor.turns(atoms)) else { return };
        self.rotors.remove(index);
        let [torsion, ..] = self.rotor_fine.remove(index);
        let mut scales = self.scales.clone();
        scales[torsion] = Scale::Torsion;
        self.set_scales(scales);
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
                Measured::Torsion(_) => crate::space::circle::wrap(q[*index]),
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

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::super::alanine::{self, ATOMS, PHI, PSI, frames, pairs, toy_energy};
    use super::super::geometry;
    use super::super::linear::invert;
    use super::super::z_matrix::Placement;
    use super::*;
    use crate::space::Domain;

    const D: usize = 58;

    /// Coordinates as a flow draws them: any `s`, `x` normal on lines and uniform on circles.
    fn random(map: &InternalCoordinates, rng: &mut ChaCha8Rng) -> ([f64; 2], Vec<f64>) {
        let circle = |rng: &mut ChaCha8Rng| rng.random_range(-std::f64::consts::PI..std::f64::consts::PI);
        let s = [circle(rng), circle(rng)];
        let x = map.scales.iter().map(|scale| match scale.domain() {
            Domain::Circle => circle(rng),
            Domain::Line => 0.7 * Distribution::<f64>::sample(&StandardNormal, rng),
        });
        (s, x.collect())
    }

    fn decode(map: &InternalCoordinates, s: &[f64], x: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
        let (mut q, mut r) = (vec![0.0; 60], vec![0.0; 3 * ATOMS]);
        let ladj = map.decode(s, x, &mut q, &mut r).unwrap();
        (q, r, ladj)
    }

    fn encode(map: &InternalCoordinates, r: &[f64]) -> ([f64; 2], Vec<f64>, f64, Vec<f64>) {
        let (mut s, mut x) = ([0.0; 2], vec![0.0; D]);
        let (mut work, mut q) = (vec![0.0; 3 * ATOMS], vec![0.0; 60]);
        let ladj = map.encode(r, &mut work, &mut q, &mut s, &mut x).unwrap();
        (s, x, ladj, work)
    }

    #[test]
    fn coordinates_of_random_configurations_come_back() {
        let map = alanine::coordinates();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..200 {
            let (s, x) = random(&map, &mut rng);
            let (_, r, ladj) = decode(&map, &s, &x);
            let (s_back, x_back, ladj_back, _) = encode(&map, &r);
            for (a, b) in s.iter().chain(&x).zip(s_back.iter().chain(&x_back)) {
                assert!((a - b).abs() < 1e-9, "{a} against {b}");
            }
            assert!((ladj - ladj_back).abs() < 1e-9);
        }
    }

    #[test]
    fn frames_come_back_to_a_billionth_of_a_nanometre() {
        let map = alanine::coordinates();
        for frame in frames().rows() {
            let (s, x, ladj, relabelled) = encode(&map, &frame.to_vec());
            let (_, r, ladj_back) = decode(&map, &s, &x);
            assert!((ladj - ladj_back).abs() < 1e-9);
            // Distances fix the configuration up to rigid motion and reflection, a torsion the reflection.
            for [i, j] in pairs() {
                let (before, after) = (geometry::distance(&relabelled, i, j), geometry::distance(&r, i, j));
                assert!((before - after).abs() < 1e-9, "{i}-{j}: {before} against {after}");
            }
            let hand = |r: &[f64]| geometry::torsion(r, 9, 8, 10, 14);
            assert!((hand(&relabelled) - hand(&r)).abs() < 1e-7);
        }
    }

    /// The volume element from a numerical Jacobian of all 66 positions by 60 coordinates and 6 rigid motions.
    #[test]
    fn ladj_is_that_of_the_numerical_jacobian() {
        let map = alanine::coordinates();
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..5 {
            let (s, x) = random(&map, &mut rng);
            let (_, r, ladj) = decode(&map, &s, &x);
            let size = 3 * ATOMS;
            let mut jacobian = vec![0.0; size * size];
            let all: Vec<f64> = s.iter().chain(&x).copied().collect();
            for column in 0..60 {
                // Richardson's extrapolation of central differences: error of order h^4.
                let difference = |h: f64| {
                    let at = |sign: f64| {
                        let mut moved = all.clone();
                        moved[column] += sign * h;
                        decode(&map, &moved[..2], &moved[2..]).1
                    };
                    let (up, down) = (at(1.0), at(-1.0));
                    up.iter().zip(down).map(|(u, d)| (u - d) / (2.0 * h)).collect::<Vec<_>>()
                };
                let (coarse, fine) = (difference(2e-3), difference(1e-3));
                for k in 0..size {
                    jacobian[k * size + column] = (4.0 * fine[k] - coarse[k]) / 3.0;
                }
            }
            for atom in 0..ATOMS {
                let [px, py, pz] = [r[3 * atom], r[3 * atom + 1], r[3 * atom + 2]];
                let turns = [[0.0, -pz, py], [pz, 0.0, -px], [-py, px, 0.0]];
                for k in 0..3 {
                    jacobian[(3 * atom + k) * size + 60 + k] = 1.0;
                    for (axis, turn) in turns.iter().enumerate() {
                        jacobian[(3 * atom + k) * size + 63 + axis] = turn[k];
                    }
                }
            }
            let (_, determinant) = invert(size, &jacobian);
            let numerical = determinant.abs().ln();
            assert!((numerical - ladj).abs() < 1e-7, "{numerical} against {ladj}");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let map = alanine::coordinates();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..5 {
            let (s, x) = random(&map, &mut rng);
            let value = |all: &[f64]| {
                let (_, r, ladj) = decode(&map, &all[..2], &all[2..]);
                toy_energy(&r, &mut vec![0.0; 3 * ATOMS]) - ladj
            };
            let (q, r, _) = decode(&map, &s, &x);
            let mut gradient = vec![0.0; 3 * ATOMS];
            toy_energy(&r, &mut gradient);
            let (mut dq, mut exact) = (vec![0.0; 60], vec![0.0; 60]);
            let (gradient_s, gradient_x) = exact.split_at_mut(2);
            map.pull_back(&q, &r, &mut gradient, &mut dq, gradient_s, gradient_x);
            let all: Vec<f64> = s.iter().chain(&x).copied().collect();
            for (k, exact) in exact.iter().enumerate() {
                let difference = |h: f64| {
                    let (mut up, mut down) = (all.clone(), all.clone());
                    up[k] += h;
                    down[k] -= h;
                    (value(&up) - value(&down)) / (2.0 * h)
                };
                let numerical = (4.0 * difference(1e-3) - difference(2e-3)) / 3.0;
                assert!((numerical - exact).abs() < 1e-7, "coordinate {k}: {numerical} against {exact}");
            }
        }
    }

    #[test]
    fn offset_torsions_of_dynamics_are_narrow() {
        let map = alanine::coordinates();
        let mut circles = 0;
        for (scale, index) in map.scales.iter().zip(&map.fine) {
            match scale {
                Scale::NarrowTorsion { sd, .. } => {
                    assert!((0.05..0.26).contains(sd), "{:?}: {sd}", map.z_matrix.measured(*index));
                }
                Scale::Rotor => circles += 1,
                Scale::Torsion => panic!("{:?} is free", map.z_matrix.measured(*index)),
                Scale::Line { .. } => {}
            }
        }
        assert_eq!(circles, 3);
    }

    #[test]
    fn relabelling_hydrogens_changes_no_coordinate() {
        let map = alanine::coordinates();
        let frame = frames().row(17).to_vec();
        let (s, x, ladj, _) = encode(&map, &frame);
        for swaps in [vec![(0, 2)], vec![(11, 12), (12, 13)], vec![(19, 20), (0, 3), (11, 13)]] {
            let mut other = frame.clone();
            for (a, b) in swaps {
                (0..3).for_each(|k| other.swap(3 * a + k, 3 * b + k));
            }
            let (s_other, x_other, ladj_other, _) = encode(&map, &other);
            assert_eq!(s, s_other);
            x.iter().zip(&x_other).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
            assert!((ladj - ladj_other).abs() < 1e-12);
        }
    }

    #[test]
    fn a_step_over_the_edge_of_a_rotor_is_a_relabelling() {
        let map = alanine::coordinates();
        let (s, x, ..) = encode(&map, &frames().row(3).to_vec());
        let rotor = map.rotor_fine[0];
        let mut beyond = x.clone();
        beyond[rotor[0]] += std::f64::consts::TAU;
        let (_, r, _) = decode(&map, &s, &beyond);
        let (_, back, _, _) = encode(&map, &r);
        // A full turn of x is a third of a turn of the rotor; relabelled, the direction is as before.
        assert!((crate::space::circle::wrap(back[rotor[0]] - x[rotor[0]])).abs() < 1e-9);
    }

    #[test]
    fn the_published_z_matrix_gives_the_same_volume() {
        let rows = [
            [0, 1, 4, 6],
            [1, 4, 6, 8],
            [2, 1, 4, 0],
            [3, 1, 4, 0],
            [4, 6, 8, 14],
            [5, 4, 6, 8],
            [7, 6, 8, 4],
            [9, 8, 6, 4],
            [10, 8, 6, 4],
            [11, 10, 8, 6],
            [12, 10, 8, 11],
            [13, 10, 8, 11],
            [15, 14, 8, 16],
            [16, 14, 8, 6],
            [17, 16, 14, 15],
            [18, 16, 14, 8],
            [19, 18, 16, 14],
            [20, 18, 16, 19],
            [21, 18, 16, 19],
        ];
        let rows = rows.map(|[atom, bond, angle, torsion]| Placement { atom, bond, angle, torsion });
        let published = ZMatrix::new(ATOMS, [8, 6, 14], &rows).unwrap();
        let (given, offsets) =
            (alanine::of(published.clone()), alanine::of(published.with_offsets(&[PHI, PSI])));
        let frame = frames().row(99).to_vec();
        let volume = |map: &InternalCoordinates| encode(map, &frame).2 - map.scale_ladj;
        let derived = alanine::coordinates();
        assert!((volume(&given) - volume(&offsets)).abs() < 1e-9);
        assert_eq!(encode(&given, &frame).0, encode(&derived, &frame).0);
        let row_of = |map: &InternalCoordinates, atom| {
            *map.z_matrix.rows().iter().find(|row| row.atom == atom).unwrap()
        };
        // HA and CB against phi, CH3 against O or O against CH3 across omega.
        assert_eq!(row_of(&offsets, 9).torsion, 14);
        assert_eq!(row_of(&offsets, 10).torsion, 14);
        assert!(
            [1, 5].contains(&row_of(&offsets, 1).torsion) || [1, 5].contains(&row_of(&offsets, 5).torsion)
        );
        assert_eq!(offsets.rotors.len(), 3);
    }

    #[test]
    fn what_is_outside_the_domain_is_refused() {
        let map = alanine::coordinates();
        let (s, x, ..) = encode(&map, &frames().row(0).to_vec());
        let (mut q, mut r) = (vec![0.0; 60], vec![0.0; 66]);
        for (k, scale) in map.scales.iter().enumerate() {
            let outside = match scale {
                Scale::Line { .. } => -1e3,
                Scale::NarrowTorsion { sd, .. } => 3.2 / sd,
                _ => f64::NAN,
            };
            let mut x = x.clone();
            x[k] = outside;
            assert_eq!(map.decode(&s, &x, &mut q, &mut r), None, "fine coordinate {k}");
        }
        assert_eq!(map.decode(&[f64::INFINITY, 0.0], &x, &mut q, &mut r), None);
    }

    #[test]
    fn flat_frames_are_errors_and_not_nan() {
        let map = alanine::coordinates();
        let good = frames().row(0).to_vec();
        let reason = |r: &[f64]| {
            let (mut s, mut x) = ([0.0; 2], vec![0.0; D]);
            map.encode(r, &mut vec![0.0; 66], &mut vec![0.0; 60], &mut s, &mut x).unwrap_err()
        };
        let mut nan = good.clone();
        nan[25] = f64::NAN;
        assert_eq!(reason(&nan), Degenerate::NotFinite { atom: 8 });
        let mut together = good.clone();
        (0..3).for_each(|k| together[3 * 4 + k] = together[3 * 6 + k]);
        assert!(matches!(reason(&together), Degenerate::ZeroBond(_) | Degenerate::Collinear(_)));
        let line: Vec<f64> = (0..22).flat_map(|k| [0.1 * f64::from(k), 0.0, 0.0]).collect();
        assert!(matches!(reason(&line), Degenerate::Collinear(_)));
    }

    /// Prints the time of decode and pull-back; `cargo test --release -- --ignored --nocapture time_of`.
    #[test]
    #[ignore = "a measurement"]
    fn time_of_one_configuration() {
        let map = alanine::coordinates();
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let drawn: Vec<_> = (0..64).map(|_| random(&map, &mut rng)).collect();
        let (mut q, mut r, mut dq) = (vec![0.0; 60], vec![0.0; 66], vec![0.0; 60]);
        let (mut gs, mut gx) = (vec![0.0; 2], vec![0.0; D]);
        let g = vec![1.0; 66];
        let mut g_work = g.clone();
        let begin = std::time::Instant::now();
        let mut sum = 0.0;
        for k in 0..100_000 {
            let (s, x) = &drawn[k % 64];
            sum += map.decode(s, x, &mut q, &mut r).unwrap();
            g_work.copy_from_slice(&g);
            map.pull_back(&q, &r, &mut g_work, &mut dq, &mut gs, &mut gx);
            sum += gx[5];
        }
        println!("{:.3} us per configuration ({sum:.1})", begin.elapsed().as_secs_f64() * 10.0);
    }
}
