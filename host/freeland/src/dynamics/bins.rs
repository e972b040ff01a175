//! The bins of F: which one a site is in.
use crate::config::domain::Domain;
use crate::system::Variable;

/// A regular grid of bins over the ranges of the coarse variables, the last axis running fastest.
#[derive(Debug, Clone)]
pub struct Bins {
    axes: Vec<Axis>,
    centres: Vec<Vec<f64>>,
    periodic: Vec<bool>,
    count: usize,
}

#[derive(Debug, Clone)]
struct Axis {
    periodic: bool,
    low: f64,
    per_unit: f64,
    bins: usize,
}

impl Bins {
    /// The grid of F.
    pub fn new(variables: &[Variable]) -> Self {
        let axes = variables.iter().map(|variable| {
            let (low, high) = variable.range;
            let per_unit = variable.bins as f64 / (high - low);
            Axis { periodic: variable.domain == Domain::Circle, low, per_unit, bins: variable.bins }
        });
        Self {
            axes: axes.collect(),
            centres: variables.iter().map(Variable::centres).collect(),
            periodic: variables.iter().map(|variable| variable.domain == Domain::Circle).collect(),
            count: variables.iter().map(|variable| variable.bins).product(),
        }
    }

    /// Number of bins.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Centres along each axis.
    pub fn centres(&self) -> &[Vec<f64>] {
        &self.centres
    }

    /// Which axes are circles.
    pub fn periodic(&self) -> &[bool] {
        &self.periodic
    }

    /// The bin of `s`, in standard layout; `None` outside the range of a line.
    #[inline]
    pub fn index(&self, s: &[f64]) -> Option<usize> {
        let mut index = 0;
        for (axis, s) in self.axes.iter().zip(s) {
            let t = ((s - axis.low) * axis.per_unit).floor();
            let inside = t >= 0.0 && t < axis.bins as f64;
            let bin = match inside {
                true => t as usize,
                false if axis.periodic => t.rem_euclid(axis.bins as f64) as usize,
                false => return None,
            };
            index = index * axis.bins + bin;
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::units::Unit;

    #[test]
    fn circles_close_and_lines_end() {
        let circle = Variable {
            name: "phi".into(),
            domain: Domain::Circle,
            unit: Unit::Radian,
            range: (-PI, PI),
            bins: 4,
        };
        let line = Variable {
            name: "s".into(),
            domain: Domain::Line,
            unit: Unit::Reduced,
            range: (0.0, 3.0),
            bins: 3,
        };
        let bins = Bins::new(&[circle, line]);
        assert_eq!(bins.count(), 12);
        assert_eq!(bins.index(&[-PI, 0.5]), Some(0));
        assert_eq!(bins.index(&[PI, 0.5]), Some(0));
        assert_eq!(bins.index(&[3.0, 2.9]), Some(11));
        assert_eq!(bins.index(&[0.1, 3.0]), None);
        assert_eq!(bins.index(&[0.1, -1e-9]), None);
    }
}
