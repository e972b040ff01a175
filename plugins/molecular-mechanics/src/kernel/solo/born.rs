//! Generalised Born in three passes over the pairs, as in the engine for batches. If nothing is kept of pairs, gradients are added
//! as they come, and the slopes of the integrals are computed a second time in the last pass.
use super::super::born::{
    integral::{Sides, approach, descreening, neck},
    polarisation::{Polarisation, by_product_of_radii, polarisation},
    radius::{own_energy, radius},
};
use super::{SoloWorkspace, Vector, add_scaled, block, columns, columns_mut, everywhere, take_away};
use crate::lanes::{Lane, Machine, Real};
use crate::program::BornTerm;
use crate::solo::{BornColumns, Column, NeckOfKind, PER_PAIR, SoloProgram};

/// Columns: first the doubled integral, later the slope of the energy by it.
const INTEGRAL: usize = 0;
/// What is added to the column before as seen from the first atom.
const OWN: usize = 1;
const RADIUS: usize = 2;
const INVERSE: usize = 3;
const CHAIN: usize = 4;
const BY_RADIUS: usize = 5;
/// The number of columns.
pub const COLUMNS: usize = 6;

/// Places within the memory of pairs: first the squared distance, later the slope by the distance over the distance.
const SLOPE: usize = 0;
const FIRST_BY_DISTANCE: usize = 1;
const SECOND_BY_DISTANCE: usize = 2;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool, const KEEP: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    born: &BornColumns<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) -> f64 {
    integrals::<M, GRADIENT, KEEP>(m, program, born, workspace);
    let own = radii(m, program, born, workspace);
    let of_pairs = match born.salt {
        None => energies::<M, GRADIENT, KEEP, false>(m, program, born, workspace),
        Some(_) => energies::<M, GRADIENT, KEEP, true>(m, program, born, workspace),
    };
    if GRADIENT {
        chain_rule::<M, KEEP>(m, program, born, workspace);
    }
    own + of_pairs
}

/// An atom in all lanes.
struct Atom<'a, M: Machine> {
    number: M::Lane,
    here: Vector<M::Lane>,
    rho: M::Lane,
    inverse_rho: M::Lane,
    reach: M::Lane,
    reach_square: M::Lane,
    /// Radius and the reach of the neck beyond it, and the neck's columns for this kind of atom.
    neck: Option<(M::Lane, &'a NeckOfKind<M::Real>)>,
}

/// An atom and the atoms of a block; zero where the other atom is none, or not after this one.
struct Block<L> {
    d: Vector<L>,
    square: L,
    /// Twice the integral of the first atom by the second, and of the second by the first.
    integrals: [L; 2],
    /// Twice their slopes by the distance, over the distance.
    slopes: [L; 2],
}

impl<'a, M: Machine> Atom<'a, M> {
    #[inline(always)]
    fn new(
        m: M,
        program: &SoloProgram<M::Real>,
        born: &'a BornColumns<M::Real>,
        positions: &[M::Real],
        atom: usize,
    ) -> Self {
        let neck = match &born.neck {
            Some(neck) => Some((m.splat(neck.reach[atom]), &neck.of_kind[neck.kinds[atom]])),
            None => None,
        };
        Self {
            number: m.splat(program.index[atom]),
            here: everywhere(m, positions, program.padded(), atom),
            rho: m.splat(born.atoms.offset_radius[atom]),
            inverse_rho: m.splat(born.atoms.inverse_offset_radius[atom]),
            reach: m.splat(born.atoms.scaled_radius[atom]),
            reach_square: m.splat(born.atoms.scaled_radius_square[atom]),
            neck,
        }
    }

