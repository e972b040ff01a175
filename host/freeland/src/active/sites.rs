//! Where to spend the next energy calls: sites in coarse space, chosen by walkers on the ensemble.
use ndarray::Array2;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::seeding::{Purpose, generator};
use crate::config::active_learning::ActiveLearningConfig;
use crate::free_energy::Ensemble;
use crate::space::Axis;

/// Steps between two sites taken from one walker.
const THINNING: usize = 4;
/// Steps of a walker before its first site.
const BURN_IN: usize = 100;
/// Standard deviations of proposals as fractions of a variable's range: local moves, and now and then a far one.
const MOVES: [f64; 3] = [0.02, 0.05, 0.2];
/// Sites may lie this fraction of a line's range beyond its ends, so that F is interpolated there too.
const BEYOND: f64 = 0.04;
/// Walkers follow F at half its depth, or feel only the cap.
const INVERSE_TEMPERATURES: [f64; 2] = [0.5, 0.0];

/// Chooses sites on one ensemble.
pub struct SiteFinder<'a> {
    /// Coarse variables.
    pub variables: &'a [Axis],
    /// What is known of F.
    pub ensemble: &'a Ensemble,
    /// Thresholds and numbers of walkers.
    pub config: &'a ActiveLearningConfig,
    /// Sites evaluated so far, `[sites][variables]`: where walkers start.
    pub visited: &'a [f64],
    /// The smallest F seen, kT.
    pub minimum_kt: f64,
}

/// The frontier: points that walkers could reach and where the members disagree.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    /// Diverse centres, `[centres][variables]`.
    pub centres: Vec<f64>,
    /// Walkers that reached a point of disagreement, of all.
    pub walkers: usize,
}

