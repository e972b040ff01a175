//! The windows of umbrella sampling: harmonic biases on a lattice in coarse space.
use std::collections::HashMap;

use super::bias::{Bias, Walls};
use super::error::DynamicsError;
use crate::space::circle::nearest;
use crate::space::{Axis, Grid};

/// More windows than this are refused.
const MOST_WINDOWS: usize = 1500;

/// Where windows may be, and which there are.
#[derive(Debug, Clone)]
pub struct Windows {
    lattice: Grid,
    /// kT per squared unit of each axis.
    stiffness: Vec<f64>,
    /// The lattice point of each window.
    points: Vec<usize>,
    found: HashMap<usize, usize>,
    /// `[windows][S]`
    centres: Vec<f64>,
}

impl Windows {
    /// A lattice without windows. Spacing and width are fractions of each axis' range.
    pub fn new(axes: &[Axis], relative_spacing: f64, relative_width: f64) -> Self {
        let cells = relative_spacing.recip().round().max(2.0) as usize;
        let stiffness = axes.iter().map(|axis| (relative_width * axis.length()).powi(-2));
        Self {
            lattice: Grid::new(axes.iter().map(|axis| axis.ends(cells, 0.0)).collect()),
            stiffness: stiffness.collect(),
            points: Vec::new(),
            found: HashMap::new(),
            centres: Vec::new(),
        }
    }

    /// Number of windows.
    pub fn count(&self) -> usize {
        self.points.len()
    }

    /// The lattice point of each window.
    pub fn points(&self) -> &[usize] {
        &self.points
    }

    /// The lattice point nearest to `s`.
    pub fn nearest(&self, s: &[f64]) -> usize {
        self.lattice.nearest(s)
    }

    /// Adds a window at a lattice point; `false` if it is there already.
    ///
    /// # Errors
    /// There would be too many.
    pub fn add(&mut self, point: usize) -> Result<bool, DynamicsError> {
        if self.found.contains_key(&point) {
            return Ok(false);
        }
        if self.count() == MOST_WINDOWS {
            return Err(DynamicsError::TooManyWindows { most: MOST_WINDOWS });
        }
        self.found.insert(point, self.count());
        self.centres.extend(self.lattice.site(point));
        self.points.push(point);
        Ok(true)
    }

    /// Adds the windows of a checkpoint, as [`points`](Self::points) gave them; `false` if there are none, or one is no
    /// point of the lattice, or comes twice.
    ///
    /// # Errors
    /// There are too many.
    pub fn restore(&mut self, points: &[f64]) -> Result<bool, DynamicsError> {
        for number in points {
            let point = *number as usize;
            if point as f64 != *number || point >= self.lattice.count() || !self.add(point)? {
                return Ok(false);
            }
        }
        Ok(!points.is_empty())
    }

    /// Lattice points next to a window, along the axes.
    pub fn neighbours(&self, window: usize) -> Vec<usize> {
        self.lattice.neighbours(self.points[window]).collect()
    }

    /// Pairs of windows next to each other along axis `axis`, each window in one pair at most; `odd` gives the other half.
    pub fn pairs(&self, axis: usize, odd: bool) -> Vec<(usize, usize)> {
        let count = self.lattice.ticks()[axis].count();
        let pair = |window: usize| {
            let along = self.lattice.along(self.points[window], axis);
            // On a circle with an odd number of points the last has no partner across the seam.
            if (along % 2 == 1) != odd || (along + 1 == count && count % 2 == 1) {
                return None;
            }
            let next = self.lattice.up(self.points[window], axis)?;
            Some((window, *self.found.get(&next)?))
        };
        (0..self.count()).filter_map(pair).collect()
    }

    /// `s` measured from the centre of a window, on a circle by the shorter way.
    pub fn displacement(&self, window: usize, axis: usize, s: &[f64]) -> f64 {
        let d = s[axis] - self.centres[window * self.stiffness.len() + axis];
        if self.lattice.ticks()[axis].is_periodic() { nearest(d) } else { d }
    }