    /// What the atom and those of a block hide from each other.
    #[inline(always)]
    fn with_block<const SLOPES: bool>(&self, m: M, columns: &Columns<'_, M>, index: usize) -> Block<M::Lane> {
        let (zero, one) = (m.constant(0.0), m.constant(1.0));
        let d = block(m, &columns.positions, index) - self.here;
        let counts = self.number.less(m.get(columns.number, index));
        let square = d.dot(d) + m.splat(M::Real::TINY_SQUARE);
        let square = M::Lane::choose(counts, square, one);
        let sides = Sides {
            rho: [self.rho, m.get(columns.rho, index)],
            reach: [m.get(columns.reach, index), self.reach],
            reach_square: [m.get(columns.reach_square, index), self.reach_square],
            inverse_rho: [self.inverse_rho, m.get(columns.inverse_rho, index)],
            can_be_swallowed: [None; 2],
        };
        let start = approach(m, square, &sides);
        let both = descreening::<M, SLOPES>(m, &start, &sides, columns.swallowed_correction);
        let (mut integrals, mut slopes) = (both.integrals, both.slopes);
        if let (Some((reach, of_kind)), Some(radius)) = (self.neck, columns.neck_radius) {
            let reach = reach + m.get(radius, index);
            let within = square.less(reach * reach);
            for side in 0..2 {
                let strength = m.get(bytemuck::cast_slice(&of_kind.strength[side]), index);
                let distance = m.get(bytemuck::cast_slice(&of_kind.distance[side]), index);
                let (value, by_distance) = neck::<M>(m, both.distance, strength, distance);
                integrals[side] = integrals[side] + M::Lane::choose(within, value, zero);
                slopes[side] = slopes[side] + M::Lane::choose(within, by_distance, zero);
            }
        }
        for side in 0..2 {
            integrals[side] = M::Lane::choose(counts, integrals[side], zero);
            slopes[side] = M::Lane::choose(counts, slopes[side] * both.inverse, zero);
        }
        Block { d, square, integrals, slopes }
    }
}

/// What a row runs through, block by block.
struct Columns<'a, M: Machine> {
    positions: [&'a [M::Stored]; 3],
    number: &'a [M::Stored],
    rho: &'a [M::Stored],
    inverse_rho: &'a [M::Stored],
    reach: &'a [M::Stored],
    reach_square: &'a [M::Stored],
    neck_radius: Option<&'a [M::Stored]>,
    swallowed_correction: bool,
}

impl<'a, M: Machine> Columns<'a, M> {
    #[inline(always)]
    fn new(
        program: &'a SoloProgram<M::Real>,
        born: &'a BornColumns<M::Real>,
        positions: &'a [M::Real],
    ) -> Self {
        let neck_radius = match &born.neck {
            Some(neck) => Some(bytemuck::cast_slice(&neck.radius)),
            None => None,
        };
        Self {
            positions: columns(positions),
            number: bytemuck::cast_slice(&program.index),
            rho: bytemuck::cast_slice(&born.atoms.offset_radius),
            inverse_rho: bytemuck::cast_slice(&born.atoms.inverse_offset_radius),
            reach: bytemuck::cast_slice(&born.atoms.scaled_radius),
            reach_square: bytemuck::cast_slice(&born.atoms.scaled_radius_square),
            neck_radius,
            swallowed_correction: born.swallowed_correction,
        }
    }
}

/// First pass: the integrals.
#[inline(always)]
fn integrals<M: Machine, const GRADIENT: bool, const KEEP: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    born: &BornColumns<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) {
    let padded = program.padded();
    let zero = m.constant(0.0);
    let columns = Columns::<M>::new(program, born, workspace.positions);
    let pairs: &mut [M::Stored] = bytemuck::cast_slice_mut(workspace.pairs);
    let (integral, own) = workspace.atoms[..2 * padded].split_at_mut(padded);
    integral.fill(M::Real::default());
    let integral: &mut [M::Stored] = bytemuck::cast_slice_mut(integral);
    for first in 0..program.atoms {
        let atom = Atom::<M>::new(m, program, born, workspace.positions, first);
        let mut sum = zero;
        let begin = first / M::LANES;
        for index in begin..integral.len() {
            let block = if KEEP {
                atom.with_block::<GRADIENT>(m, &columns, index)
            } else {
                atom.with_block::<false>(m, &columns, index)
            };
            sum = sum + block.integrals[0];
            let other = m.get(integral, index) + block.integrals[1];
            m.put(integral, index, other);
            if KEEP {
                let place = (program.rows[first] + index - begin) * PER_PAIR;
                let pair = &mut pairs[place..place + PER_PAIR];
                m.put(pair, SLOPE, block.square);
                if GRADIENT {
                    m.put(pair, FIRST_BY_DISTANCE, block.slopes[0]);
                    m.put(pair, SECOND_BY_DISTANCE, block.slopes[1]);
                }
            }
        }
        own[first] = m.sum(sum);
    }
}

