//! Generalised Born in three passes over the pairs, as OpenMM does it: descreening integrals (and, on the way, Coulomb and
//! Lennard-Jones), Born energies, and the chain rule through the Born radii.
//!
//! Slopes of the integrals are kept from the first pass for the last, so that logarithms are taken once. Integrals are kept doubled.
pub mod integral;
pub mod polarisation;
pub mod radius;

use super::{Frame, PER_ATOM, PER_PAIR, Vector, pairs};
use crate::lanes::{Lane, Machine, Real};
use crate::program::{BornProgram, BornTerm};
use integral::{Approach, Sides, approach, descreening, neck};
use polarisation::{Polarisation, by_product_of_radii, polarisation};
use radius::{own_energy, radius};

/// Places within the memory of a pair.
const SQUARE: usize = 0;
const SLOPE: usize = 1;
const FIRST_BY_DISTANCE: usize = 2;
const SECOND_BY_DISTANCE: usize = 3;

/// Places within the memory of an atom: first the doubled integral, later the slope of the energy by it.
const INTEGRAL: usize = 0;
const RADIUS: usize = 1;
const INVERSE: usize = 2;
const CHAIN: usize = 3;
const BY_RADIUS: usize = 4;

/// A Born model and its memory.
pub struct Model<'a, T, S> {
    pub born: &'a BornProgram<T>,
    /// `[pairs * PER_PAIR]`
    pub pairs: &'a mut [S],
    /// `[atoms * PER_ATOM]`
    pub atoms: &'a mut [S],
}

