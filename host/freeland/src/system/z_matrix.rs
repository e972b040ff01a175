//! Internal coordinates by z-matrix: bonds, angles and torsions in the order in which atoms are placed.
//!
//! Three seed atoms `a-b-c` carry the coordinates `|ab|`, `|bc|`, `angle(abc)`; every further atom carries a bond, an
//! angle and a torsion against atoms placed before it. Row `i` of the coordinates of `atoms` atoms is
//! `q = [|ab|, |bc|, angle(abc), bond_0, angle_0, torsion_0, bond_1, ...]`, `3 atoms - 6` numbers in nm and rad.

use std::collections::HashSet;
use std::fmt;

use super::geometry;
use super::vector::{Vector, add_at, add_scaled, at, cross, dot, norm, put, scale, sub};

/// Below this sine of an angle (rad) three atoms count as collinear: a torsion about them has no value.
pub(crate) const COLLINEAR: f64 = 1e-5;
/// Below this length (nm) two atoms count as being in one place.
const ZERO_LENGTH: f64 = 1e-6;

/// How one atom is placed: at `bond` length from `bond`, at an angle with `angle`, turned by a torsion against `torsion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Placement {
    /// The atom that is placed.
    pub atom: usize,
    /// The atom that the bond length is measured from.
    pub bond: usize,
    /// The third atom of the angle `atom-bond-angle`.
    pub angle: usize,
    /// The last atom of the torsion `atom-bond-angle-torsion`.
    pub torsion: usize,
}

impl Placement {
    /// `[atom, bond, angle, torsion]`.
    pub fn atoms(&self) -> [usize; 4] {
        [self.atom, self.bond, self.angle, self.torsion]
    }
}

/// A z-matrix that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZMatrixError {
    /// Not every atom is placed exactly once.
    #[error("z-matrix: expected {expected} rows (every atom except the three seed atoms), got {found}")]
    Rows {
        /// Atoms of the potential less three.
        expected: usize,
        /// Rows given.
        found: usize,
    },
    /// Internal coordinates need at least three atoms.
    #[error("z-matrix: internal coordinates need at least 3 atoms, the potential has {found}")]
    TooFewAtoms {
        /// Atoms of the potential.
        found: usize,
    },
    /// An index is too large.
    #[error("z-matrix: atom {atom} is out of range, the potential has atoms 0 to {last}")]
    OutOfRange {
        /// The index written.
        atom: usize,
        /// The largest index there is.
        last: usize,
    },
    /// An atom is placed twice.
    #[error("z-matrix: atom {atom} is placed more than once; give every atom one row or a place in the seed")]
    PlacedTwice {
        /// The atom.
        atom: usize,
    },
    /// A row names one atom twice.
    #[error("z-matrix: the row of atom {} names atom {atom} twice: {row:?}; bond, angle and torsion need three different atoms", row[0])]
    Repeated {
        /// The atom.
        atom: usize,
        /// `[atom, bond, angle, torsion]`, or the seed.
        row: Vec<usize>,
    },
    /// No order of placement exists.
    #[error(
        "z-matrix: atom {atom} would be placed before its references {references:?}; refer it to atoms that are placed from the seed without it"
    )]
    BeforeReferences {
        /// The first atom that cannot be placed.
        atom: usize,
        /// Those of its references that are not placed either.
        references: Vec<usize>,
    },
}

/// Why positions have no internal coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Degenerate {
    /// A coordinate is NaN or infinite.
    #[error("the position of atom {atom} is not finite")]
    NotFinite {
        /// The atom.
        atom: usize,
    },
    /// Two atoms coincide.
    #[error("atoms {} and {} are in one place", .0[0], .0[1])]
    ZeroBond([usize; 2]),
    /// Three atoms are on a line.
    #[error("atoms {}, {} and {} are on a line, where torsions have no value", .0[0], .0[1], .0[2])]
    Collinear([usize; 3]),
}

/// A validated z-matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZMatrix {
    seed: [usize; 3],
    rows: Vec<Placement>,
}

