//! The windows of umbrella sampling: harmonic biases on a lattice in coarse space.
use std::collections::HashMap;
use std::f64::consts::PI;

use super::bias::{Bias, Walls};
use super::error::DynamicsError;
use crate::config::domain::Domain;
use crate::system::Variable;
use crate::system::angle::nearest;

/// More windows than this are refused.
const MOST_WINDOWS: usize = 1500;

/// Where windows may be, and which there are.
#[derive(Debug, Clone)]
pub struct Windows {
    axes: Vec<Axis>,
    /// Lattice indices of each window, `[windows][S]`.
    lattice: Vec<Vec<usize>>,
    found: HashMap<Vec<usize>, usize>,
    /// `[windows][S]`
    centres: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Axis {
    periodic: bool,
    low: f64,
    spacing: f64,
    points: usize,
    /// kT per squared unit.
    stiffness: f64,
}

impl Axis {
    fn new(variable: &Variable, relative_spacing: f64, relative_width: f64) -> Self {
        let periodic = variable.domain == Domain::Circle;
        let (low, high) = if periodic { (-PI, PI) } else { variable.range };
        let cells = (1.0 / relative_spacing).round().max(2.0);
        let points = cells as usize + usize::from(!periodic);
        let stiffness = (relative_width * (high - low)).powi(-2);
        Self { periodic, low, spacing: (high - low) / cells, points, stiffness }
    }

    fn nearest(&self, s: f64) -> usize {
        let t = ((s - self.low) / self.spacing).round();
        let last = self.points as f64;
        if self.periodic {
            t.rem_euclid(last) as usize % self.points
        } else {
            t.clamp(0.0, last - 1.0) as usize
        }
    }

    /// The next lattice index up.
    fn up(&self, index: usize) -> Option<usize> {
        match index + 1 < self.points {
            true => Some(index + 1),
            false => self.periodic.then_some(0),
        }
    }

    fn down(&self, index: usize) -> Option<usize> {
        match index > 0 {
            true => Some(index - 1),
            false => self.periodic.then_some(self.points - 1),
        }
    }

    fn distance(&self, s: f64, centre: f64) -> f64 {
        let d = s - centre;
        if self.periodic { nearest(d) } else { d }
    }
}

impl Windows {
    /// A lattice without windows. Spacing and width are fractions of each variable's range.
    pub fn new(variables: &[Variable], relative_spacing: f64, relative_width: f64) -> Self {
        let axis = |variable| Axis::new(variable, relative_spacing, relative_width);
        Self {
            axes: variables.iter().map(axis).collect(),
            lattice: Vec::new(),
            found: HashMap::new(),
            centres: Vec::new(),
        }
    }

    /// Number of windows.
    pub fn count(&self) -> usize {
        self.lattice.len()
    }

    /// Lattice indices of all windows, `[windows][S]`, flat.
    pub fn lattice(&self) -> impl Iterator<Item = usize> {
        self.lattice.iter().flatten().copied()
    }

    /// The lattice point nearest to `s`.
    pub fn nearest(&self, s: &[f64]) -> Vec<usize> {
        self.axes.iter().zip(s).map(|(axis, s)| axis.nearest(*s)).collect()
    }

    /// Adds a window; `false` if it is there already.
    ///
    /// # Errors
    /// There would be too many.
    pub fn add(&mut self, at: Vec<usize>) -> Result<bool, DynamicsError> {
        if self.found.contains_key(&at) {
            return Ok(false);
        }
        if self.count() == MOST_WINDOWS {
            return Err(DynamicsError::TooManyWindows { most: MOST_WINDOWS });
        }
        self.found.insert(at.clone(), self.count());
        let centre = self.axes.iter().zip(&at).map(|(axis, index)| axis.low + axis.spacing * *index as f64);
        self.centres.extend(centre);
        self.lattice.push(at);
        Ok(true)
    }

