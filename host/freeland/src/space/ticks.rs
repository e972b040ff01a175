//! Points at equal distances along one axis.

/// Points at equal distances along one axis; on a circle the last is followed by the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    periodic: bool,
    low: f64,
    spacing: f64,
    count: usize,
}

impl Ticks {
    /// `count` points from `low` on.
    pub fn new(periodic: bool, low: f64, spacing: f64, count: usize) -> Self {
        Self { periodic, low, spacing, count }
    }

    /// Whether they go round a circle.
    pub fn is_periodic(&self) -> bool {
        self.periodic
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Distance of two points.
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// Where a point is.
    pub fn at(&self, point: usize) -> f64 {
        self.low + self.spacing * point as f64
    }

    /// Where all points are.
    pub fn all(&self) -> impl Iterator<Item = f64> {
        (0..self.count).map(|point| self.at(point))
    }

    /// `s` counted in points, from the first.
    pub(super) fn position(&self, s: f64) -> f64 {
        (s - self.low) / self.spacing
    }

    /// The point that `s` is nearest to: the bin that it is in. `None` more than half a step outside of a line.
    pub fn nearest(&self, s: f64) -> Option<usize> {
        let t = (self.position(s) + 0.5).floor();
        let count = self.count as f64;
        match t >= 0.0 && t < count {
            true => Some(t as usize),
            false if self.periodic && t.is_finite() => Some(t.rem_euclid(count) as usize),
            false => None,
        }
    }

    /// The point nearest to `s`; the first or the last outside of a line.
    pub(super) fn nearest_of_all(&self, s: f64) -> usize {
        let end = if s < self.low { 0 } else { self.count - 1 };
        self.nearest(s).unwrap_or(end)
    }

    /// The next point up; `None` past the end of a line.
    pub fn up(&self, point: usize) -> Option<usize> {
        match point + 1 < self.count {
            true => Some(point + 1),
            false => self.periodic.then_some(0),
        }
    }

    /// The next point down; `None` past the end of a line.
    pub fn down(&self, point: usize) -> Option<usize> {
        match point > 0 {
            true => Some(point - 1),
            false => self.periodic.then_some(self.count - 1),
        }
    }
}