impl ZMatrix {
    /// Validates and sorts rows into an order of placement; the order they are given in does not matter.
    ///
    /// Fails where an atom is missing, repeated or out of range, or where references go round in a circle.
    pub fn new(atoms: usize, seed: [usize; 3], rows: &[Placement]) -> Result<Self, ZMatrixError> {
        if atoms < 3 {
            return Err(ZMatrixError::TooFewAtoms { found: atoms });
        }
        let mut seen = HashSet::new();
        let named = seed.iter().copied().chain(rows.iter().flat_map(Placement::atoms));
        if let Some(atom) = named.into_iter().find(|atom| *atom >= atoms) {
            return Err(ZMatrixError::OutOfRange { atom, last: atoms - 1 });
        }
        for row in rows {
            let mut one_row = HashSet::new();
            if let Some(atom) = row.atoms().into_iter().find(|atom| !one_row.insert(*atom)) {
                return Err(ZMatrixError::Repeated { atom, row: row.atoms().to_vec() });
            }
        }
        for atom in seed.iter().copied().chain(rows.iter().map(|row| row.atom)) {
            if !seen.insert(atom) {
                return Err(ZMatrixError::PlacedTwice { atom });
            }
        }
        if rows.len() + 3 != atoms {
            return Err(ZMatrixError::Rows { expected: atoms - 3, found: rows.len() });
        }
        let mut placed: HashSet<usize> = seed.into_iter().collect();
        let mut waiting: Vec<Placement> = rows.to_vec();
        let mut ordered = Vec::with_capacity(rows.len());
        while !waiting.is_empty() {
            let ready = |row: &Placement| row.atoms()[1..].iter().all(|atom| placed.contains(atom));
            let Some(next) = waiting.iter().position(ready) else {
                let row = waiting[0];
                let references =
                    row.atoms()[1..].iter().copied().filter(|atom| !placed.contains(atom)).collect();
                return Err(ZMatrixError::BeforeReferences { atom: row.atom, references });
            };
            let row = waiting.remove(next);
            placed.insert(row.atom);
            ordered.push(row);
        }
        Ok(Self { seed, rows: ordered })
    }

    /// The three atoms that everything is placed from: `|ab|`, `|bc|` and `angle(abc)` are coordinates.
    pub fn seed(&self) -> [usize; 3] {
        self.seed
    }

    /// The other atoms, in order of placement.
    pub fn rows(&self) -> &[Placement] {
        &self.rows
    }

    /// Number of atoms.
    pub fn atoms(&self) -> usize {
        self.rows.len() + 3
    }

    /// Number of internal coordinates, `3 atoms - 6`.
    pub fn coordinates(&self) -> usize {
        3 + 3 * self.rows.len()
    }

    /// What coordinate `index` is measured between: two atoms (a bond), three (an angle) or four (a torsion).
    pub fn measured(&self, index: usize) -> Measured {
        let [a, b, c] = self.seed;
        match index {
            0 => Measured::Bond([a, b]),
            1 => Measured::Bond([b, c]),
            2 => Measured::Angle([a, b, c]),
            _ => {
                let [i, j, k, l] = self.rows[index / 3 - 1].atoms();
                match index % 3 {
                    0 => Measured::Bond([i, j]),
                    1 => Measured::Angle([i, j, k]),
                    _ => Measured::Torsion([i, j, k, l]),
                }
            }
        }
    }

    /// Replaces torsions that share a central bond with another by the offset from it.
    ///
    /// The offset of `a-b-c-d` from `a'-b-c-d` is the improper torsion `a-b-c-a'`, so the result is a plain z-matrix,
    /// related to the given one by a shift of each changed torsion. Torsions in `keep` (in either direction) stay.
    pub fn with_offsets(&self, keep: &[[usize; 4]]) -> Self {
        let kept = |atoms: [usize; 4]| keep.iter().any(|other| same_torsion(*other, atoms));
        let mut rows = self.rows.clone();
        // Kept torsions first, so that siblings refer to them.
        let order = (0..rows.len()).filter(|i| kept(rows[*i].atoms()));
        let order: Vec<usize> = order.chain((0..rows.len()).filter(|i| !kept(rows[*i].atoms()))).collect();
        for (done, &i) in order.iter().enumerate() {
            let row = rows[i];
            if kept(row.atoms()) || self.is_offset(&row) {
                continue;
            }
            let sibling = order[..done].iter().map(|j| self.rows[*j].atoms()).find_map(|[a, b, c, d]| {
                let same_way = [b, c, d] == row.atoms()[1..];
                let other_way = [c, b, a] == row.atoms()[1..];
                let candidate = if same_way { a } else { d };
                ((same_way || other_way) && candidate != row.atom).then_some(candidate)
            });
            if let Some(torsion) = sibling {
                let before = rows[i];
                rows[i] = Placement { torsion, ..row };
                if Self::new(self.atoms(), self.seed, &rows).is_err() {
                    rows[i] = before;
                }
            }
        }
        Self::new(self.atoms(), self.seed, &rows).unwrap_or_else(|_| self.clone())
    }

