//! What is computed, free of file formats and of lanes: the forces of a molecule in OpenMM's units (nm, kJ/mol, rad, e).
//!
//! Every formula is OpenMM's own (its Reference platform), so that the same System gives the same numbers.

mod custom;
mod pairs;

pub use custom::{Custom, CustomBorn, Geometry, OfAtom, OfPair};
pub use pairs::{Pair, PairAtom, Pairs};

/// A molecule and the forces on it.
#[derive(Clone, Debug)]
pub struct System {
    /// `[atoms]` u.
    pub masses: Vec<f64>,
    /// `[atoms]` e; empty without Coulomb forces.
    pub charges: Vec<f64>,
    /// Distances that OpenMM would hold fixed and that have no energy.
    pub constraints: Vec<Constraint>,
    /// In the order of the file; their energies add up.
    pub forces: Vec<Force>,
}

/// A distance that OpenMM holds fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constraint {
    /// Atoms.
    pub atoms: [usize; 2],
    /// nm.
    pub distance: f64,
}

impl System {
    /// Whether some force depends on where the molecule is, or how it is turned.
    pub fn depends_on_place(&self) -> bool {
        self.forces.iter().any(|force| match &force.terms {
            Terms::Custom(custom) => custom.depends_on_place(),
            Terms::CustomBorn(born) => born.depends_on_place(),
            _ => false,
        })
    }
}

/// One force, under the name that it is reported by.
#[derive(Clone, Debug)]
pub struct Force {
    /// Name in the System; unique (a repeated name gets a number).
    pub name: String,
    /// What it does.
    pub terms: Terms,
}

impl Force {
    /// Whether there is an energy to report.
    pub fn has_energy(&self) -> bool {
        !matches!(self.terms, Terms::Nothing)
    }
}

/// The kinds of force that this plugin evaluates.
#[derive(Clone, Debug)]
pub enum Terms {
    /// Harmonic bonds.
    Bonds(Vec<Bond>),
    /// Harmonic angles.
    Angles(Vec<Angle>),
    /// Torsions as Fourier series: periodic and Ryckaert-Bellemans.
    Torsions(Vec<Torsion>),
    /// Impropers that are quadratic in the angle.
    Impropers(Vec<Improper>),
    /// Correction maps over two torsions.
    Maps(CorrectionMaps),
    /// Coulomb and Lennard-Jones between pairs.
    Pairs(Pairs),
    /// A generalised Born model.
    Born(Box<Born>),
    /// A sum of an expression over groups of atoms.
    Custom(Box<Custom>),
    /// Computed values and energies that depend on them, by expressions.
    CustomBorn(Box<CustomBorn>),
    /// A force without energy, such as the remover of centre-of-mass motion.
    Nothing,
}

/// `k/2 (r - r0)^2`.
#[derive(Clone, Copy, Debug)]
pub struct Bond {
    /// Atoms.
    pub atoms: [usize; 2],
    /// `r0`, nm.
    pub length: f64,
    /// `k`, kJ/mol/nm^2.
    pub strength: f64,
}

/// `k/2 (theta - theta0)^2`, the angle at the second atom.
#[derive(Clone, Copy, Debug)]
pub struct Angle {
    /// Atoms.
    pub atoms: [usize; 3],
    /// `theta0`, rad.
    pub angle: f64,
    /// `k`, kJ/mol/rad^2.
    pub strength: f64,
}

/// The highest frequency of a [`Torsion`].
pub const FREQUENCIES: usize = 6;

/// `constant + sum_n cosine[n-1] cos(n phi) + sine[n-1] sin(n phi)`, with the IUPAC sign of `phi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Torsion {
    /// Atoms.
    pub atoms: [usize; 4],
    /// kJ/mol.
    pub constant: f64,
    /// kJ/mol.
    pub cosine: [f64; FREQUENCIES],
    /// kJ/mol.
    pub sine: [f64; FREQUENCIES],
}

impl Torsion {
    /// `k (1 + cos(n phi - phase))`; `None` above the highest frequency.
    pub fn periodic(atoms: [usize; 4], periodicity: usize, phase: f64, strength: f64) -> Option<Torsion> {
        if periodicity > FREQUENCIES {
            return None;
        }
        let mut torsion = Torsion { atoms, constant: strength, cosine: [0.0; 6], sine: [0.0; 6] };
        match periodicity.checked_sub(1) {
            Some(index) => {
                torsion.cosine[index] = strength * phase.cos();
                torsion.sine[index] = strength * phase.sin();
            }
            None => torsion.constant += strength * phase.cos(),
        }
        Some(torsion)
    }

