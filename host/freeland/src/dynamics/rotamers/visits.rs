//! Where torsions have been, alone and together with their neighbours, and at which s.
use std::collections::BTreeMap;
use std::f64::consts::TAU;

use super::torsion::Torsion;
use crate::space::Axis;
use crate::space::Domain;

/// Bins of a whole turn of a torsion.
const BINS: usize = 24;
/// A configuration is in a state where its torsions are within this of it, rad: two thirds of the way to the barrier between
/// three minima.
const NEAR_RAD: f64 = 40.0 * TAU / 360.0;
/// Cells of the range of a coarse variable; near a site are its cell and those around.
const CELLS: usize = 12;
/// Coarse variables that cells are made of, at most: more make no difference, and too large numbers.
const MOST_AXES: usize = 8;
/// A state that this share of all configurations is in turns freely: it need not be seen everywhere.
const FREE_SHARE: f64 = 0.05;

/// How often each torsion, and each pair of neighbours, was in which bin, by cell of s.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Visits {
    coarse: Vec<Axis>,
    torsions: Vec<Torsion>,
    pairs: Vec<[usize; 2]>,
    /// By cell, torsion or pair, and bins of both.
    counts: BTreeMap<u64, u64>,
    /// All configurations.
    total: u64,
}

impl Visits {
    pub fn new(coarse: &[Axis], torsions: &[Torsion], pairs: &[[usize; 2]]) -> Self {
        Self {
            coarse: coarse.iter().take(MOST_AXES).cloned().collect(),
            torsions: torsions.to_vec(),
            pairs: pairs.to_vec(),
            counts: BTreeMap::new(),
            total: 0,
        }
    }

    /// Notes a configuration, `[atoms][3]`, and its s.
    pub fn add(&mut self, r: &[f64], s: &[f64]) {
        let values: Vec<f64> = self.torsions.iter().map(|torsion| torsion.value(r)).collect();
        if !values.iter().chain(s).all(|value| value.is_finite()) {
            return;
        }
        let bins: Vec<usize> = values.iter().map(|value| bin(*value)).collect();
        let cell = self.join(&self.cell(s));
        let single = bins.iter().map(|bin| [*bin, 0]);
        let both: Vec<[usize; 2]> =
            single.chain(self.pairs.iter().map(|pair| pair.map(|index| bins[index]))).collect();
        for (index, bins) in both.into_iter().enumerate() {
            *self.counts.entry(self.key(cell, index, bins)).or_default() += 1;
        }
        self.total += 1;
    }

    /// Whether these torsions, one or a pair, were at these values near `s`, or are there so often that they turn freely.
    pub fn has(&self, turned: &[(usize, f64)], s: &[f64]) -> bool {
        let near = |(index, value): &(usize, f64)| -> Vec<bool> {
            let centre = |bin: usize| (bin as f64 + 0.5) * TAU / BINS as f64;
            (0..BINS).map(|bin| self.torsions[*index].distance(centre(bin), *value) < NEAR_RAD).collect()
        };
        let (index, inside) = match turned {
            [one] => (one.0, [near(one), vec![true; BINS]]),
            [one, other] => {
                let place = self.pairs.iter().position(|pair| *pair == [one.0, other.0]);
                let Some(place) = place else { return false };
                (self.torsions.len() + place, [near(one), near(other)])
            }
            _ => return false,
        };
        let here = self.cell(s);
        let mut all = 0;
        for (key, count) in &self.counts {
            let (cell, at, [a, b]) = self.split(*key);
            if at == index && inside[0][a] && inside[1][b] {
                all += count;
                if self.are_near(&here, &cell) {
                    return true;
                }
            }
        }
        self.total > 0 && all as f64 >= FREE_SHARE * self.total as f64
    }

    /// For a checkpoint.
    pub fn counts(&self) -> (Vec<(u64, u64)>, u64) {
        (self.counts.iter().map(|(key, count)| (*key, *count)).collect(), self.total)
    }

    /// Puts back what [`counts`](Self::counts) gave; `false` if it is of another molecule.
    pub fn restore(&mut self, (counts, total): &(Vec<(u64, u64)>, u64)) -> bool {
        let end = self.join(&vec![CELLS - 1; self.coarse.len()]) + 1;
        let end = end.saturating_mul((self.kinds() * BINS * BINS) as u64);
        let most = crate::system::MOST_CALLS;
        let same = counts.iter().all(|(key, count)| *key < end && *count <= most) && *total <= most;
        (self.counts, self.total) = (counts.iter().copied().collect(), *total);
        same
    }

