//! Alanine dipeptide as tests need it: bonds, elements, frames of molecular dynamics, and a toy energy.

use std::path::Path;

use ndarray::Array2;
use ndarray_npy::ReadNpyExt;

use super::derive::derive;
use super::internal::InternalCoordinates;
use super::rotor::Rotor;
use super::z_matrix::{Measured, ZMatrix, same_torsion};

pub(super) const ATOMS: usize = 22;
pub(super) const PHI: [usize; 4] = [4, 6, 8, 14];
pub(super) const PSI: [usize; 4] = [6, 8, 14, 16];
pub(super) const ELEMENTS: [u32; ATOMS] = [1, 6, 1, 1, 6, 8, 7, 1, 6, 1, 6, 1, 1, 1, 6, 8, 7, 1, 6, 1, 1, 1];
pub(super) const BONDS: [[u32; 2]; 21] = [
    [0, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [4, 5],
    [4, 6],
    [6, 7],
    [6, 8],
    [8, 9],
    [8, 10],
    [8, 14],
    [10, 11],
    [10, 12],
    [10, 13],
    [14, 15],
    [14, 16],
    [16, 17],
    [16, 18],
    [18, 19],
    [18, 20],
    [18, 21],
];

/// 400 frames, `[n, 66]`, nm; see tests/data/alanine-dipeptide-frames.py.
pub(super) fn frames() -> Array2<f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/alanine-dipeptide-frames.npy");
    let frames = ndarray::Array3::<f32>::read_npy(std::fs::File::open(file).unwrap()).unwrap();
    let n = frames.dim().0;
    frames.mapv(f64::from).into_shape_with_order((n, 3 * ATOMS)).unwrap()
}

/// Derived coordinates with (phi, psi) coarse, and scales from the frames.
pub(super) fn coordinates() -> InternalCoordinates {
    let wanted = [PHI, PSI].map(Measured::Torsion);
    of(derive(ATOMS, &BONDS, &ELEMENTS, &wanted).unwrap().with_offsets(&[PHI, PSI]))
}

pub(super) fn of(z_matrix: ZMatrix) -> InternalCoordinates {
    let coarse: Vec<usize> = [PHI, PSI].map(|torsion| index_of(&z_matrix, torsion)).to_vec();
    let rotors = Rotor::find(&z_matrix, &ELEMENTS, &BONDS, &coarse);
    let frames = frames();
    let start = frames.row(0).to_vec();
    let mut coordinates = InternalCoordinates::new(z_matrix, rotors, coarse, Some(&start)).unwrap();
    coordinates.standardise(frames.view()).unwrap();
    coordinates
}

fn index_of(z_matrix: &ZMatrix, torsion: [usize; 4]) -> usize {
    let row = z_matrix.rows().iter().position(|row| same_torsion(row.atoms(), torsion)).unwrap();
    3 + 3 * row + 2
}

/// All pairs of atoms `i < j`.
pub(super) fn pairs() -> impl Iterator<Item = [usize; 2]> {
    (0..ATOMS).flat_map(|j| (0..j).map(move |i| [i, j]))
}

/// A smooth energy of order 1 kT that depends on all distances and, through a plane, on the hand of the molecule.
pub(super) fn toy_energy(r: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut energy = 0.0;
    for [i, j] in pairs() {
        let wanted = 0.15 + 0.01 * ((i * 7 + j * 3) % 11) as f64;
        let deviation = super::geometry::distance(r, i, j) - wanted;
        energy += 0.5 * deviation * deviation;
        super::geometry::add_distance_gradient(r, [i, j], deviation, gradient);
    }
    let hand = super::geometry::torsion(r, 9, 8, 10, 14);
    super::geometry::add_torsion_gradient(r, [9, 8, 10, 14], hand.cos(), gradient);
    energy + hand.sin()
}