    /// Adds the windows of a checkpoint, as [`lattice`](Self::lattice) gave them; `false` if there are none, or one is no
    /// point of the lattice, or comes twice.
    ///
    /// # Errors
    /// There are too many.
    pub fn restore(&mut self, lattice: &[f64]) -> Result<bool, DynamicsError> {
        if lattice.is_empty() || !lattice.len().is_multiple_of(self.axes.len()) {
            return Ok(false);
        }
        for numbers in lattice.chunks_exact(self.axes.len()) {
            let at: Vec<usize> = numbers.iter().map(|number| *number as usize).collect();
            let whole = at.iter().zip(numbers).all(|(index, number)| *index as f64 == *number);
            let inside = at.iter().zip(&self.axes).all(|(index, axis)| *index < axis.points);
            if !whole || !inside || !self.add(at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lattice points next to a window, along the axes.
    pub fn neighbours(&self, window: usize) -> Vec<Vec<usize>> {
        let at = &self.lattice[window];
        let moved = |k: usize, index: Option<usize>| {
            index.map(|index| {
                let mut at = at.clone();
                at[k] = index;
                at
            })
        };
        let axes = self.axes.iter().enumerate();
        axes.flat_map(|(k, axis)| [moved(k, axis.down(at[k])), moved(k, axis.up(at[k]))]).flatten().collect()
    }

    /// Pairs of windows next to each other along axis `axis`, each window in one pair at most; `odd` gives the other half.
    pub fn pairs(&self, axis: usize, odd: bool) -> Vec<(usize, usize)> {
        let shape = &self.axes[axis];
        let pair = |window: usize| {
            let at = &self.lattice[window];
            // On a circle with an odd number of points the last has no partner across the seam.
            let seam = at[axis] + 1 == shape.points;
            if (at[axis] % 2 == 1) != odd || (seam && shape.points % 2 == 1) {
                return None;
            }
            let mut next = at.clone();
            next[axis] = shape.up(at[axis])?;
            Some((window, *self.found.get(&next)?))
        };
        (0..self.count()).filter_map(pair).collect()
    }

    /// `s` measured from the centre of a window, on a circle by the shorter way.
    pub fn displacement(&self, window: usize, axis: usize, s: &[f64]) -> f64 {
        self.axes[axis].distance(s[axis], self.centres[window * self.axes.len() + axis])
    }

    /// Bias of window `window` at `s`, kT; its gradient is added to `gradient` if there is one.
    #[inline]
    pub fn bias(&self, window: usize, s: &[f64], gradient: Option<&mut [f64]>) -> f64 {
        let mut energy = 0.0;
        let mut slopes = gradient.map(|gradient| gradient.iter_mut());
        for (k, axis) in self.axes.iter().enumerate() {
            let d = self.displacement(window, k, s);
            energy += 0.5 * axis.stiffness * d * d;
            if let Some(slope) = slopes.as_mut().and_then(Iterator::next) {
                *slope += axis.stiffness * d;
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
    use super::*;

    fn circle_and_line() -> Vec<Variable> {
        let circle = Variable::circle("phi");
        let line = Variable { domain: Domain::Line, range: (0.0, 2.0), name: "s".into(), ..circle.clone() };
        vec![circle, line]
    }

    #[test]
    fn circles_have_neighbours_across_the_seam_and_lines_end() {
        let mut windows = Windows::new(&circle_and_line(), 0.2, 0.15);
        assert_eq!(windows.nearest(&[PI - 0.01, 2.3]), [0, 5]);
        assert!(windows.add(vec![0, 5]).unwrap() && !windows.add(vec![0, 5]).unwrap());
        assert_eq!(windows.neighbours(0), [vec![4, 5], vec![1, 5], vec![0, 4]]);
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
            windows.restore(lattice).unwrap().then(|| windows.lattice().collect::<Vec<_>>())
        };
        assert_eq!(restored(&[0.0, 5.0, 4.0, 0.0]), Some(vec![0, 5, 4, 0]));
        for bad in [
            &[][..],
            &[0.0],
            &[5.0, 0.0],
            &[0.0, 6.0],
            &[0.5, 0.0],
            &[-1.0, 0.0],
            &[f64::NAN, 0.0],
            &[1e300, 0.0],
            &[1.0, 1.0, 1.0, 1.0],
        ] {
            assert_eq!(restored(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_bias() {
        let variables = circle_and_line();
        let mut windows = Windows::new(&variables, 0.2, 0.15);
        windows.add(vec![0, 5]).unwrap();
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