impl SiteFinder<'_> {
    /// Walks until the members disagree by more than the threshold, below the cap of F. Keeps the farthest of the points
    /// found, one by one (periodic distance).
    pub fn explore(&self, seed: u64, round: usize) -> Frontier {
        let mut rng = generator(seed, round, Purpose::Explore);
        let starts: Vec<(Vec<f64>, u64)> =
            (0..self.config.walkers).filter_map(|_| Some((self.start(&mut rng)?, rng.random()))).collect();
        let found: Vec<Vec<f64>> = starts
            .into_par_iter()
            .enumerate()
            .filter_map(|(walker, (start, seed))| {
                let mut rng = generator(seed, round, Purpose::Explore);
                let mut walker = self.walker(start, INVERSE_TEMPERATURES[walker % 2], f64::INFINITY);
                (0..self.config.exploration_steps).find_map(|_| {
                    walker.step(&mut rng);
                    (walker.std_kt > self.config.spread_threshold.0).then(|| walker.s.clone())
                })
            })
            .collect();
        Frontier { walkers: found.len(), centres: self.farthest(found, &mut rng) }
    }

    /// Sites inside of what is known: from `exp(-F / 2)`, the density of sites that makes the Kullback-Leibler divergence
    /// of exp(-F) least for a given number of draws, and a share of walkers that spread evenly below the cap.
    pub fn refine(&self, count: usize, seed: u64, round: usize, uniform_share: f64) -> Vec<f64> {
        let mut rng = generator(seed, round, Purpose::Refine);
        let walkers = self.config.walkers;
        let each = count.div_ceil(walkers);
        let starts: Vec<(Vec<f64>, u64)> =
            (0..walkers).filter_map(|_| Some((self.start(&mut rng)?, rng.random()))).collect();
        let per_walker: Vec<Vec<f64>> = starts
            .into_par_iter()
            .enumerate()
            .map(|(index, (start, seed))| {
                let mut rng = generator(seed, round, Purpose::Refine);
                let even = (index as f64 + 0.5) / (walkers as f64) < uniform_share;
                let inverse_temperature = INVERSE_TEMPERATURES[usize::from(even)];
                let mut walker = self.walker(start, inverse_temperature, self.config.spread_threshold.0);
                (0..BURN_IN).for_each(|_| walker.step(&mut rng));
                let mut sites = Vec::with_capacity(each * self.variables.len());
                for _ in 0..each {
                    (0..THINNING).for_each(|_| walker.step(&mut rng));
                    sites.extend_from_slice(&walker.s);
                }
                sites
            })
            .collect();
        let mut rows: Vec<Vec<f64>> = per_walker
            .iter()
            .flat_map(|sites| sites.chunks_exact(self.variables.len()).map(<[f64]>::to_vec))
            .collect();
        rows.shuffle(&mut rng);
        rows.truncate(count);
        rows.concat()
    }

    /// A random visited site that is inside of what is known.
    fn start(&self, rng: &mut ChaCha8Rng) -> Option<Vec<f64>> {
        let width = self.variables.len();
        let sites = self.visited.len() / width;
        if sites == 0 {
            return None;
        }
        let mut scratch = self.ensemble.scratch();
        let mut last = None;
        for _ in 0..100 {
            let index = rng.random_range(..sites);
            let site = &self.visited[index * width..(index + 1) * width];
            let prediction = self.ensemble.predict(site, &mut scratch);
            last = Some(site.to_vec());
            let low = prediction.f_kt - self.minimum_kt < self.config.max_free_energy.0;
            if low && prediction.std_kt < self.config.spread_threshold.0 {
                break;
            }
        }
        last
    }

    fn walker(&self, start: Vec<f64>, inverse_temperature: f64, largest_std_kt: f64) -> Walker<'_> {
        let mut scratch = self.ensemble.scratch();
        let prediction = self.ensemble.predict(&start, &mut scratch);
        Walker {
            finder: self,
            scratch,
            inverse_temperature,
            largest_std_kt,
            energy_kt: self.energy(prediction.f_kt, inverse_temperature),
            std_kt: prediction.std_kt,
            s: start,
        }
    }

    fn energy(&self, f_kt: f64, inverse_temperature: f64) -> f64 {
        let height = f_kt - self.minimum_kt;
        // A steep wall, not a hard one, so that a walker that starts above finds its way down.
        inverse_temperature * height + 4.0 * (height - self.config.max_free_energy.0).max(0.0)
    }

    /// Farthest-point selection.
    fn farthest(&self, mut points: Vec<Vec<f64>>, rng: &mut ChaCha8Rng) -> Vec<f64> {
        points.shuffle(rng);
        let mut distance = vec![f64::INFINITY; points.len()];
        let mut chosen = Vec::new();
        for _ in 0..self.config.centres.min(points.len()) {
            let farthest = (0..points.len())
                .max_by(|a, b| distance[*a].total_cmp(&distance[*b]))
                .expect("there are points");
            if distance[farthest] < self.config.radius * 0.5 {
                break;
            }
            for (d, point) in distance.iter_mut().zip(&points) {
                *d = d.min(Axis::distance(self.variables, point, &points[farthest]));
            }
            chosen.extend_from_slice(&points[farthest]);
        }
        chosen
    }
}

struct Walker<'a> {
    finder: &'a SiteFinder<'a>,
    scratch: crate::free_energy::Scratch,
    inverse_temperature: f64,
    largest_std_kt: f64,
    energy_kt: f64,
    std_kt: f64,
    s: Vec<f64>,
}

impl Walker<'_> {
    /// One Metropolis step.
    fn step(&mut self, rng: &mut ChaCha8Rng) {
        let scale = MOVES[rng.random_range(0..MOVES.len())];
        let mut proposal = self.s.clone();
        for (s, variable) in proposal.iter_mut().zip(self.finder.variables) {
            *s = variable.step(*s, scale, rng);
            if *s != variable.confine(*s, BEYOND) {
                return;
            }
        }
        let prediction = self.finder.ensemble.predict(&proposal, &mut self.scratch);
        if prediction.std_kt > self.largest_std_kt && prediction.std_kt > self.std_kt {
            return;
        }
        let energy_kt = self.finder.energy(prediction.f_kt, self.inverse_temperature);
        if rng.random::<f64>() < (self.energy_kt - energy_kt).exp() {
            (self.s, self.energy_kt, self.std_kt) = (proposal, energy_kt, prediction.std_kt);
        }
    }
}

