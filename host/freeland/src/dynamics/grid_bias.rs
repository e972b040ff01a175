//! A bias potential on a grid in coarse space, filled with Gaussian hills.
use super::bias::{Bias, Walls};
use super::error::DynamicsError;
use crate::space::circle::nearest;
use crate::space::{Axis, Domain, Grid, MOST_AXES, Ticks};

/// Grid points per hill width.
const POINTS_PER_WIDTH: f64 = 6.0;
/// Hills end at this many widths.
const HILL_REACH: f64 = 4.0;
/// Points of a grid, at most: 256 MiB.
const MOST_POINTS: f64 = (1_u32 << 25) as f64;

/// A bias V(s) in kT, multilinear between the points of a regular grid; zero at first. On a line the grid goes on a little
/// beyond the range; past its ends V is constant.
#[derive(Debug, Clone)]
pub struct GridBias {
    grid: Grid,
    values: Vec<f64>,
}

impl GridBias {
    /// A grid over the ranges of the axes, fine enough for hills of the given widths.
    ///
    /// # Errors
    /// The grid would have too many axes or points.
    pub fn new(axes: &[Axis], widths: &[f64]) -> Result<Self, DynamicsError> {
        // Beyond the ends of a line the bias goes on smoothly for as far as a hill inside reaches.
        let beyond =
            |axis: &Axis, width: f64| if axis.domain == Domain::Line { HILL_REACH * width } else { 0.0 };
        let ticks = axes.iter().zip(widths).map(|(axis, width)| {
            let beyond = beyond(axis, *width);
            let cells = ((axis.length() + 2.0 * beyond) / width * POINTS_PER_WIDTH).ceil().max(8.0);
            axis.ends(cells as usize, beyond)
        });
        let ticks: Vec<Ticks> = ticks.collect();
        let points: f64 = ticks.iter().map(|ticks| ticks.count() as f64).product();
        if axes.len() > MOST_AXES || points > MOST_POINTS {
            return Err(DynamicsError::GridTooLarge { variables: axes.len(), points });
        }
        let grid = Grid::new(ticks);
        Ok(Self { values: vec![0.0; grid.count()], grid })
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
        self.grid.interpolate(&self.values, s, gradient)
    }

    /// Adds a Gaussian hill of the given height (kT) and widths (units of s) at `s`.
    pub fn add_hill(&mut self, s: &[f64], height_kt: f64, widths: &[f64]) {
        // One-dimensional factors on the points within reach of the hill, then their products.
        let factors: Vec<Vec<(usize, f64)>> = (self.grid.ticks().iter().zip(s).zip(widths))
            .map(|((ticks, s), width)| {
                let factor = |point: usize| {
                    let d = ticks.at(point) - s;
                    let t = if ticks.is_periodic() { nearest(d) } else { d } / width;
                    (t.abs() < HILL_REACH).then(|| (point, (-0.5 * t * t).exp()))
                };
                (0..ticks.count()).filter_map(factor).collect()
            })
            .collect();
        let mut products = vec![(0, height_kt)];
        for (factor, ticks) in factors.iter().zip(self.grid.ticks()) {
            let next = |(index, value): &(usize, f64)| {
                let (index, value) = (index * ticks.count(), *value);
                factor.iter().map(move |(point, f)| (index + point, value * f))
            };
            products = products.iter().flat_map(next).collect();
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
    use std::f64::consts::PI;

    use super::*;
    use crate::units::Unit;

    fn variables() -> Vec<Axis> {
        let line = Axis {
            name: "s".into(),
            domain: Domain::Line,
            unit: Unit::Reduced,
            range: (-1.0, 2.0),
            bins: 100,
        };
        let circle = Axis::circle("phi");
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
