//! Regular grids over coarse space.

use super::{Axis, Ticks};

/// A grid of points, numbered with the last axis running fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    ticks: Vec<Ticks>,
    strides: Vec<usize>,
    count: usize,
}

impl Grid {
    /// Of the points along each axis, whose product is a number that fits.
    pub fn new(ticks: Vec<Ticks>) -> Self {
        let mut count = 1;
        let mut strides = vec![0; ticks.len()];
        for (stride, ticks) in strides.iter_mut().zip(&ticks).rev() {
            *stride = count;
            count *= ticks.count();
        }
        Self { ticks, strides, count }
    }

    /// The bins of F.
    pub fn bins(axes: &[Axis]) -> Self {
        Self::new(axes.iter().map(Axis::ticks).collect())
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where the points along each axis are.
    pub fn centres(&self) -> Vec<Vec<f64>> {
        self.ticks.iter().map(|ticks| ticks.all().collect()).collect()
    }

    /// Points along each axis.
    pub fn ticks(&self) -> &[Ticks] {
        &self.ticks
    }

    /// How far the numbers of two neighbours along an axis are apart.
    pub(super) fn stride(&self, axis: usize) -> usize {
        self.strides[axis]
    }

    /// The place of point `index` along `axis`.
    pub fn along(&self, index: usize, axis: usize) -> usize {
        index / self.strides[axis] % self.ticks[axis].count()
    }

    /// Where point `index` is.
    pub fn site(&self, index: usize) -> impl Iterator<Item = f64> {
        (0..self.ticks.len()).map(move |axis| self.ticks[axis].at(self.along(index, axis)))
    }

    /// The point that `s` is nearest to, which is the bin it is in; `None` outside the range of a line.
    #[inline]
    pub fn index(&self, s: &[f64]) -> Option<usize> {
        let mut index = 0;
        for (ticks, s) in self.ticks.iter().zip(s) {
            index = index * ticks.count() + ticks.nearest(*s)?;
        }
        Some(index)
    }

    /// The point of the grid nearest to `s`, which may be outside.
    pub fn nearest(&self, s: &[f64]) -> usize {
        let along = self.ticks.iter().zip(s);
        along.fold(0, |index, (ticks, s)| index * ticks.count() + ticks.nearest_of_all(*s))
    }

    /// The next point up along `axis`.
    pub fn up(&self, index: usize, axis: usize) -> Option<usize> {
        self.moved(index, axis, Ticks::up)
    }

    /// The next point down along `axis`.
    pub fn down(&self, index: usize, axis: usize) -> Option<usize> {
        self.moved(index, axis, Ticks::down)
    }

    fn moved(
        &self,
        index: usize,
        axis: usize,
        next: impl FnOnce(&Ticks, usize) -> Option<usize>,
    ) -> Option<usize> {
        let here = self.along(index, axis);
        let there = next(&self.ticks[axis], here)?;
        Some(index - here * self.strides[axis] + there * self.strides[axis])
    }

    /// The points next to `index`: down and up along each axis in turn.
    pub fn neighbours(&self, index: usize) -> impl Iterator<Item = usize> {
        (0..self.ticks.len()).flat_map(move |axis| [self.down(index, axis), self.up(index, axis)]).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::space::Domain;

    /// Four bins of a circle and three of a line from 0 to 3.
    fn circle_and_line() -> [Axis; 2] {
        let circle = Axis { bins: 4, ..Axis::circle("phi") };
        let line =
            Axis { name: "s".into(), domain: Domain::Line, range: (0.0, 3.0), bins: 3, ..circle.clone() };
        [circle, line]
    }

    #[test]
    fn circles_close_and_lines_end() {
        let bins = Grid::bins(&circle_and_line());
        assert_eq!(bins.count(), 12);
        assert_eq!(bins.index(&[-PI, 0.5]), Some(0));
        assert_eq!(bins.index(&[PI, 0.5]), Some(0));
        assert_eq!(bins.index(&[3.0, 2.9]), Some(11));
        assert_eq!(bins.index(&[0.1, 3.0]), None);
        assert_eq!(bins.index(&[0.1, -1e-9]), None);
        assert_eq!(bins.index(&[f64::NAN, 0.5]), None);
        assert_eq!(bins.index(&[f64::INFINITY, 0.5]), None);
        assert_eq!((bins.nearest(&[PI, 9.0]), bins.nearest(&[PI, -9.0])), (2, 0));
    }

    #[test]
    fn the_site_of_a_point_is_nearest_to_it() {
        let axes = circle_and_line();
        for grid in [Grid::bins(&axes), Grid::new(axes.iter().map(|axis| axis.ends(5, 0.2)).collect())] {
            for index in 0..grid.count() {
                let site: Vec<f64> = grid.site(index).collect();
                assert_eq!((grid.index(&site), grid.nearest(&site)), (Some(index), index));
            }
        }
    }

    #[test]
    fn neighbours_are_those_of_each_other() {
        let grid = Grid::bins(&circle_and_line());
        assert_eq!(grid.neighbours(0).collect::<Vec<_>>(), [9, 3, 1]);
        for index in 0..grid.count() {
            for other in grid.neighbours(index) {
                assert!(grid.neighbours(other).any(|back| back == index), "{index} {other}");
            }
            for axis in 0..2 {
                let there = grid.up(index, axis).and_then(|up| grid.down(up, axis));
                assert!(there.is_none_or(|there| there == index));
            }
        }
    }
}
