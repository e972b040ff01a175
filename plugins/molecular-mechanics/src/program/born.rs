//! A Born model made ready.
use super::Rows;
use crate::lanes::Real;
use crate::system::{Born, BornAtom, Neck, Pair, RadiusLaw};
use std::collections::BTreeMap;

/// Per atom.
#[derive(Clone, Copy, Debug)]
pub struct BornTerm<T> {
    /// rho.
    pub offset_radius: T,
    /// 1 / rho.
    pub inverse_offset_radius: T,
    /// 1 / radius.
    pub inverse_radius: T,
    pub scaled_radius: T,
    pub scaled_radius_square: T,
    /// alpha, beta, gamma.
    pub coefficients: [T; 3],
    /// `-c q^2 / 2`; the dielectric factor is in it unless there is salt.
    pub self_product: T,
    /// `factor (radius + probe)^2 radius^6`, to be divided by `B^6`; zero without surface term.
    pub surface: T,
}

/// Per pair: what the first atom feels, then what the second feels.
#[derive(Clone, Copy, Debug)]
pub struct NeckTerm<T> {
    /// Square of the distance where it ends.
    pub reach_square: T,
    /// Weight times `m`, twice (integrals are kept doubled).
    pub strength: [T; 2],
    pub distance: [T; 2],
}

/// A Born model at one precision.
#[derive(Clone, Debug)]
pub struct BornProgram<T> {
    pub hct: bool,
    pub swallowed_correction: bool,
    pub atoms: Vec<BornTerm<T>>,
    /// One per pair in the order of the dense rows, or none.
    pub necks: Vec<NeckTerm<T>>,
    /// `(kappa, 1 / solute dielectric, 1 / solvent dielectric)`.
    pub salt: Option<(T, T, T)>,
    /// Every pair, with its Coulomb and Lennard-Jones energy if this is the model that takes them along.
    pub rows: Rows<T>,
}

impl<T: Real> BornProgram<T> {
    /// The model, with `pairs` on the way.
    pub fn new(born: &Born, pairs: &BTreeMap<[usize; 2], Pair>) -> Self {
        let (factor, salt) = medium(born);
        let mut charge_products = Vec::new();
        let mut necks = Vec::new();
        for (first, a) in born.atoms.iter().enumerate() {
            for (second, b) in born.atoms.iter().enumerate().skip(first + 1) {
                charge_products.push(factor * a.charge * b.charge);
                if let Some(neck) = &born.neck {
                    necks.push(NeckTerm::new(neck, a.radius + b.radius, [first, second]));
                }
            }
        }
        Self {
            hct: born.law == RadiusLaw::Hct,
            swallowed_correction: born.swallowed_correction,
            atoms: born_terms(born).iter().map(BornTerm::rounded).collect(),
            necks,
            salt: salt.map(|(kappa, solute, solvent)| (T::of(kappa), T::of(solute), T::of(solvent))),
            rows: Rows::dense(born.atoms.len(), pairs, &charge_products),
        }
    }
}

/// The factor of a product of charges, and `(kappa, 1 / solute dielectric, 1 / solvent dielectric)` if there is salt.
pub fn medium(born: &Born) -> (f64, Option<(f64, f64, f64)>) {
    let (solute, solvent) = (1.0 / born.solute_dielectric, 1.0 / born.solvent_dielectric);
    match born.kappa > 0.0 {
        true => (-born.coulomb, Some((born.kappa, solute, solvent))),
        false => (-born.coulomb * (solute - solvent), None),
    }
}

/// The atoms of a model.
pub fn born_terms(born: &Born) -> Vec<BornTerm<f64>> {
    let (factor, _) = medium(born);
    let (surface, probe) = born.surface.unwrap_or_default();
    let term = |atom: &BornAtom| BornTerm {
        offset_radius: atom.offset_radius,
        inverse_offset_radius: 1.0 / atom.offset_radius,
        inverse_radius: 1.0 / atom.radius,
        scaled_radius: atom.scaled_radius,
        scaled_radius_square: atom.scaled_radius * atom.scaled_radius,
        coefficients: atom.coefficients,
        self_product: 0.5 * factor * atom.charge * atom.charge,
        surface: surface * (atom.radius + probe).powi(2) * atom.radius.powi(6),
    };
    born.atoms.iter().map(term).collect()
}

impl BornTerm<f64> {
    fn rounded<T: Real>(&self) -> BornTerm<T> {
        BornTerm {
            offset_radius: T::of(self.offset_radius),
            inverse_offset_radius: T::of(self.inverse_offset_radius),
            inverse_radius: T::of(self.inverse_radius),
            scaled_radius: T::of(self.scaled_radius),
            scaled_radius_square: T::of(self.scaled_radius_square),
            coefficients: self.coefficients.map(T::of),
            self_product: T::of(self.self_product),
            surface: T::of(self.surface),
        }
    }
}

impl<T: Real> NeckTerm<T> {
    fn new(neck: &Neck, radii: f64, atoms: [usize; 2]) -> Self {
        let [first, second] = atoms.map(|atom| neck.kinds[atom]);
        Self {
            reach_square: T::of((radii + neck.cut).powi(2)),
            strength: [
                T::of(2.0 * neck.scale * neck.m[first][second]),
                T::of(2.0 * neck.scale * neck.m[second][first]),
            ],
            distance: [T::of(neck.d[first][second]), T::of(neck.d[second][first])],
        }
    }
}
