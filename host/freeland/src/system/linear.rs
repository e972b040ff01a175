//! Linear coordinates `q = M r` of models with a few numbers, split into coarse and fine.

use ndarray::ArrayView2;

use super::error::SystemError;
use super::scale::{Scale, mean_and_sd};

/// Below this `|det M|`, relative to the product of row norms, a matrix counts as singular.
const SINGULAR: f64 = 1e-12;

/// The transform `r <-> (s, x)` with `q = M r`, `s` some rows of `q`, `x` the others, standardised.
#[derive(Debug, Clone)]
pub(crate) struct LinearCoordinates {
    size: usize,
    matrix: Vec<f64>,
    inverse: Vec<f64>,
    /// `-ln |det M|`, so that `ladj = ln |dr/dq|`.
    ladj: f64,
    coarse: Vec<usize>,
    fine: Vec<usize>,
    scales: Vec<Scale>,
    scale_ladj: f64,
}

impl LinearCoordinates {
    /// `matrix`: rows of a square matrix of the potential's size; `coarse`: indices of rows.
    pub fn new(size: usize, matrix: Vec<f64>, coarse: Vec<usize>) -> Result<Self, SystemError> {
        let norms: f64 =
            matrix.chunks_exact(size).map(|row| row.iter().map(|v| v * v).sum::<f64>().sqrt()).product();
        let (inverse, determinant) = invert(size, &matrix);
        if determinant.is_nan() || determinant.abs() <= SINGULAR * norms {
            return Err(SystemError::Singular { determinant });
        }
        let fine: Vec<usize> = (0..size).filter(|index| !coarse.contains(index)).collect();
        let scales = vec![Scale::Line { mean: 0.0, sd: 1.0 }; fine.len()];
        let ladj = -determinant.abs().ln();
        Ok(Self { size, matrix, inverse, ladj, coarse, fine, scales, scale_ladj: 0.0 })
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

    pub fn set_scales(&mut self, scales: Vec<Scale>) {
        self.scale_ladj = scales.iter().map(|scale| scale.slope().ln()).sum();
        self.scales = scales;
    }

    /// Row `index` of the matrix: the gradient of a coordinate.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.matrix[index * self.size..(index + 1) * self.size]
    }

    /// Sets the scale of every fine coordinate from frames `[n][size]`.
    pub fn standardise(&mut self, frames: ArrayView2<'_, f64>) {
        let scales = self.fine.iter().map(|index| {
            let row = self.row(*index);
            let values =
                frames.rows().into_iter().map(|r| r.iter().zip(row).map(|(r, m)| r * m).sum::<f64>());
            let (mean, sd) = mean_and_sd(values, 1.0);
            Scale::Line { mean, sd }
        });
        let scales = scales.collect();
        self.set_scales(scales);
    }

    /// `(s, x)` of `r` and `ladj`; `r` is finite.
    pub fn encode(&self, r: &[f64], s: &mut [f64], x: &mut [f64]) -> f64 {
        let q = |index: usize| self.row(index).iter().zip(r).map(|(m, r)| m * r).sum::<f64>();
        for (s, index) in s.iter_mut().zip(&self.coarse) {
            *s = q(*index);
        }
        for ((x, index), scale) in x.iter_mut().zip(&self.fine).zip(&self.scales) {
            *x = scale.to_x(q(*index));
        }
        self.ladj + self.scale_ladj
    }

    /// `r` of `(s, x)` and `ladj`; `None` where something is not finite.
    pub fn decode(&self, s: &[f64], x: &[f64], q: &mut [f64], r: &mut [f64]) -> Option<f64> {
        for (s, index) in s.iter().zip(&self.coarse) {
            q[*index] = *s;
        }
        for ((x, index), scale) in x.iter().zip(&self.fine).zip(&self.scales) {
            q[*index] = scale.to_q(*x)?;
        }
        for (r, row) in r.iter_mut().zip(self.inverse.chunks_exact(self.size)) {
            *r = row.iter().zip(&*q).map(|(m, q)| m * q).sum();
        }
        r.iter().all(|value| value.is_finite()).then_some(self.ladj + self.scale_ladj)
    }

    /// Gradient in `(s, x)` of a function with gradient `gradient` in `r`; `ladj` is constant.
    pub fn pull_back(&self, gradient: &[f64], gradient_s: &mut [f64], gradient_x: &mut [f64]) {
        let column = |index: usize| {
            let rows = self.inverse.chunks_exact(self.size);
            rows.zip(gradient).map(|(row, gradient)| row[index] * gradient).sum::<f64>()
        };
        for (out, index) in gradient_s.iter_mut().zip(&self.coarse) {
            *out = column(*index);
        }
        for ((out, index), scale) in gradient_x.iter_mut().zip(&self.fine).zip(&self.scales) {
            *out = scale.slope() * column(*index);
        }
    }
}

/// Inverse and determinant by elimination with row pivots; for the few rows of a model.
pub(super) fn invert(size: usize, matrix: &[f64]) -> (Vec<f64>, f64) {
    let mut left = matrix.to_vec();
    let mut inverse = vec![0.0; size * size];
    (0..size).for_each(|i| inverse[i * size + i] = 1.0);
    let mut determinant = 1.0;
    for column in 0..size {
        let size_at = |row: &usize| left[row * size + column].abs();
        let pivot = (column..size).max_by(|a, b| size_at(a).total_cmp(&size_at(b))).unwrap_or(column);
        if pivot != column {
            for k in 0..size {
                left.swap(pivot * size + k, column * size + k);
                inverse.swap(pivot * size + k, column * size + k);
            }
            determinant = -determinant;
        }
        let diagonal = left[column * size + column];
        determinant *= diagonal;
        if diagonal == 0.0 {
            return (inverse, 0.0);
        }
        for k in 0..size {
            left[column * size + k] /= diagonal;
            inverse[column * size + k] /= diagonal;
        }
        for row in (0..size).filter(|row| *row != column) {
            let factor = left[row * size + column];
            for k in 0..size {
                left[row * size + k] -= factor * left[column * size + k];
                inverse[row * size + k] -= factor * inverse[column * size + k];
            }
        }
    }
    (inverse, determinant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_of_mueller_brown_halves_the_volume() {
        let map = LinearCoordinates::new(2, vec![1.0, -1.0, 1.0, 1.0], vec![0]).unwrap();
        let (mut s, mut x, mut q, mut r) = ([0.0], [0.0], [0.0; 2], [0.0; 2]);
        let ladj = map.encode(&[0.3, 1.1], &mut s, &mut x);
        assert!((s[0] + 0.8).abs() < 1e-15 && (x[0] - 1.4).abs() < 1e-15);
        assert!((ladj - 0.5_f64.ln()).abs() < 1e-15);
        assert_eq!(map.decode(&s, &x, &mut q, &mut r), Some(ladj));
        assert!((r[0] - 0.3).abs() < 1e-15 && (r[1] - 1.1).abs() < 1e-15);
        let (mut gs, mut gx) = ([0.0], [0.0]);
        map.pull_back(&[2.0, 5.0], &mut gs, &mut gx);
        assert!((gs[0] + 1.5).abs() < 1e-15 && (gx[0] - 3.5).abs() < 1e-15);
        assert_eq!(map.decode(&[0.0], &[f64::NAN], &mut q, &mut r), None);
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        assert!(LinearCoordinates::new(2, vec![1.0, 2.0, 2.0, 4.0], vec![]).is_err());
    }
}
