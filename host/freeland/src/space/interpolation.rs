//! Values between the points of a grid.

use super::{Grid, Ticks};

/// More axes than this are not interpolated.
pub const MOST_AXES: usize = 6;

/// Where a site is along one axis.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Offsets of the points on either side.
    offsets: [usize; 2],
    /// Their weights.
    weights: [f64; 2],
    /// Derivatives of the weights by s; zero outside a line's grid.
    slopes: [f64; 2],
}

impl Place {
    /// Grid cell and position inside it, in [0, 1); outside a line's grid the nearest end.
    #[inline]
    fn of(s: f64, ticks: &Ticks, stride: usize) -> Self {
        let t = ticks.position(s);
        let (cell, t, slope) = if ticks.is_periodic() {
            let points = ticks.count() as f64;
            let t = if (0.0..points).contains(&t) { t } else { t.rem_euclid(points) };
            ((t as usize).min(ticks.count() - 1), t.fract(), 1.0)
        } else {
            let last = (ticks.count() - 1) as f64;
            if t <= 0.0 {
                (0, 0.0, 0.0)
            } else if t >= last {
                (ticks.count() - 2, 1.0, 0.0)
            } else {
                (t as usize, t.fract(), 1.0)
            }
        };
        let next = if cell + 1 == ticks.count() { 0 } else { cell + 1 };
        let slope = slope / ticks.spacing();
        Self { offsets: [cell * stride, next * stride], weights: [1.0 - t, t], slopes: [-slope, slope] }
    }
}

impl Grid {
    /// Multilinear interpolation at `s` of `values` at the points, constant past the ends of lines; its gradient is
    /// written to `gradient` where there is one. At most [`MOST_AXES`] axes.
    #[inline]
    pub fn interpolate(&self, values: &[f64], s: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        let mut places = [Place::default(); MOST_AXES];
        for (axis, (place, s)) in places.iter_mut().zip(s).enumerate() {
            *place = Place::of(*s, &self.ticks()[axis], self.stride(axis));
        }
        let places = &places[..s.len()];
        let corners = 1_usize << places.len();
        let mut value = 0.0;
        for corner in 0..corners {
            let (mut index, mut weight) = (0, 1.0);
            for (k, place) in places.iter().enumerate() {
                let side = corner >> k & 1;
                index += place.offsets[side];
                weight *= place.weights[side];
            }
            value += weight * values[index];
        }
        let Some(gradient) = gradient else { return value };
        gradient.fill(0.0);
        for corner in 0..corners {
            let index: usize =
                places.iter().enumerate().map(|(k, place)| place.offsets[corner >> k & 1]).sum();
            for (k, slope) in gradient.iter_mut().enumerate() {
                let mut weight = places[k].slopes[corner >> k & 1];
                for (other, place) in places.iter().enumerate().filter(|(other, _)| *other != k) {
                    weight *= place.weights[corner >> other & 1];
                }
                *slope += weight * values[index];
            }
        }
        value
    }
}