    /// Whether the torsion of `row` is an offset already: its last atom hangs on the same bond, at the same end.
    fn is_offset(&self, row: &Placement) -> bool {
        let [a, b, c] = self.seed;
        let in_seed = row.bond == b && [[a, c], [c, a]].contains(&[row.angle, row.torsion]);
        let sibling =
            |other: &Placement| (other.atom, other.bond, other.angle) == (row.torsion, row.bond, row.angle);
        in_seed || self.rows.iter().any(sibling)
    }

    /// Internal coordinates `q` (`[coordinates]`, nm and rad) of positions `r` (`[atoms][3]`, nm).
    pub(crate) fn encode(&self, r: &[f64], q: &mut [f64]) -> Result<(), Degenerate> {
        if let Some(index) = r.iter().position(|value| !value.is_finite()) {
            return Err(Degenerate::NotFinite { atom: index / 3 });
        }
        let bond = |i, j| match geometry::distance(r, i, j) {
            length if length > ZERO_LENGTH => Ok(length),
            _ => Err(Degenerate::ZeroBond([i, j])),
        };
        let angle = |i, j, k| match geometry::angle(r, i, j, k) {
            angle if angle.sin() > COLLINEAR => Ok(angle),
            _ => Err(Degenerate::Collinear([i, j, k])),
        };
        let [a, b, c] = self.seed;
        (q[0], q[1], q[2]) = (bond(a, b)?, bond(b, c)?, angle(a, b, c)?);
        for (row, q) in self.rows.iter().zip(q[3..].chunks_exact_mut(3)) {
            let [i, j, k, l] = row.atoms();
            (q[0], q[1]) = (bond(i, j)?, angle(i, j, k)?);
            angle(j, k, l)?;
            q[2] = geometry::torsion(r, i, j, k, l);
        }
        Ok(())
    }

    /// Positions `r` (`[atoms][3]`, nm) of internal coordinates, and the logarithm of the volume element.
    ///
    /// The first seed atom is at the origin, the second on the positive x axis, the third in the xy plane with y > 0.
    /// `ladj = ln|dr/dq|` is `sum 2 ln b + ln sin(angle)` over the rows plus `2 ln b1 + 2 ln b2 + ln sin(angle)` of the
    /// seed, up to the constant of the six rigid degrees of freedom. `None` where a bond is not positive, an angle is
    /// not inside `(0, pi)`, a torsion is not finite, or three reference atoms are on a line.
    pub(crate) fn decode(&self, q: &[f64], r: &mut [f64]) -> Option<f64> {
        // The product of all factors stays in range for hundreds of atoms if it is folded in every few rows.
        let mut ladj = 0.0;
        let (b1, b2, seed_angle) = (q[0], q[1], q[2]);
        let (sine, cosine) = seed_angle.sin_cos();
        if !(b1 > ZERO_LENGTH && b2 > ZERO_LENGTH && valid_angle(seed_angle, sine)) {
            return None;
        }
        put(r, self.seed[0], [0.0; 3]);
        put(r, self.seed[1], [b1, 0.0, 0.0]);
        put(r, self.seed[2], [b1 - b2 * cosine, b2 * sine, 0.0]);
        let mut volume = b1 * b1 * b2 * b2 * sine;
        for (index, (row, q)) in self.rows.iter().zip(q[3..].chunks_exact(3)).enumerate() {
            let (bond, angle, torsion) = (q[0], q[1], q[2]);
            let (sine, cosine) = angle.sin_cos();
            if !(bond > ZERO_LENGTH && valid_angle(angle, sine) && torsion.is_finite()) {
                return None;
            }
            let (sine_torsion, cosine_torsion) = torsion.sin_cos();
            let frame = Frame::new(r, row)?;
            let along = add_scaled(
                add_scaled(scale(-bond * cosine, frame.u), bond * sine * cosine_torsion, frame.m),
                bond * sine * sine_torsion,
                frame.n,
            );
            put(r, row.atom, add_scaled(frame.origin, 1.0, along));
            volume *= bond * bond * sine;
            if index % 8 == 7 {
                ladj += volume.ln();
                volume = 1.0;
            }
        }
        ladj += volume.ln();
        ladj.is_finite().then_some(ladj)
    }