    /// Torsions and pairs.
    fn kinds(&self) -> usize {
        self.torsions.len() + self.pairs.len()
    }

    fn key(&self, cell: u64, index: usize, [a, b]: [usize; 2]) -> u64 {
        ((cell * self.kinds() as u64 + index as u64) * BINS as u64 + a as u64) * BINS as u64 + b as u64
    }

    fn split(&self, key: u64) -> (Vec<usize>, usize, [usize; 2]) {
        let (bins, kinds) = (BINS as u64, self.kinds() as u64);
        let (rest, b) = (key / bins, key % bins);
        let (rest, a) = (rest / bins, rest % bins);
        let (mut rest, index) = (rest / kinds, rest % kinds);
        let cell = self.coarse.iter().map(|_| {
            let along = rest % CELLS as u64;
            rest /= CELLS as u64;
            along as usize
        });
        (cell.collect(), index as usize, [a as usize, b as usize])
    }

    /// The cell of `s` along every variable; beyond the ends of a line the last.
    fn cell(&self, s: &[f64]) -> Vec<usize> {
        let along = |(variable, s): (&Axis, &f64)| {
            let (low, high) = variable.range;
            let t = (s - low) / (high - low);
            let t = if variable.domain == Domain::Circle { t.rem_euclid(1.0) } else { t };
            ((t * CELLS as f64) as usize).min(CELLS - 1)
        };
        self.coarse.iter().zip(s).map(along).collect()
    }

    fn join(&self, cell: &[usize]) -> u64 {
        cell.iter().rev().fold(0, |joined, along| joined * CELLS as u64 + *along as u64)
    }

    fn are_near(&self, one: &[usize], other: &[usize]) -> bool {
        self.coarse.iter().zip(one).zip(other).all(|((variable, one), other)| {
            let apart = one.abs_diff(*other);
            apart <= 1 || (variable.domain == Domain::Circle && apart == CELLS - 1)
        })
    }
}

fn bin(value: f64) -> usize {
    ((value / TAU).rem_euclid(1.0) * BINS as f64) as usize % BINS
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// Four atoms whose torsion is `angle`.
    fn chain(angle: f64) -> Vec<f64> {
        vec![0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.1 * angle.cos(), 0.1 * angle.sin(), 0.2]
            .into_iter()
            .enumerate()
            .map(|(index, value)| if index == 1 { 0.0 } else { value })
            .collect()
    }

    fn visits(period: f64) -> Visits {
        let circle = Axis::circle("phi");
        Visits::new(&[circle], &[Torsion::of([0, 1, 2, 3], period)], &[])
    }

    #[test]
    fn a_state_is_visited_near_its_own_s_or_where_it_is_common() {
        let mut visits = visits(TAU);
        for _ in 0..1000 {
            visits.add(&chain(1.0), &[3.1]);
        }
        let has = |visits: &Visits, value: f64, s: f64| visits.has(&[(0, value)], &[s]);
        assert!(has(&visits, 1.3, 3.1) && has(&visits, 1.0, -3.1), "there, and across the seam");
        assert!(!has(&visits, -1.0, 3.1), "another state");
        visits.add(&chain(-1.0), &[3.1]);
        assert!(has(&visits, -1.0, 3.1) && !has(&visits, -1.0, 0.0), "one visit elsewhere is none here");
        for _ in 0..60 {
            visits.add(&chain(-1.0), &[3.1]);
        }
        assert!(has(&visits, -1.0, 0.0), "a torsion that turns freely");
    }

    #[test]
    fn equal_atoms_make_one_state_of_two_values() {
        let mut visits = visits(PI);
        visits.add(&chain(1.0), &[0.0]);
        assert!(visits.has(&[(0, 1.0 - PI)], &[0.0]));
    }

    #[test]
    fn counts_of_another_molecule_are_refused() {
        let mut visits = visits(TAU);
        visits.add(&chain(1.0), &[0.0]);
        let mut counts = visits.counts();
        let before = visits.clone();
        assert!(visits.restore(&counts) && visits == before);
        counts.0.push((u64::MAX, 1));
        assert!(!visits.restore(&counts));
    }
}