    /// Bias of window `window` at `s`, kT; its gradient is added to `gradient` if there is one.
    #[inline]
    pub fn bias(&self, window: usize, s: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        let mut energy = 0.0;
        let mut slopes = gradient.map(|gradient| gradient.iter_mut());
        for (k, stiffness) in self.stiffness.iter().enumerate() {
            let d = self.displacement(window, k, s);
            energy += 0.5 * stiffness * d * d;
            if let Some(slope) = slopes.as_mut().and_then(Iterator::next) {
                *slope += stiffness * d;
            }
        }
        energy
    }
}

/// Each walker of a block in its window.
#[derive(Debug, Clone, Copy)]
pub struct WindowBias<'a> {
    /// All windows.
    pub windows: &'a Windows,
    /// The window of each walker of the block.
    pub of_walkers: &'a [usize],
    /// What keeps walkers in the range of a line.
    pub walls: &'a Walls,
}

impl Bias for WindowBias<'_> {
    fn value(&self, walker: usize, s: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        self.windows.bias(self.of_walkers[walker], s, Some(gradient)) + self.walls.add(s, gradient)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::space::Domain;

    fn circle_and_line() -> Vec<Axis> {
        let circle = Axis::circle("phi");
        let line = Axis { domain: Domain::Line, range: (0.0, 2.0), name: "s".into(), ..circle.clone() };
        vec![circle, line]
    }

    #[test]
    fn circles_have_neighbours_across_the_seam_and_lines_end() {
        let mut windows = Windows::new(&circle_and_line(), 0.2, 0.15);
        // Five points on the circle by six on the line.
        assert_eq!(windows.nearest(&[PI - 0.01, 2.3]), 5);
        assert!(windows.add(5).unwrap() && !windows.add(5).unwrap());
        assert_eq!(windows.neighbours(0), [4 * 6 + 5, 6 + 5, 4]);
        for at in windows.neighbours(0) {
            windows.add(at).unwrap();
        }
        // Five points on the circle: 0-1 and 2-3, then 1-2 and 3-4, and 4 never with 0 in one sweep.
        assert_eq!(windows.pairs(0, false), [(0, 2)]);
        assert_eq!(windows.pairs(0, true), []);
        assert_eq!(windows.pairs(1, false), [(3, 0)]);
    }

    #[test]
    fn windows_of_a_checkpoint_are_points_of_the_lattice() {
        let restored = |lattice: &[f64]| {
            let mut windows = Windows::new(&circle_and_line(), 0.2, 0.15);
            windows.restore(lattice).unwrap().then(|| windows.points().to_vec())
        };
        assert_eq!(restored(&[5.0, 24.0]), Some(vec![5, 24]));
        for bad in [&[][..], &[30.0], &[0.5], &[-1.0], &[f64::NAN], &[1e300], &[1.0, 1.0]] {
            assert_eq!(restored(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_bias() {
        let variables = circle_and_line();
        let mut windows = Windows::new(&variables, 0.2, 0.15);
        windows.add(5).unwrap();
        let walls = Walls::new(&variables);
        let bias = WindowBias { windows: &windows, of_walkers: &[0], walls: &walls };
        let mut gradient = [0.0; 2];
        for s in [[3.0, 1.7], [-2.9, 2.1], [2.5, -0.1]] {
            let value = bias.value(0, &s, &mut gradient);
            assert!(value > 0.0);
            for k in 0..2 {
                let h = 1e-5;
                let at = |d: f64| {
                    let mut moved = s;
                    moved[k] += d;
                    bias.value(0, &moved, &mut [0.0; 2])
                };
                let numerical = (at(h) - at(-h)) / (2.0 * h);
                assert!((numerical - gradient[k]).abs() < 1e-5 * (1.0 + numerical.abs()), "{s:?} {k}");
            }
        }
    }
}
