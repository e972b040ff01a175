//! A bias potential on a grid in coarse space, filled with Gaussian hills.
use std::f64::consts::PI;

use super::bias::{Bias, Walls};
use super::error::DynamicsError;
use crate::config::domain::Domain;
use crate::system::Variable;
use crate::system::angle::nearest;

/// Grid points per hill width.
const POINTS_PER_WIDTH: f64 = 6.0;
/// Hills end at this many widths.
const HILL_REACH: f64 = 4.0;
/// More axes make no sense on a grid.
const MOST_AXES: usize = 6;
/// Points of a grid, at most: 256 MiB.
const MOST_POINTS: f64 = (1_u32 << 25) as f64;

/// A bias V(s) in kT, multilinear between the points of a regular grid; zero at first. On a line the grid goes on a little
/// beyond the range; past its ends V is constant.
#[derive(Debug, Clone)]
pub struct GridBias {
    axes: Vec<Axis>,
    values: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Axis {
    periodic: bool,
    low: f64,
    spacing: f64,
    points: usize,
    stride: usize,
}

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

impl Axis {
    /// Grid cell and position inside it, in [0, 1); outside a line's grid the nearest end.
    #[inline]
    fn locate(&self, s: f64) -> Place {
        let t = (s - self.low) / self.spacing;
        let (cell, t, slope) = if self.periodic {
            let points = self.points as f64;
            let t = if (0.0..points).contains(&t) { t } else { t.rem_euclid(points) };
            ((t as usize).min(self.points - 1), t.fract(), 1.0)
        } else {
            let last = (self.points - 1) as f64;
            if t <= 0.0 {
                (0, 0.0, 0.0)
            } else if t >= last {
                (self.points - 2, 1.0, 0.0)
            } else {
                (t as usize, t.fract(), 1.0)
            }
        };
        let next = if cell + 1 == self.points { 0 } else { cell + 1 };
        let slope = slope / self.spacing;
        Place {
            offsets: [cell * self.stride, next * self.stride],
            weights: [1.0 - t, t],
            slopes: [-slope, slope],
        }
    }
}

impl GridBias {
    /// A grid over the variables' ranges, fine enough for hills of the given widths.
    ///
    /// # Errors
    /// The grid would have too many axes or points.
    pub fn new(variables: &[Variable], widths: &[f64]) -> Result<Self, DynamicsError> {
        let mut stride = 1;
        let mut total = 1.0;
        let axes: Vec<Axis> = (variables.iter().zip(widths))
            .map(|(variable, width)| {
                let periodic = variable.domain == Domain::Circle;
                // Beyond the ends of a line the bias goes on smoothly for as far as a hill inside reaches.
                let beyond = HILL_REACH * width;
                let (low, high) = variable.range;
                let (low, high) = if periodic { (-PI, PI) } else { (low - beyond, high + beyond) };
                let cells = ((high - low) / width * POINTS_PER_WIDTH).ceil().max(8.0) as usize;
                let points = if periodic { cells } else { cells + 1 };
                let axis = Axis { periodic, low, spacing: (high - low) / cells as f64, points, stride };
                stride = stride.saturating_mul(points);
                total *= points as f64;
                axis
            })
            .collect();
        if axes.len() > MOST_AXES || total > MOST_POINTS {
            return Err(DynamicsError::GridTooLarge { variables: axes.len(), points: total });
        }
        Ok(Self { axes, values: vec![0.0; stride] })
    }

    /// V at the grid points, kT, for a checkpoint.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Puts back what [`values`](Self::values) gave; `false` if it is of another grid.
    pub fn restore(&mut self, values: Vec<f64>) -> bool {
        let same = values.len() == self.values.len();
        if same {
            self.values = values;
        }
        same
    }

    /// Largest V, kT.
    pub fn largest(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }

