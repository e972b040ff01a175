//! Basins of F, and the barriers between them.

use serde::Serialize;

use super::Landscape;
use crate::space::Grid;

/// A place where F is lowest, and what runs down to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basin {
    /// The bin centre of its minimum, in the units of the axes.
    pub s: Vec<f64>,
    /// F there, kT.
    pub f_kt: f64,
    /// Its error, kT.
    pub f_std_kt: f64,
    /// Share of the whole that is in the basin.
    pub population: f64,
}

/// The lowest pass between two basins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Barrier {
    /// Indices of the two basins, the lower one first.
    pub between: [usize; 2],
    /// The bin centre of the pass.
    pub s: Vec<f64>,
    /// F there, kT.
    pub f_kt: f64,
    /// Its error, kT.
    pub f_std_kt: f64,
}

/// Basins, the lowest first, and the passes that join them: one fewer than basins that are joined at all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Basins {
    /// The lowest first.
    pub basins: Vec<Basin>,
    /// The lowest first. Between any two basins the highest pass on the way is the barrier between them.
    pub barriers: Vec<Barrier>,
}

/// A basin while the water rises.
struct Growing {
    /// The bin of its minimum.
    minimum: usize,
    /// Itself, or the deeper one that it ran over into.
    runs_into: usize,
}

impl Landscape {
    /// Basins deeper than `depth_kt` below their lowest pass, on a grid of which this is F. A basin less deep counts as part of
    /// the one it runs over into; bins at `cap_kt` and above are in none. Neighbours are bins next to each other along an
    /// axis.
    ///
    /// As water rises from below, every bin either begins a basin, or joins that of its neighbours, or is the pass at which two
    /// of them run together (a watershed of bins sorted by F).
    pub fn basins(&self, grid: &Grid, depth_kt: f64, cap_kt: f64) -> Basins {
        let f_kt: Vec<f64> = self.f_kt.iter().copied().collect();
        let std: Vec<f64> = self.f_std_kt.iter().copied().collect();
        let mut order: Vec<usize> = (0..f_kt.len()).filter(|bin| f_kt[*bin] < cap_kt).collect();
        order.sort_by(|a, b| f_kt[*a].total_cmp(&f_kt[*b]));
        let mut growing: Vec<Growing> = Vec::new();
        let mut of_bin: Vec<Option<usize>> = vec![None; f_kt.len()];
        let mut passes: Vec<([usize; 2], usize)> = Vec::new();
        for bin in order {
            let mut near: Vec<usize> = grid
                .neighbours(bin)
                .filter_map(|bin| of_bin[bin])
                .map(|basin| root(&growing, basin))
                .collect();
            near.sort_by(|a, b| {
                f_kt[growing[*a].minimum].total_cmp(&f_kt[growing[*b].minimum]).then(a.cmp(b))
            });
            near.dedup();
            let Some((deepest, others)) = near.split_first() else {
                of_bin[bin] = Some(growing.len());
                growing.push(Growing { minimum: bin, runs_into: growing.len() });
                continue;
            };
            of_bin[bin] = Some(*deepest);
            for other in others {
                if f_kt[bin] - f_kt[growing[*other].minimum] > depth_kt {
                    passes.push(([*deepest, *other], bin));
                }
                growing[*other].runs_into = *deepest;
            }
        }
        // Basins that have a pass of their own, or that nothing joins to another.
        let deep = |basin: &usize| {
            growing[*basin].runs_into == *basin || passes.iter().any(|([_, other], _)| other == basin)
        };
        let mut kept: Vec<usize> = (0..growing.len()).filter(deep).collect();
        kept.sort_by(|a, b| f_kt[growing[*a].minimum].total_cmp(&f_kt[growing[*b].minimum]));
        let weights = self.weights();
        let whole: f64 = weights.iter().sum();
        let mut population = vec![0.0; kept.len()];
        for (basin, weight) in of_bin.iter().zip(&weights) {
            let Some(mut basin) = *basin else { continue };
            while !kept.contains(&basin) {
                basin = growing[basin].runs_into;
            }
            population[place(&kept, basin)] += weight / whole;
        }
        let basins = kept.iter().zip(population).map(|(basin, population)| {
            let bin = growing[*basin].minimum;
            Basin { s: grid.site(bin).collect(), f_kt: f_kt[bin], f_std_kt: std[bin], population }
        });
        let barriers = passes.iter().map(|([deeper, other], bin)| Barrier {
            between: [place(&kept, *deeper), place(&kept, *other)],
            s: grid.site(*bin).collect(),
            f_kt: f_kt[*bin],
            f_std_kt: std[*bin],
        });
        Basins { basins: basins.collect(), barriers: barriers.collect() }
    }
}