/// Radii from integrals, and the terms of single atoms, whose energy it returns.
#[inline(always)]
fn radii<M: Machine>(
    m: M,
    program: &SoloProgram<M::Real>,
    born: &BornColumns<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) -> f64 {
    let padded = program.padded();
    let number: &[M::Stored] = bytemuck::cast_slice(&program.index);
    let blocks = number.len();
    let minus_half = m.constant(-0.5);
    let mut sum = m.constant(0.0);
    workspace.atoms[OWN * padded + program.atoms..(OWN + 1) * padded].fill(M::Real::default());
    let atoms: &mut [M::Stored] = bytemuck::cast_slice_mut(workspace.atoms);
    for index in 0..blocks {
        let term = at(m, &born.atoms, index);
        let integral = m.get(atoms, INTEGRAL * blocks + index) + m.get(atoms, OWN * blocks + index);
        let (value, inverse, chain) = radius(m, born.hct, &term, integral);
        let (energy, by_radius) = own_energy(m, born.salt, &term, value, inverse);
        m.put(atoms, RADIUS * blocks + index, value);
        m.put(atoms, INVERSE * blocks + index, inverse);
        m.put(atoms, CHAIN * blocks + index, chain);
        m.put(atoms, BY_RADIUS * blocks + index, by_radius);
        let there = minus_half.less(m.get(number, index));
        sum = sum + M::Lane::choose(there, energy, m.constant(0.0));
    }
    m.sum(sum).as_f64()
}

/// The parameters of a block of atoms.
#[inline(always)]
fn at<M: Machine>(m: M, atoms: &BornTerm<Column<M::Real>>, index: usize) -> BornTerm<M::Lane> {
    BornTerm {
        offset_radius: m.get(bytemuck::cast_slice(&atoms.offset_radius), index),
        inverse_offset_radius: m.get(bytemuck::cast_slice(&atoms.inverse_offset_radius), index),
        inverse_radius: m.get(bytemuck::cast_slice(&atoms.inverse_radius), index),
        scaled_radius: m.get(bytemuck::cast_slice(&atoms.scaled_radius), index),
        scaled_radius_square: m.get(bytemuck::cast_slice(&atoms.scaled_radius_square), index),
        coefficients: [
            m.get(bytemuck::cast_slice(&atoms.coefficients[0]), index),
            m.get(bytemuck::cast_slice(&atoms.coefficients[1]), index),
            m.get(bytemuck::cast_slice(&atoms.coefficients[2]), index),
        ],
        self_product: m.get(bytemuck::cast_slice(&atoms.self_product), index),
        surface: m.get(bytemuck::cast_slice(&atoms.surface), index),
    }
}

