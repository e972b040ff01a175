//! What the ensemble says of every bin.
use rayon::prelude::*;

use super::ensemble::Ensemble;
use crate::landscape::{Landscape, spread_of_members};
use crate::space::{Axis, Grid};

impl Ensemble {
    /// F at the bin centres of `axes`, and as its error the standard deviation of `ln p` among the members.
    pub fn landscape(&self, axes: &[Axis]) -> Landscape {
        let grid = Grid::bins(axes);
        let members = self.coefficients().members.len();
        let mut f_kt = vec![0.0; grid.count()];
        let mut members_kt = vec![0.0; grid.count() * members];
        (f_kt.par_iter_mut().zip(members_kt.par_chunks_mut(members)).enumerate()).for_each_init(
            || (self.scratch(), vec![0.0; axes.len()]),
            |(scratch, s), (bin, (f, row))| {
                s.iter_mut().zip(grid.site(bin)).for_each(|(s, at)| *s = at);
                *f = self.members_kt(s, scratch, row);
            },
        );
        Landscape::new(grid.centres(), f_kt, spread_of_members(&members_kt, members))
    }
}
