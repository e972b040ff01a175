//! Where atoms are put that nobody says anything of, and the box around them.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::info::Info;

/// Atoms on a jittered lattice around the origin: nothing overlaps, and nothing is symmetric.
pub(super) fn lattice(info: &Info, spacing: f64, cells: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
    let centre = 0.5 * (cells.max(1) - 1) as f64;
    let cell = |atom: usize, axis: usize| (atom / cells.max(1).pow(axis as u32)) % cells.max(1);
    let jitter = if info.atoms == 1 { 1.0 } else { 0.1 };
    (0..info.atoms)
        .flat_map(|atom| (0..info.dimensions).map(move |axis| (atom, axis)))
        .map(|(atom, axis)| {
            let place = if info.dimensions == 3 {
                cell(atom, axis) as f64 - centre
            } else {
                (atom * usize::from(axis == 0)) as f64
            };
            spacing * (place + jitter * random.sample::<f64, _>(StandardNormal))
        })
        .collect()
}

/// A cubic box that holds every seed, and twice the cutoff; empty where the potential is not periodic.
pub(super) fn box_of(info: &Info, seeds: &[Vec<f64>]) -> Vec<f64> {
    if !info.is_periodic() {
        return Vec::new();
    }
    let (least, most) =
        seeds.iter().flatten().fold((0.0_f64, 0.0_f64), |(least, most), &x| (least.min(x), most.max(x)));
    let side = (most - least + 1.0).max(2.5 * info.cutoff_nm.unwrap_or(1.0)).max(3.0);
    vec![side, 0.0, 0.0, 0.0, side, 0.0, 0.0, 0.0, side]
}