    /// Ryckaert-Bellemans: `sum_i c[i] cos(phi - pi)^i`.
    pub fn ryckaert_bellemans(atoms: [usize; 4], c: [f64; 6]) -> Torsion {
        // Powers of a cosine as cosines of multiples; the sign is cos(phi - pi) = -cos(phi).
        let [c0, c1, c2, c3, c4, c5] = [c[0], -c[1], c[2], -c[3], c[4], -c[5]];
        Torsion {
            atoms,
            constant: c0 + c2 / 2.0 + 3.0 * c4 / 8.0,
            cosine: [
                c1 + 3.0 * c3 / 4.0 + 5.0 * c5 / 8.0,
                c2 / 2.0 + c4 / 2.0,
                c3 / 4.0 + 5.0 * c5 / 16.0,
                c4 / 8.0,
                c5 / 16.0,
                0.0,
            ],
            sine: [0.0; FREQUENCIES],
        }
    }

    /// The number of frequencies in use.
    pub fn order(&self) -> usize {
        (0..FREQUENCIES)
            .rev()
            .find(|&n| self.cosine[n] != 0.0 || self.sine[n] != 0.0)
            .map_or(0, |highest| highest + 1)
    }
}

/// `k d^2`, with `d = phi - phi0`, shortened by a whole turn where that is the shorter way.
#[derive(Clone, Copy, Debug)]
pub struct Improper {
    /// Atoms.
    pub atoms: [usize; 4],
    /// `phi0`, rad.
    pub angle: f64,
    /// `k`, kJ/mol/rad^2 (no factor of one half).
    pub strength: f64,
    /// The whole turn, rad, as the force has it (`2 pi` to some digits), if the shorter way around the circle counts.
    pub turn: Option<f64>,
}

/// Energy maps over pairs of torsions, and where they apply.
#[derive(Clone, Debug, Default)]
pub struct CorrectionMaps {
    /// The maps.
    pub maps: Vec<EnergyMap>,
    /// `(map, atoms of the first torsion, atoms of the second)`.
    pub torsions: Vec<(usize, [usize; 4], [usize; 4])>,
}

/// A periodic map; the value at angles `(2 pi i / size, 2 pi j / size)` is `energies[i + size * j]`, kJ/mol.
#[derive(Clone, Debug)]
pub struct EnergyMap {
    /// Points along each angle.
    pub size: usize,
    /// `[size * size]`.
    pub energies: Vec<f64>,
}

/// How an atom's descreening integral becomes its Born radius `B`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RadiusLaw {
    /// Hawkins, Cramer, Truhlar: `1/B = 1/rho - I`.
    Hct,
    /// Onufriev, Bashford, Case: `1/B = 1/rho - tanh(alpha psi - beta psi^2 + gamma psi^3) / radius`, with `psi = I rho`.
    Obc,
}

/// The neck correction of GBn, added to the integral of atom 1 within `radius1 + radius2 + cut`:
/// `scale m / (1 + 100 (r - d)^2 + 3e5 (r - d)^6)`.
#[derive(Clone, Debug)]
pub struct Neck {
    /// Weight.
    pub scale: f64,
    /// Reach beyond the two radii, nm.
    pub cut: f64,
    /// `[atoms]`, the place of each in the tables.
    pub kinds: Vec<usize>,
    /// `m`, `[kinds][kinds]`, the atom that feels it first.
    pub m: Vec<Vec<f64>>,
    /// `d`, nm, `[kinds][kinds]`.
    pub d: Vec<Vec<f64>>,
}

/// An atom of a Born model.
#[derive(Clone, Copy, Debug)]
pub struct BornAtom {
    /// e.
    pub charge: f64,
    /// `rho`, nm: the radius less the offset.
    pub offset_radius: f64,
    /// nm.
    pub radius: f64,
    /// `rho` times the screening factor, nm; may be negative (sulphur in GBn2).
    pub scaled_radius: f64,
    /// alpha, beta, gamma of [`RadiusLaw::Obc`].
    pub coefficients: [f64; 3],
}

/// A generalised Born model with its surface term.
#[derive(Clone, Debug)]
pub struct Born {
    /// `[atoms]`.
    pub atoms: Vec<BornAtom>,
    /// From integral to radius.
    pub law: RadiusLaw,
    /// Whether an atom swallowed by another gets the correction of Tinker (GBSAOBCForce has it, the custom forces do not).
    pub swallowed_correction: bool,
    /// The neck correction.
    pub neck: Option<Neck>,
    /// Coulomb's constant, kJ/mol nm: the two force classes of OpenMM differ in its eighth digit.
    pub coulomb: f64,
    /// Relative permittivity inside.
    pub solute_dielectric: f64,
    /// Relative permittivity outside.
    pub solvent_dielectric: f64,
    /// Debye's kappa, 1/nm.
    pub kappa: f64,
    /// `factor (radius + probe)^2 (radius / B)^6` per atom: (kJ/mol/nm^2, nm).
    pub surface: Option<(f64, f64)>,
}

/// Coulomb's constant as OpenMM's NonbondedForce and GBSAOBCForce have it, kJ/mol nm (from CODATA 2018).
pub fn coulomb_constant() -> f64 {
    let charge = 1.602176634e-19_f64;
    let avogadro = 6.02214076e23;
    let epsilon0 = 1e-6 * 8.8541878128e-12 / (charge * charge * avogadro);
    1.0 / (4.0 * std::f64::consts::PI * epsilon0)
}