    /// Turns the gradient of a function of positions into its gradient in internal coordinates.
    ///
    /// `r`: positions as `decode` writes them. `gradient`: `[atoms][3]` in, used up. `dq`: `[coordinates]`, overwritten.
    /// The function need not be invariant under rigid motion: the derivative is along `decode`.
    pub(crate) fn pull_back(&self, r: &[f64], gradient: &mut [f64], dq: &mut [f64]) {
        for (row, dq) in self.rows.iter().zip(dq[3..].chunks_exact_mut(3)).rev() {
            let g = at(gradient, row.atom);
            // `decode` has been through this frame.
            let Some(frame) = Frame::new(r, row) else {
                dq.fill(f64::NAN);
                continue;
            };
            let Frame { origin, u, m, n, length, w_u, w_m } = frame;
            let p = sub(at(r, row.atom), origin);
            let (p_u, p_m, p_n) = (dot(p, u), dot(p, m), dot(p, n));
            let (g_u, g_m, g_n) = (dot(g, u), dot(g, m), dot(g, n));
            let radius = f64::hypot(p_m, p_n);
            dq[0] = dot(g, p) / norm(p);
            // cos(angle) = -p_u / bond, sin(angle) = radius / bond.
            dq[1] = radius * g_u - p_u / radius * (p_m * g_m + p_n * g_n);
            dq[2] = p_m * g_n - p_n * g_m;
            // The atom turns with the frame of its references: torque p x g, and what a shift of each does to the frame.
            let (t_u, t_m, t_n) = (p_m * g_n - p_n * g_m, p_n * g_u - p_u * g_n, p_u * g_m - p_m * g_u);
            let roll = t_u / w_m;
            let tilt_m = t_m + roll * w_u;
            let h = scale(1.0 / length, add_scaled(scale(-tilt_m, n), t_n, m));
            add_at(gradient, row.bond, 1.0, add_scaled(g, 1.0, h));
            add_at(gradient, row.angle, 1.0, add_scaled(scale(roll, n), -1.0, h));
            add_at(gradient, row.torsion, -roll, n);
        }
        let [_, b, c] = self.seed;
        let (g1, g2) = (at(gradient, b), at(gradient, c));
        let to_third = sub(at(r, c), at(r, b));
        let b2 = norm(to_third);
        dq[0] = g1[0] + g2[0];
        dq[1] = dot(g2, to_third) / b2;
        dq[2] = g2[0] * to_third[1] - g2[1] * to_third[0];
    }

    /// Subtracts the gradient of `ladj` (see `decode`) from `dq`: `2 / bond` and `cot(angle)`.
    pub(crate) fn subtract_ladj_gradient(&self, q: &[f64], dq: &mut [f64]) {
        dq[0] -= 2.0 / q[0];
        dq[1] -= 2.0 / q[1];
        dq[2] -= 1.0 / q[2].tan();
        for (q, dq) in q[3..].chunks_exact(3).zip(dq[3..].chunks_exact_mut(3)) {
            dq[0] -= 2.0 / q[0];
            dq[1] -= 1.0 / q[1].tan();
        }
    }

    /// `ladj` of internal coordinates (see `decode`), which must be valid.
    pub(crate) fn ladj(&self, q: &[f64]) -> f64 {
        let rows = q[3..].chunks_exact(3).map(|q| 2.0 * q[0].ln() + q[1].sin().ln());
        2.0 * q[0].ln() + 2.0 * q[1].ln() + q[2].sin().ln() + rows.sum::<f64>()
    }
}