/// The basin that `basin` has run over into, in the end.
fn root(growing: &[Growing], mut basin: usize) -> usize {
    while growing[basin].runs_into != basin {
        basin = growing[basin].runs_into;
    }
    basin
}

/// Where a basin is among those that are kept.
fn place(kept: &[usize], basin: usize) -> usize {
    kept.iter().position(|other| *other == basin).expect("a basin at a pass is kept")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Axis, Domain};

    /// Three wells on a circle, by hand: 0 at bin 1, 1 at bin 4, 0.5 at bin 6; passes 5 (bin 2), 1.2 (bin 5), 8 (bin 0).
    #[test]
    fn wells_and_passes_of_a_circle() {
        let axis = Axis { bins: 8, ..Axis::circle("phi") };
        let f_kt = vec![8.0, 0.0, 5.0, 4.0, 1.0, 1.2, 0.5, 7.0];
        let std = (0..8).map(|k| 0.1 * k as f64).collect();
        let landscape = Landscape::new(vec![axis.centres()], f_kt.clone(), std);
        let grid = Grid::bins(&[axis]);
        let all = landscape.basins(&grid, 0.1, 20.0);
        let minima: Vec<f64> = all.basins.iter().map(|basin| basin.f_kt).collect();
        assert_eq!(minima, [0.0, 0.5, 1.0]);
        let passes: Vec<([usize; 2], f64)> =
            all.barriers.iter().map(|pass| (pass.between, pass.f_kt)).collect();
        assert_eq!(passes, [([1, 2], 1.2), ([0, 1], 5.0)]);
        assert!((all.basins.iter().map(|basin| basin.population).sum::<f64>() - 1.0).abs() < 1e-12);
        let deep = landscape.basins(&grid, 1.0, 20.0);
        assert_eq!((deep.basins.len(), deep.barriers.len()), (2, 1));
        let weight = |bins: &[usize]| bins.iter().map(|bin| (-f_kt[*bin]).exp()).sum::<f64>();
        let right = weight(&[3, 4, 5, 6, 7]) / weight(&[0, 1, 2, 3, 4, 5, 6, 7]);
        assert!((deep.basins[1].population - right).abs() < 1e-3, "{deep:?}");
        assert!((deep.barriers[0].f_std_kt - 0.2).abs() < 1e-12);
    }

    /// What was never seen joins nothing.
    #[test]
    fn wells_that_nothing_joins_have_no_barrier() {
        let axis =
            Axis { name: "s".into(), domain: Domain::Line, range: (0.0, 5.0), bins: 5, ..Axis::circle("s") };
        let f_kt = vec![1.0, 0.0, f64::INFINITY, 2.0, 3.0];
        let landscape = Landscape::new(vec![axis.centres()], f_kt, vec![0.1; 5]);
        let found = landscape.basins(&Grid::bins(&[axis]), 0.5, 20.0);
        assert_eq!((found.basins.len(), found.barriers.len()), (2, 0));
        assert_eq!(found.basins[1].s, [3.5]);
    }

    /// (x^2 - 1)^2 + y^2: two wells, a pass of 4 at the origin.
    #[test]
    fn two_dimensions() {
        let axis = |name: &str| Axis {
            name: name.into(),
            domain: Domain::Line,
            range: (-2.0, 2.0),
            bins: 41,
            ..Axis::circle("s")
        };
        let axes = [axis("x"), axis("y")];
        let grid = Grid::bins(&axes);
        let f = |s: Vec<f64>| 4.0 * (s[0] * s[0] - 1.0).powi(2) + s[1] * s[1];
        let f_kt = (0..grid.count()).map(|bin| f(grid.site(bin).collect())).collect();
        let landscape =
            Landscape::new(axes.iter().map(Axis::centres).collect(), f_kt, vec![0.0; grid.count()]);
        let found = landscape.basins(&grid, 0.5, 20.0);
        assert_eq!(found.basins.len(), 2);
        assert!(found.basins.iter().all(|basin| (basin.population - 0.5).abs() < 0.06), "{found:?}");
        let pass = &found.barriers[0];
        assert!(pass.s.iter().all(|s| s.abs() < 1e-9) && (pass.f_kt - 4.0).abs() < 0.05, "{pass:?}");
    }
}
