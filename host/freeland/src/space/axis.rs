//! An axis of coarse space: a variable that F is a function of, and the part of it that is asked for.

use std::f64::consts::PI;

use rand::Rng;
use rand_distr::StandardNormal;

use super::circle::{nearest, wrap};
use super::{Domain, Ticks};
use crate::units::Unit;

/// A coarse variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Unique among the axes.
    pub name: String,
    /// The set of its values.
    pub domain: Domain,
    /// Their unit.
    pub unit: Unit,
    /// The ends of the grid of F. The circle is `(-pi, pi)`.
    pub range: (f64, f64),
    /// Bins of the grid, of equal width.
    pub bins: usize,
}

impl Axis {
    /// A torsion, with 100 bins.
    pub fn circle(name: &str) -> Self {
        let (domain, unit) = (Domain::Circle, Unit::Radian);
        Self { name: name.to_owned(), domain, unit, range: (-PI, PI), bins: 100 }
    }

    /// Length of the range.
    pub fn length(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// Centres of the bins.
    pub fn centres(&self) -> Vec<f64> {
        self.ticks().all().collect()
    }

    /// The centres of the bins, as points of a grid.
    pub fn ticks(&self) -> Ticks {
        let spacing = self.length() / self.bins as f64;
        Ticks::new(self.domain == Domain::Circle, self.range.0 + 0.5 * spacing, spacing, self.bins)
    }

    /// The ends of `cells` equal cells, which on a line reach `beyond` its range.
    pub fn ends(&self, cells: usize, beyond: f64) -> Ticks {
        let circle = self.domain == Domain::Circle;
        let (low, high) = if circle { self.range } else { (self.range.0 - beyond, self.range.1 + beyond) };
        Ticks::new(circle, low, (high - low) / cells as f64, cells + usize::from(!circle))
    }

    /// `to - from`, the short way round on a circle.
    pub fn difference(&self, from: f64, to: f64) -> f64 {
        match self.domain {
            Domain::Circle => nearest(to - from),
            Domain::Line => to - from,
        }
    }

    /// `s` plus a normal deviate of `scale` times the range, on its circle where it is one.
    pub fn step(&self, s: f64, scale: f64, rng: &mut impl Rng) -> f64 {
        let s = s + scale * self.length() * rng.sample::<f64, _>(StandardNormal);
        match self.domain {
            Domain::Circle => wrap(s),
            Domain::Line => s,
        }
    }

    /// The nearest value in the range and, on a line, a fraction `beyond` of it on either side.
    pub fn confine(&self, s: f64, beyond: f64) -> f64 {
        let (low, high) = self.range;
        let beyond = beyond * self.length();
        match self.domain {
            Domain::Circle => s,
            Domain::Line => s.clamp(low - beyond, high + beyond),
        }
    }

    /// Euclidean distance of two sites in fractions of each range, the short way round on circles.
    pub fn distance(axes: &[Self], from: &[f64], to: &[f64]) -> f64 {
        let along = axes.iter().zip(from).zip(to);
        along
            .map(|((axis, from), to)| (axis.difference(*from, *to) / axis.length()).powi(2))
            .sum::<f64>()
            .sqrt()
    }
}
