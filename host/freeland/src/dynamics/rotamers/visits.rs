//! Where torsions have been, alone and together with their neighbours.
use std::f64::consts::TAU;

use super::torsion::Torsion;

/// Bins of a whole turn.
const BINS: usize = 72;
/// A state is visited where its torsions were all within this of it, rad: two thirds of the way to the barrier between three
/// minima.
const NEAR_RAD: f64 = 40.0 * TAU / 360.0;

/// For every torsion and every pair of neighbours, which bins were visited.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visits {
    /// `[torsions][BINS]`, then `[pairs][BINS * BINS]`.
    seen: Vec<bool>,
}

impl Visits {
    pub fn new(torsions: usize, pairs: usize) -> Self {
        Self { seen: vec![false; torsions * BINS + pairs * BINS * BINS] }
    }

    /// Notes a configuration, `[atoms][3]`.
    pub fn add(&mut self, r: &[f64], torsions: &[Torsion], pairs: &[[usize; 2]]) {
        let bins: Vec<Option<usize>> = torsions.iter().map(|torsion| bin(torsion.value(r))).collect();
        for (index, bin) in bins.iter().enumerate() {
            if let Some(bin) = bin {
                self.seen[index * BINS + bin] = true;
            }
        }
        let rest = torsions.len() * BINS;
        for (index, [a, b]) in pairs.iter().enumerate() {
            if let (Some(a), Some(b)) = (bins[*a], bins[*b]) {
                self.seen[rest + (index * BINS + a) * BINS + b] = true;
            }
        }
    }

    /// Whether torsion `index` was near `value`, rad.
    pub fn has(&self, torsions: &[Torsion], index: usize, value: f64) -> bool {
        let near = near(&torsions[index], value);
        let row = &self.seen[index * BINS..(index + 1) * BINS];
        row.iter().zip(near).any(|(seen, near)| *seen && near)
    }

    /// Whether the torsions of pair `index` were near these `values`, rad, at once.
    pub fn has_pair(
        &self,
        torsions: &[Torsion],
        pairs: &[[usize; 2]],
        index: usize,
        values: [f64; 2],
    ) -> bool {
        let [a, b] = pairs[index];
        let (near_a, near_b) = (near(&torsions[a], values[0]), near(&torsions[b], values[1]));
        let begin = torsions.len() * BINS + index * BINS * BINS;
        let rows = self.seen[begin..begin + BINS * BINS].chunks_exact(BINS);
        rows.zip(near_a).any(|(row, near)| near && row.iter().zip(&near_b).any(|(seen, near)| *seen && *near))
    }

    /// Indices of the bins that were visited, for a checkpoint.
    pub fn indices(&self) -> Vec<usize> {
        (0..self.seen.len()).filter(|index| self.seen[*index]).collect()
    }

    /// Puts back what [`indices`](Self::indices) gave; `false` if it is of another molecule.
    pub fn restore(&mut self, indices: &[usize]) -> bool {
        let same = indices.iter().all(|index| *index < self.seen.len());
        if same {
            self.seen.fill(false);
            indices.iter().for_each(|index| self.seen[*index] = true);
        }
        same
    }
}

fn bin(value: f64) -> Option<usize> {
    value.is_finite().then(|| ((value / TAU).rem_euclid(1.0) * BINS as f64) as usize % BINS)
}

/// Which bins are near `value` for this torsion.
fn near(torsion: &Torsion, value: f64) -> Vec<bool> {
    let centre = |bin: usize| (bin as f64 + 0.5) * TAU / BINS as f64;
    (0..BINS).map(|bin| torsion.distance(centre(bin), value) < NEAR_RAD).collect()
}