impl<T: Real, S: bytemuck::Pod> Model<'_, T, S> {
    #[inline(always)]
    pub fn run<M: Machine<Real = T, Stored = S>, const GRADIENT: bool>(
        &mut self,
        frame: &mut Frame<'_, M>,
        of_pairs: &mut [S],
        of_born: &mut [S],
    ) {
        self.integrals::<M, GRADIENT>(frame, of_pairs);
        self.radii::<M, GRADIENT>(frame.m, of_born);
        match self.born.salt {
            None => self.energies::<M, GRADIENT, false>(frame.m, of_born),
            Some(_) => self.energies::<M, GRADIENT, true>(frame.m, of_born),
        }
        if GRADIENT {
            self.chain_rule(frame);
        }
    }

    /// First pass: `Coulomb`, Lennard-Jones and the integrals.
    #[inline(always)]
    fn integrals<M: Machine<Real = T, Stored = S>, const GRADIENT: bool>(
        &mut self,
        frame: &mut Frame<'_, M>,
        energies: &mut [S],
    ) {
        let m = frame.m;
        let zero = m.constant(0.0);
        let atoms = self.born.atoms.as_slice();
        for atom in 0..atoms.len() {
            m.put(self.atoms, atom * PER_ATOM + INTEGRAL, zero);
        }
        for (i, bounds) in self.born.rows.starts.windows(2).enumerate() {
            let here = frame.position(i);
            let mut energy = zero;
            let mut integral = m.get(self.atoms, i * PER_ATOM + INTEGRAL);
            let terms = &self.born.rows.terms[bounds[0]..bounds[1]];
            let memory = &mut self.pairs[bounds[0] * PER_PAIR..bounds[1] * PER_PAIR];
            // The root and the division of the next pair are under way while this one is worked on: together they would not fit
            // into what a core looks ahead.
            let Some(first) = terms.first() else {
                m.put(energies, i, zero);
                continue;
            };
            let mut next = begin(frame, here, &atoms[i], &atoms[first.second], first.second);
            for (place, (pair, memory)) in terms.iter().zip(memory.chunks_exact_mut(PER_PAIR)).enumerate() {
                let j = pair.second;
                let start = next;
                let after = terms[(place + 1).min(terms.len() - 1)].second;
                next = begin(frame, here, &atoms[i], &atoms[after], after);
                let square = start.square;
                let corrected = self.born.swallowed_correction;
                let both = Sides::splat(m, [&atoms[i], &atoms[j]]);
                let mut sides = descreening::<M, GRADIENT>(m, &start, &both, corrected);
                let distance = sides.distance;
                let inverse = sides.inverse;
                let (of_pair, slope) =
                    pairs::interaction::<M, GRADIENT>(m, pair.splat(m), inverse, inverse * inverse);
                energy = energy + of_pair;
                if let Some(term) = self.born.necks.get(bounds[0] + place) {
                    let within = square.less(m.splat(term.reach_square));
                    for side in 0..2 {
                        let (value, by_distance) = neck::<M>(
                            m,
                            distance,
                            m.splat(term.strength[side]),
                            m.splat(term.distance[side]),
                        );
                        sides.integrals[side] = sides.integrals[side] + M::Lane::choose(within, value, zero);
                        sides.slopes[side] = sides.slopes[side] + M::Lane::choose(within, by_distance, zero);
                    }
                }
                integral = integral + sides.integrals[0];
                let sum = m.get(self.atoms, j * PER_ATOM + INTEGRAL) + sides.integrals[1];
                m.put(self.atoms, j * PER_ATOM + INTEGRAL, sum);
                m.put(memory, SQUARE, square);
                if GRADIENT {
                    m.put(memory, SLOPE, slope);
                    m.put(memory, FIRST_BY_DISTANCE, sides.slopes[0] * inverse);
                    m.put(memory, SECOND_BY_DISTANCE, sides.slopes[1] * inverse);
                }
            }
            m.put(self.atoms, i * PER_ATOM + INTEGRAL, integral);
            m.put(energies, i, energy);
        }
    }

    /// Radii from integrals, and the terms of single atoms.
    #[inline(always)]
    fn radii<M: Machine<Real = T, Stored = S>, const GRADIENT: bool>(&mut self, m: M, energies: &mut [S]) {
        for (atom, term) in self.born.atoms.iter().enumerate() {
            let memory = &mut self.atoms[atom * PER_ATOM..(atom + 1) * PER_ATOM];
            let term = term.splat(m);
            let (value, inverse, chain) = radius(m, self.born.hct, &term, m.get(memory, INTEGRAL));
            let (energy, by_radius) = own_energy(m, self.born.salt, &term, value, inverse);
            m.put(memory, RADIUS, value);
            m.put(memory, INVERSE, inverse);
            m.put(memory, CHAIN, chain);
            m.put(memory, BY_RADIUS, by_radius);
            m.put(energies, atom, energy);
        }
    }

    /// Second pass: `product / sqrt(r^2 + B1 B2 exp(-r^2 / (4 B1 B2)))`.
    #[inline(always)]
    fn energies<M: Machine<Real = T, Stored = S>, const GRADIENT: bool, const SALT: bool>(
        &mut self,
        m: M,
        energies: &mut [S],
    ) {
        let (zero, one, quarter) = (m.constant(0.0), m.constant(1.0), m.constant(0.25));
        for (i, bounds) in self.born.rows.starts.windows(2).enumerate() {
            let mut energy = m.get(energies, i);
            let radius = m.get(self.atoms, i * PER_ATOM + RADIUS);
            let inverse = m.get(self.atoms, i * PER_ATOM + INVERSE) * quarter;
            let mut by_radius = zero;
            let terms = &self.born.rows.terms[bounds[0]..bounds[1]];
            let memory = &mut self.pairs[bounds[0] * PER_PAIR..bounds[1] * PER_PAIR];
            for (pair, memory) in terms.iter().zip(memory.chunks_exact_mut(PER_PAIR)) {
                let other = &mut self.atoms[pair.second * PER_ATOM..(pair.second + 1) * PER_ATOM];
                let (square, other_radius) = (m.get(memory, SQUARE), m.get(other, RADIUS));
                let exponent = square * inverse * m.get(other, INVERSE);
                let product = m.splat(pair.born_product);
                let Polarisation { energy: of_pair, pull, damping } = polarisation::<M, SALT>(
                    m,
                    self.born.salt,
                    product,
                    square,
                    exponent,
                    radius * other_radius,
                );
                energy = energy + of_pair;
                if GRADIENT {
                    let slope = pull.mul_add((damping * quarter) - one, m.get(memory, SLOPE));
                    m.put(memory, SLOPE, slope);
                    let by_product = by_product_of_radii(m, pull * damping, exponent);
                    by_radius = by_product.mul_add(other_radius, by_radius);
                    let sum = by_product.mul_add(radius, m.get(other, BY_RADIUS));
                    m.put(other, BY_RADIUS, sum);
                }
            }
            m.put(energies, i, energy);
            if GRADIENT {
                let sum = m.get(self.atoms, i * PER_ATOM + BY_RADIUS) + by_radius;
                m.put(self.atoms, i * PER_ATOM + BY_RADIUS, sum);
            }
        }
    }

    /// Third pass: forces along the pairs.
    #[inline(always)]
    fn chain_rule<M: Machine<Real = T, Stored = S>>(&mut self, frame: &mut Frame<'_, M>) {
        let m = frame.m;
        let zero = m.constant(0.0);
        for memory in self.atoms.chunks_exact_mut(PER_ATOM) {
            let by_integral = m.get(memory, BY_RADIUS) * m.get(memory, CHAIN);
            m.put(memory, INTEGRAL, by_integral);
        }
        for (i, bounds) in self.born.rows.starts.windows(2).enumerate() {
            let here = frame.position(i);
            let own = m.get(self.atoms, i * PER_ATOM + INTEGRAL);
            let mut gradient = Vector { x: zero, y: zero, z: zero };
            let terms = &self.born.rows.terms[bounds[0]..bounds[1]];
            let memory = &self.pairs[bounds[0] * PER_PAIR..bounds[1] * PER_PAIR];
            for (pair, memory) in terms.iter().zip(memory.chunks_exact(PER_PAIR)) {
                let j = pair.second;
                let other = m.get(self.atoms, j * PER_ATOM + INTEGRAL);
                let slope = own.mul_add(m.get(memory, FIRST_BY_DISTANCE), m.get(memory, SLOPE));
                let slope = other.mul_add(m.get(memory, SECOND_BY_DISTANCE), slope);
                let d = frame.position(j) - here;
                frame.add_scaled(j, slope, d);
                gradient = gradient.plus_scaled(slope, d);
            }
            frame.add_gradient(i, -gradient);
        }
    }
}

/// Starts with the atom `index` as seen from `here`.
#[inline(always)]
fn begin<M: Machine>(
    frame: &Frame<'_, M>,
    here: Vector<M::Lane>,
    atom: &BornTerm<M::Real>,
    other: &BornTerm<M::Real>,
    index: usize,
) -> Approach<M::Lane> {
    let d = frame.position(index) - here;
    approach(frame.m, d.dot(d) + frame.m.splat(M::Real::TINY_SQUARE), &Sides::splat(frame.m, [atom, other]))
}