    /// V(s), kT, and if asked for its gradient, kT per unit of s.
    #[inline]
    pub fn value(&self, s: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        let mut places = [Place::default(); MOST_AXES];
        for ((place, axis), s) in places.iter_mut().zip(&self.axes).zip(s) {
            *place = axis.locate(*s);
        }
        let places = &places[..self.axes.len()];
        let corners = 1_usize << places.len();
        let mut value = 0.0;
        for corner in 0..corners {
            let (mut index, mut weight) = (0, 1.0);
            for (k, place) in places.iter().enumerate() {
                let side = corner >> k & 1;
                index += place.offsets[side];
                weight *= place.weights[side];
            }
            value += weight * self.values[index];
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
                *slope += weight * self.values[index];
            }
        }
        value
    }

    /// Adds a Gaussian hill of the given height (kT) and widths (units of s) at `s`.
    pub fn add_hill(&mut self, s: &[f64], height_kt: f64, widths: &[f64]) {
        // One-dimensional factors on the points within reach of the hill, then their products.
        let factors: Vec<Vec<(usize, f64)>> = (self.axes.iter().zip(s).zip(widths))
            .map(|((axis, s), width)| {
                (0..axis.points)
                    .filter_map(|point| {
                        let mut d = axis.low + axis.spacing * point as f64 - s;
                        if axis.periodic {
                            d = nearest(d);
                        }
                        let t = d / width;
                        (t.abs() < HILL_REACH).then(|| (point * axis.stride, (-0.5 * t * t).exp()))
                    })
                    .collect()
            })
            .collect();
        let mut products = vec![(0, height_kt)];
        for factor in &factors {
            products = (products.iter())
                .flat_map(|(index, value)| factor.iter().map(move |(offset, f)| (index + offset, value * f)))
                .collect();
        }
        for (index, value) in products {
            self.values[index] += value;
        }
    }
}

/// Alone, as starting data use it.
impl Bias for GridBias {
    fn value(&self, _walker: usize, s: &[f64], gradient: &mut [f64]) -> f64 {
        GridBias::value(self, s, Some(gradient))
    }
}

/// With walls at the ends of lines.
#[derive(Debug, Clone, Copy)]
pub struct Walled<'a> {
    /// What walkers feel inside.
    pub grid: &'a GridBias,
    /// What keeps them inside.
    pub walls: &'a Walls,
}

impl Bias for Walled<'_> {
    fn value(&self, _walker: usize, s: &[f64], gradient: &mut [f64]) -> f64 {
        self.grid.value(s, Some(gradient)) + self.walls.add(s, gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;

    fn variables() -> Vec<Variable> {
        let line = Variable {
            name: "s".into(),
            domain: Domain::Line,
            unit: Unit::Reduced,
            range: (-1.0, 2.0),
            bins: 100,
        };
        let circle = Variable::circle("phi");
        vec![circle, line]
    }

    /// The gradient is the exact derivative of the interpolated bias, across the seam of a circle too.
    #[test]
    fn gradient_is_that_of_the_value() {
        let widths = [0.3, 0.2];
        let mut bias = GridBias::new(&variables(), &widths).unwrap();
        bias.add_hill(&[3.0, 0.5], 2.0, &widths);
        bias.add_hill(&[-3.1, 0.7], 1.0, &widths);
        let mut gradient = [0.0; 2];
        for s in [[3.123_f64, 0.52], [-3.11, 0.611], [2.6, 0.33]] {
            let value = bias.value(&s, Some(&mut gradient));
            assert!(value > 0.5, "{value}");
            for k in 0..2 {
                let h = 1e-7;
                let (mut up, mut down) = (s, s);
                up[k] += h;
                down[k] -= h;
                let numerical = (bias.value(&up, None) - bias.value(&down, None)) / (2.0 * h);
                assert!((numerical - gradient[k]).abs() < 1e-5, "{k}: {numerical} {}", gradient[k]);
            }
        }
    }

    /// Interpolation error of a hill: half its curvature times the squared spacing over four.
    #[test]
    fn a_hill_is_a_gaussian() {
        let widths = [0.3, 0.2];
        let mut bias = GridBias::new(&variables(), &widths).unwrap();
        bias.add_hill(&[PI, 0.5], 1.0, &widths);
        for (s, t) in [([-PI, 0.5], 0.0), ([PI - 0.3, 0.5], 1.0), ([-PI + 0.3, 0.7], 2.0_f64)] {
            assert!((bias.value(&s, None) - (-0.5 * t).exp()).abs() < 0.02);
        }
    }
}
