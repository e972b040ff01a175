//! Correction maps as bicubic patches, with the same spline that OpenMM makes of them.
use crate::lanes::Real;
use crate::system::{CorrectionMaps, EnergyMap};

/// `[size * size][16]`: the patch from grid point `(i, j)` is `coefficients[i + size * j]`, whose entry `4 a + b` belongs to
/// `x^a y^b` of the position within the patch, both in `[0, 1)`.
#[derive(Clone, Debug)]
pub struct Patch<T> {
    pub size: usize,
    pub coefficients: Vec<[T; 16]>,
}

/// Where a map applies.
#[derive(Clone, Copy, Debug)]
pub struct MapTerm {
    pub map: usize,
    pub first: [usize; 4],
    pub second: [usize; 4],
}

/// The maps in use (force fields bring far more than a molecule uses), and where they apply.
pub fn patches<T: Real>(maps: &CorrectionMaps) -> (Vec<Patch<T>>, Vec<MapTerm>) {
    let (mut patches, mut terms) = (Vec::new(), Vec::new());
    let mut places = vec![None; maps.maps.len()];
    for &(map, first, second) in &maps.torsions {
        let place = *places[map].get_or_insert_with(|| {
            patches.push(Patch::new(&maps.maps[map]));
            patches.len() - 1
        });
        terms.push(MapTerm { map: place, first, second });
    }
    (patches, terms)
}

impl<T: Real> Patch<T> {
    fn new(map: &EnergyMap) -> Self {
        let size = map.size;
        let along_first = |values: &[f64]| {
            let mut slopes = vec![0.0; size * size];
            for j in 0..size {
                let line = periodic_slopes(&values[j * size..(j + 1) * size]);
                slopes[j * size..(j + 1) * size].copy_from_slice(&line);
            }
            slopes
        };
        let mut second = vec![0.0; size * size];
        for i in 0..size {
            let line: Vec<f64> = (0..size).map(|j| map.energies[i + size * j]).collect();
            for (j, slope) in periodic_slopes(&line).into_iter().enumerate() {
                second[i + size * j] = slope;
            }
        }
        let first = along_first(&map.energies);
        let cross = along_first(&second);
        let mut coefficients = Vec::with_capacity(size * size);
        for j in 0..size {
            for i in 0..size {
                let (next_i, next_j) = ((i + 1) % size, (j + 1) % size);
                let corners =
                    [[i + size * j, i + size * next_j], [next_i + size * j, next_i + size * next_j]];
                let pick = |values: &[f64]| corners.map(|row| row.map(|corner| values[corner]));
                let patch = bicubic(pick(&map.energies), pick(&first), pick(&second), pick(&cross));
                coefficients.push(patch.map(T::of));
            }
        }
        Self { size, coefficients }
    }
}

/// Slopes, per grid step, of the periodic cubic spline through `values`.
///
/// In these units the slopes obey `d[i-1] + 4 d[i] + d[i+1] = 3 (y[i+1] - y[i-1])` around the circle, whose inverse is a
/// geometric series of ratio `sqrt 3 - 2`.
fn periodic_slopes(values: &[f64]) -> Vec<f64> {
    let size = values.len();
    let ratio = 3f64.sqrt() - 2.0;
    let weight = 1.0 / (2.0 * 3f64.sqrt() * (1.0 - ratio.powi(size as i32)));
    (0..size)
        .map(|i| {
            (0..size)
                .map(|k| {
                    let at = (i + k) % size;
                    let right = 3.0 * (values[(at + 1) % size] - values[(at + size - 1) % size]);
                    weight * (ratio.powi(k as i32) + ratio.powi((size - k) as i32)) * right
                })
                .sum()
        })
        .collect()
}

/// Coefficients of a patch from values, slopes and cross slopes at its corners, `[along first][along second]`.
fn bicubic(
    value: [[f64; 2]; 2],
    first: [[f64; 2]; 2],
    second: [[f64; 2]; 2],
    cross: [[f64; 2]; 2],
) -> [f64; 16] {
    // Hermite's basis: rows are powers, columns are value at 0, value at 1, slope at 0, slope at 1.
    const HERMITE: [[f64; 4]; 4] =
        [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [-3.0, 3.0, -2.0, -1.0], [2.0, -2.0, 1.0, 1.0]];
    let data = [
        [value[0][0], value[0][1], second[0][0], second[0][1]],
        [value[1][0], value[1][1], second[1][0], second[1][1]],
        [first[0][0], first[0][1], cross[0][0], cross[0][1]],
        [first[1][0], first[1][1], cross[1][0], cross[1][1]],
    ];
    let mut coefficients = [0.0; 16];
    for a in 0..4 {
        for b in 0..4 {
            for (row, along_second) in data.iter().enumerate() {
                for (column, datum) in along_second.iter().enumerate() {
                    coefficients[4 * a + b] += HERMITE[a][row] * datum * HERMITE[b][column];
                }
            }
        }
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_obey_the_spline_equation() {
        let values: Vec<f64> = (0..24).map(|i| ((i * i * 7 + 3 * i) % 11) as f64).collect();
        let d = periodic_slopes(&values);
        for i in 0..24 {
            let (left, right) = ((i + 23) % 24, (i + 1) % 24);
            let residual = d[left] + 4.0 * d[i] + d[right] - 3.0 * (values[right] - values[left]);
            assert!(residual.abs() < 1e-12, "{i}: {residual}");
        }
    }

    #[test]
    fn a_patch_reproduces_its_corners() {
        let grid = EnergyMap { size: 5, energies: (0..25).map(|i| f64::from(i * i % 13)).collect() };
        let patch = Patch::<f64>::new(&grid);
        for (place, c) in patch.coefficients.iter().enumerate() {
            let (i, j) = (place % 5, place / 5);
            assert!((c[0] - grid.energies[place]).abs() < 1e-12);
            let far = (i + 1) % 5 + 5 * ((j + 1) % 5);
            assert!((c.iter().sum::<f64>() - grid.energies[far]).abs() < 1e-12);
        }
    }
}