/// What an internal coordinate is measured between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The distance of two atoms, nm.
    Bond([usize; 2]),
    /// The angle at the middle atom, rad.
    Angle([usize; 3]),
    /// The torsion about the middle two, rad.
    Torsion([usize; 4]),
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bond(atoms) => write!(formatter, "distance {atoms:?}"),
            Self::Angle(atoms) => write!(formatter, "angle {atoms:?}"),
            Self::Torsion(atoms) => write!(formatter, "torsion {atoms:?}"),
        }
    }
}

impl Measured {
    /// Whether both are one coordinate, read forwards or backwards.
    pub(crate) fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bond(a), Self::Bond([i, j])) => a == [i, j] || a == [j, i],
            (Self::Angle(a), Self::Angle([i, j, k])) => a == [i, j, k] || a == [k, j, i],
            (Self::Torsion(a), Self::Torsion(b)) => same_torsion(a, b),
            _ => false,
        }
    }
}

/// Whether two torsions are one, read forwards or backwards.
pub(crate) fn same_torsion(a: [usize; 4], b: [usize; 4]) -> bool {
    a == b || a == [b[3], b[2], b[1], b[0]]
}

#[inline]
fn valid_angle(angle: f64, sine: f64) -> bool {
    angle > 0.0 && angle < std::f64::consts::PI && sine > COLLINEAR
}

/// The local axes at the bond atom: `u` from the angle atom to it, `n` normal to the plane of the references, `m = n x u`.
struct Frame {
    origin: Vector,
    u: Vector,
    m: Vector,
    n: Vector,
    /// Distance of the bond atom from the angle atom.
    length: f64,
    /// Components along `u` and `m` of the vector from the torsion atom to the angle atom; `w_m` is negative.
    w_u: f64,
    w_m: f64,
}

impl Frame {
    #[inline]
    fn new(r: &[f64], row: &Placement) -> Option<Self> {
        let origin = at(r, row.bond);
        let third = at(r, row.angle);
        let arm = sub(origin, third);
        let length = norm(arm);
        let u = scale(1.0 / length, arm);
        let w = sub(third, at(r, row.torsion));
        let normal = cross(w, u);
        let size = norm(normal);
        // Written so that NaN fails.
        if !(length > ZERO_LENGTH && size > ZERO_LENGTH) {
            return None;
        }
        let n = scale(1.0 / size, normal);
        Some(Self { origin, u, m: cross(n, u), n, length, w_u: dot(w, u), w_m: -size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row([atom, bond, angle, torsion]: [usize; 4]) -> Placement {
        Placement { atom, bond, angle, torsion }
    }

    fn error(atoms: usize, seed: [usize; 3], rows: &[[usize; 4]]) -> String {
        let rows: Vec<Placement> = rows.iter().map(|atoms| row(*atoms)).collect();
        ZMatrix::new(atoms, seed, &rows).unwrap_err().to_string()
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let rows = [row([4, 3, 2, 1]), row([3, 2, 1, 0])];
        let sorted = ZMatrix::new(5, [0, 1, 2], &rows).unwrap();
        assert_eq!(sorted.rows(), [rows[1], rows[0]]);
    }

    #[test]
    fn refusals_name_the_atom() {
        let cases = [
            (error(2, [0, 1, 2], &[]), "internal coordinates need at least 3 atoms, the potential has 2"),
            (error(4, [0, 1, 2], &[[3, 2, 1, 7]]), "atom 7 is out of range, the potential has atoms 0 to 3"),
            (error(4, [0, 1, 2], &[]), "expected 1 rows (every atom except the three seed atoms), got 0"),
            (error(4, [0, 1, 1], &[[3, 2, 1, 0]]), "atom 1 is placed more than once"),
            (
                error(5, [0, 1, 2], &[[3, 2, 1, 0], [3, 1, 0, 2]]),
                "atom 3 is placed more than once; give every atom one row or a place in the seed",
            ),
            (
                error(4, [0, 1, 2], &[[3, 2, 1, 2]]),
                "the row of atom 3 names atom 2 twice: [3, 2, 1, 2]; bond, angle and torsion need three different atoms",
            ),
            (
                error(5, [0, 1, 2], &[[3, 4, 1, 2], [4, 3, 1, 2]]),
                "atom 3 would be placed before its references [4]; refer it to atoms that are placed from the seed without it",
            ),
        ];
        for (found, expected) in cases {
            assert!(found.contains(expected), "{found}");
        }
    }
}
