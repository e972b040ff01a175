//! A bias potential on a grid in coarse space, filled with Gaussian hills.
use std::f64::consts::{PI, TAU};

use crate::config::domain::Domain;
use crate::system::Variable;

/// Grid points per hill width.
const POINTS_PER_WIDTH: f64 = 6.0;
/// Hills end at this many widths.
const HILL_REACH: f64 = 4.0;

/// A bias V(s) in kT, multilinear between the points of a regular grid; zero at first.
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

impl Axis {
    /// Grid cell and position inside it, in [0, 1); outside a line's range the nearest end, with `false`.
    fn locate(&self, s: f64) -> (usize, f64, bool) {
        let t = (s - self.low) / self.spacing;
        if self.periodic {
            let t = t.rem_euclid(self.points as f64);
            return ((t as usize).min(self.points - 1), t.fract(), true);
        }
        let last = (self.points - 1) as f64;
        if t <= 0.0 {
            (0, 0.0, false)
        } else if t >= last {
            (self.points - 2, 1.0, false)
        } else {
            (t as usize, t.fract(), true)
        }
    }

    fn next(&self, cell: usize) -> usize {
        if cell + 1 == self.points { 0 } else { cell + 1 }
    }
}

impl GridBias {
    /// A grid over the variables' ranges, fine enough for hills of the given widths.
    pub fn new(variables: &[Variable], widths: &[f64]) -> Self {
        let mut stride = 1;
        let axes = (variables.iter().zip(widths))
            .map(|(variable, width)| {
                let periodic = variable.domain == Domain::Circle;
                let (low, high) = if periodic { (-PI, PI) } else { variable.range };
                let cells = ((high - low) / width * POINTS_PER_WIDTH).ceil().max(8.0) as usize;
                let points = if periodic { cells } else { cells + 1 };
                let axis = Axis { periodic, low, spacing: (high - low) / cells as f64, points, stride };
                stride *= points;
                axis
            })
            .collect();
        Self { axes, values: vec![0.0; stride] }
    }

    /// V(s), kT, and if asked for its gradient, kT per unit of s.
    pub fn value(&self, s: &[f64], mut gradient: Option<&mut [f64]>) -> f64 {
        let located: Vec<(usize, f64, bool)> =
            self.axes.iter().zip(s).map(|(axis, s)| axis.locate(*s)).collect();
        if let Some(gradient) = gradient.as_deref_mut() {
            gradient.fill(0.0);
        }
        let mut value = 0.0;
        for corner in 0..1_usize << self.axes.len() {
            let (mut index, mut weight) = (0, 1.0);
            for (k, (axis, (cell, t, _))) in self.axes.iter().zip(&located).enumerate() {
                let upper = corner >> k & 1 == 1;
                index += axis.stride * if upper { axis.next(*cell) } else { *cell };
                weight *= if upper { *t } else { 1.0 - t };
            }
            value += weight * self.values[index];
            let Some(gradient) = gradient.as_deref_mut() else { continue };
            for (k, slope) in gradient.iter_mut().enumerate() {
                if !located[k].2 {
                    continue;
                }
                let mut weight = if corner >> k & 1 == 1 { 1.0 } else { -1.0 } / self.axes[k].spacing;
                for (other, (_, t, _)) in located.iter().enumerate().filter(|(other, _)| *other != k) {
                    weight *= if corner >> other & 1 == 1 { *t } else { 1.0 - t };
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
                            d -= TAU * (d / TAU).round();
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
        let circle = Variable {
            name: "phi".into(),
            domain: Domain::Circle,
            unit: Unit::Radian,
            range: (-PI, PI),
            bins: 100,
        };
        vec![circle, line]
    }

    /// The gradient is the exact derivative of the interpolated bias, across the seam of a circle too.
    #[test]
    fn gradient_is_that_of_the_value() {
        let widths = [0.3, 0.2];
        let mut bias = GridBias::new(&variables(), &widths);
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
        let mut bias = GridBias::new(&variables(), &widths);
        bias.add_hill(&[PI, 0.5], 1.0, &widths);
        for (s, t) in [([-PI, 0.5], 0.0), ([PI - 0.3, 0.5], 1.0), ([-PI + 0.3, 0.7], 2.0_f64)] {
            assert!((bias.value(&s, None) - (-0.5 * t).exp()).abs() < 0.02);
        }
    }
}
