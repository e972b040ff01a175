//! A Born model with its parameters by atom.
use crate::lanes::Real;
use crate::program::{BornTerm, born_terms, medium};
use crate::system::{Born, Neck, RadiusLaw};

/// A column of numbers, one per atom; what pads the last block is harmless.
pub type Column<T> = Vec<T>;

/// A Born model at one precision.
#[derive(Clone, Debug)]
pub struct BornColumns<T> {
    pub hct: bool,
    pub swallowed_correction: bool,
    /// `[padded]`.
    pub atoms: BornTerm<Column<T>>,
    /// `[padded]`, e.
    pub charge: Column<T>,
    /// `[atoms]`, the charge with the factor of the Born energy.
    pub own_charge: Column<T>,
    /// `(kappa, 1 / solute dielectric, 1 / solvent dielectric)`.
    pub salt: Option<(T, T, T)>,
    pub neck: Option<NeckColumns<T>>,
}

/// The neck correction, which depends on the kinds of two atoms.
#[derive(Clone, Debug)]
pub struct NeckColumns<T> {
    /// `[atoms]`.
    pub kinds: Vec<usize>,
    /// `[padded]`, radius, nm.
    pub radius: Column<T>,
    /// `[atoms]`, radius and the reach beyond, nm.
    pub reach: Column<T>,
    /// `[kinds]`, for an atom of this kind with every other: see [`NeckOfKind`].
    pub of_kind: Vec<NeckOfKind<T>>,
}

/// `[padded]` each: what an atom of some kind feels of every other, and what the other feels of it.
#[derive(Clone, Debug)]
pub struct NeckOfKind<T> {
    /// Weight times `m`, twice (integrals are kept doubled).
    pub strength: [Column<T>; 2],
    pub distance: [Column<T>; 2],
}

impl<T: Real> BornColumns<T> {
    pub fn new(born: &Born, lanes: usize) -> Self {
        let padded = born.atoms.len().next_multiple_of(lanes);
        let terms = born_terms(born);
        let column = |of: fn(&BornTerm<f64>) -> f64| -> Column<T> {
            let padding = std::iter::repeat_n(1.0, padded - terms.len());
            terms.iter().map(of).chain(padding).map(T::of).collect()
        };
        let (factor, salt) = medium(born);
        Self {
            hct: born.law == RadiusLaw::Hct,
            swallowed_correction: born.swallowed_correction,
            atoms: BornTerm {
                offset_radius: column(|atom| atom.offset_radius),
                inverse_offset_radius: column(|atom| atom.inverse_offset_radius),
                inverse_radius: column(|atom| atom.inverse_radius),
                scaled_radius: column(|atom| atom.scaled_radius),
                scaled_radius_square: column(|atom| atom.scaled_radius_square),
                coefficients: [
                    column(|atom| atom.coefficients[0]),
                    column(|atom| atom.coefficients[1]),
                    column(|atom| atom.coefficients[2]),
                ],
                self_product: column(|atom| atom.self_product),
                surface: column(|atom| atom.surface),
            },
            charge: padded_column(born.atoms.iter().map(|atom| atom.charge), padded),
            own_charge: born.atoms.iter().map(|atom| T::of(factor * atom.charge)).collect(),
            salt: salt.map(|(kappa, solute, solvent)| (T::of(kappa), T::of(solute), T::of(solvent))),
            neck: born.neck.as_ref().map(|neck| NeckColumns::new(neck, born, padded)),
        }
    }
}

impl<T: Real> NeckColumns<T> {
    fn new(neck: &Neck, born: &Born, padded: usize) -> Self {
        let of_kind = (0..neck.m.len()).map(|own| {
            let column =
                |of: &dyn Fn(usize) -> f64| padded_column(neck.kinds.iter().map(|&kind| of(kind)), padded);
            NeckOfKind {
                strength: [
                    column(&|other| 2.0 * neck.scale * neck.m[own][other]),
                    column(&|other| 2.0 * neck.scale * neck.m[other][own]),
                ],
                distance: [column(&|other| neck.d[own][other]), column(&|other| neck.d[other][own])],
            }
        });
        Self {
            kinds: neck.kinds.clone(),
            radius: padded_column(born.atoms.iter().map(|atom| atom.radius), padded),
            reach: born.atoms.iter().map(|atom| T::of(atom.radius + neck.cut)).collect(),
            of_kind: of_kind.collect(),
        }
    }
}

/// Zeros behind.
fn padded_column<T: Real>(values: impl ExactSizeIterator<Item = f64>, padded: usize) -> Column<T> {
    let padding = std::iter::repeat_n(0.0, padded - values.len());
    values.chain(padding).map(T::of).collect()
}