/// `count` sites scattered around random rows of `centres`, by a normal deviate of `radius` (a fraction of each range);
/// on a line, hardly beyond its range.
pub fn scatter(
    centres: &[f64],
    variables: &[Axis],
    radius: f64,
    count: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<f64> {
    let rows: Vec<&[f64]> = centres.chunks_exact(variables.len()).collect();
    let mut sites = Vec::with_capacity(count * variables.len());
    for _ in 0..count {
        let Some(centre) = rows.choose(rng) else { break };
        for (s, variable) in centre.iter().zip(variables) {
            sites.push(variable.confine(variable.step(*s, radius, rng), BEYOND));
        }
    }
    sites
}

/// Rows in random order, as an array `[sites, variables]`.
pub fn shuffled(sites: Vec<f64>, variables: usize, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let mut rows: Vec<&[f64]> = sites.chunks_exact(variables).collect();
    rows.shuffle(rng);
    let values = rows.concat();
    Array2::from_shape_vec((values.len() / variables, variables), values).expect("whole rows")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::config::free_energy::FreeEnergyConfig;
    use crate::free_energy::{Basis, Coefficients};

    fn config(more: &str) -> ActiveLearningConfig {
        toml::from_str(&format!(
            "max-energy-calls = 1000\nmax-free-energy = \"10 kT\"\nwalkers = 200\n{more}"
        ))
        .unwrap()
    }

    /// Members that agree on an F of a few harmonics.
    fn ensemble(axes: &[Axis]) -> Ensemble {
        let config = FreeEnergyConfig::default();
        let mut centre = vec![0.0; Basis::new(axes, &config).len()];
        centre[1..4].copy_from_slice(&[1.5, -0.7, 0.6]);
        let members = vec![centre.clone(); 2];
        Ensemble::from_coefficients(axes, &config, Coefficients { centre, members })
    }

    /// Shares of 20 bins of a circle, of walkers and of `exp(-F / temperature)`.
    fn compare(uniform_share: f64, inverse_temperature: f64) {
        let axes = [Axis { bins: 20, ..Axis::circle("phi") }];
        let ensemble = ensemble(&axes);
        let config = config("");
        let mut scratch = ensemble.scratch();
        let bins = crate::space::Grid::bins(&axes);
        let mut exact = vec![0.0; bins.count()];
        for point in 0..2000 {
            let s = std::f64::consts::TAU * (f64::from(point) + 0.5) / 2000.0 - std::f64::consts::PI;
            let weight = (-inverse_temperature * ensemble.f_kt(&[s], &mut scratch)).exp();
            exact[bins.index(&[s]).unwrap()] += weight;
        }
        let whole: f64 = exact.iter().sum();
        let finder = SiteFinder {
            variables: &axes,
            ensemble: &ensemble,
            config: &config,
            visited: &[0.0, 2.0],
            minimum_kt: -2.0,
        };
        let sites = finder.refine(100_000, 7, 1, uniform_share);
        let mut found = vec![0.0; bins.count()];
        sites.iter().for_each(|s| found[bins.index(&[*s]).unwrap()] += 1.0 / sites.len() as f64);
        for (bin, (found, exact)) in found.iter().zip(&exact).enumerate() {
            let exact = exact / whole;
            assert!((found / exact - 1.0).abs() < 0.1, "bin {bin}: {found} where {exact} is right");
        }
    }

    #[test]
    fn walkers_sample_half_of_f() {
        compare(0.0, 0.5);
    }

    #[test]
    fn even_walkers_feel_the_cap_alone() {
        compare(1.0, 0.0);
    }

    /// Across the seams of the torus, points that look far apart are one.
    #[test]
    fn the_farthest_points_of_a_torus() {
        let axes = [Axis::circle("phi"), Axis::circle("psi")];
        let ensemble = ensemble(&axes);
        let config = config("centres = 9\nradius = 0.1");
        let finder = SiteFinder {
            variables: &axes,
            ensemble: &ensemble,
            config: &config,
            visited: &[],
            minimum_kt: 0.0,
        };
        let points = [[3.1, 0.0], [-3.1, 0.0], [0.0, 0.0], [0.0, 3.1], [0.0, -3.1], [0.1, 0.05]];
        for seed in 0..20 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let chosen = finder.farthest(points.map(Vec::from).to_vec(), &mut rng);
            assert_eq!(chosen.len(), 3 * 2, "{chosen:?}");
            let cell = |s: &[f64]| (s[0].abs() > 3.0, s[1].abs() > 3.0);
            let mut cells: Vec<_> = chosen.chunks_exact(2).map(cell).collect();
            cells.sort_unstable();
            assert_eq!(cells, [(false, false), (false, true), (true, false)]);
        }
    }
}