/// Second pass: the energies of pairs.
#[inline(always)]
fn energies<M: Machine, const GRADIENT: bool, const KEEP: bool, const SALT: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    born: &BornColumns<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) -> f64 {
    let padded = program.padded();
    let (zero, one, quarter) = (m.constant(0.0), m.constant(1.0), m.constant(0.25));
    let positions = columns(workspace.positions);
    let mut gradient = columns_mut(workspace.gradient);
    let number: &[M::Stored] = bytemuck::cast_slice(&program.index);
    let charges: &[M::Stored] = bytemuck::cast_slice(&born.charge);
    let pairs: &mut [M::Stored] = bytemuck::cast_slice_mut(workspace.pairs);
    let (integral, rest) = workspace.atoms.split_at_mut(padded);
    let (own, rest) = rest.split_at_mut(padded);
    let (known, by_radius) = rest.split_at_mut((BY_RADIUS - RADIUS) * padded);
    let _ = integral;
    let (radius, rest) = known.split_at(padded);
    let inverse = &rest[..padded];
    let (radii, inverses): (&[M::Stored], &[M::Stored]) =
        (bytemuck::cast_slice(radius), bytemuck::cast_slice(inverse));
    let by_radius: &mut [M::Stored] = bytemuck::cast_slice_mut(by_radius);
    let mut energy = 0.0;
    for first in 0..program.atoms {
        let own_number = m.splat(program.index[first]);
        let here = everywhere(m, workspace.positions, padded, first);
        let charge = m.splat(born.own_charge[first]);
        let own_radius = m.splat(radius[first]);
        let own_inverse = m.splat(inverse[first]) * quarter;
        let (mut sum, mut own_by_radius) = (zero, zero);
        let mut own_gradient = Vector { x: zero, y: zero, z: zero };
        let begin = first / M::LANES;
        for index in begin..number.len() {
            let counts = own_number.less(m.get(number, index));
            let place = (program.rows[first] + index - begin) * PER_PAIR;
            let (square, d) = if KEEP {
                (m.get(pairs, place + SLOPE), here)
            } else {
                let d = block(m, &positions, index) - here;
                let square = d.dot(d) + m.splat(M::Real::TINY_SQUARE);
                (M::Lane::choose(counts, square, one), d)
            };
            let other_radius = m.get(radii, index);
            let exponent = square * own_inverse * m.get(inverses, index);
            let product = charge * m.get(charges, index);
            let Polarisation { energy: of_pair, pull, damping } =
                polarisation::<M, SALT>(m, born.salt, product, square, exponent, own_radius * other_radius);
            sum = sum + M::Lane::choose(counts, of_pair, zero);
            if GRADIENT {
                let pull = M::Lane::choose(counts, pull, zero);
                let slope = pull * (damping * quarter - one);
                if KEEP {
                    m.put(pairs, place + SLOPE, slope);
                } else {
                    add_scaled(m, &mut gradient, index, slope, d);
                    own_gradient = own_gradient.plus_scaled(slope, d);
                }
                let by_product = by_product_of_radii(m, pull * damping, exponent);
                own_by_radius = by_product.mul_add(other_radius, own_by_radius);
                let other = by_product.mul_add(own_radius, m.get(by_radius, index));
                m.put(by_radius, index, other);
            }
        }
        energy += m.sum(sum).as_f64();
        if GRADIENT {
            own[first] = m.sum(own_by_radius);
            if !KEEP {
                take_away(m, workspace.own, padded, first, own_gradient);
            }
        }
    }
    energy
}

/// Third pass: forces along the pairs.
#[inline(always)]
fn chain_rule<M: Machine, const KEEP: bool>(
    m: M,
    program: &SoloProgram<M::Real>,
    born: &BornColumns<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) {
    let padded = program.padded();
    let zero = m.constant(0.0);
    let atoms: &mut [M::Stored] = bytemuck::cast_slice_mut(workspace.atoms);
    let blocks = padded / M::LANES;
    for index in 0..blocks {
        let by_radius = m.get(atoms, BY_RADIUS * blocks + index) + m.get(atoms, OWN * blocks + index);
        let by_integral = by_radius * m.get(atoms, CHAIN * blocks + index);
        m.put(atoms, INTEGRAL * blocks + index, by_integral);
    }
    let columns = Columns::<M>::new(program, born, workspace.positions);
    let mut gradient = columns_mut(workspace.gradient);
    let pairs: &[M::Stored] = bytemuck::cast_slice(workspace.pairs);
    let by_integral = &workspace.atoms[INTEGRAL * padded..(INTEGRAL + 1) * padded];
    let others: &[M::Stored] = bytemuck::cast_slice(by_integral);
    for first in 0..program.atoms {
        let atom = Atom::<M>::new(m, program, born, workspace.positions, first);
        let own = m.splat(by_integral[first]);
        let mut sum = Vector { x: zero, y: zero, z: zero };
        let begin = first / M::LANES;
        for index in begin..blocks {
            let other = m.get(others, index);
            let (slope, d) = if KEEP {
                let place = (program.rows[first] + index - begin) * PER_PAIR;
                let pair = &pairs[place..place + PER_PAIR];
                let slope = own.mul_add(m.get(pair, FIRST_BY_DISTANCE), m.get(pair, SLOPE));
                let slope = other.mul_add(m.get(pair, SECOND_BY_DISTANCE), slope);
                (slope, block(m, &columns.positions, index) - atom.here)
            } else {
                let block = atom.with_block::<true>(m, &columns, index);
                (other.mul_add(block.slopes[1], own * block.slopes[0]), block.d)
            };
            add_scaled(m, &mut gradient, index, slope, d);
            sum = sum.plus_scaled(slope, d);
        }
        take_away(m, workspace.own, padded, first, sum);
    }
}
