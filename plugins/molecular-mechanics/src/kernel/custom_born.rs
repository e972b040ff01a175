//! Computed values of atoms and energies that depend on them, by expressions, with the chain rule backwards from the energies.
use super::{Frame, Vector};
use crate::lanes::{Lane, Machine};
use crate::program::{CustomBornProgram, FoldedProgram, PairProgram};

/// Places of the variables of an expression of one atom: x, y, z, then the values.
const VALUES_OF_ATOM: usize = 3;
/// Of two atoms: r, then each value of the first and of the second.
const VALUES_OF_PAIR: usize = 1;
/// The first output is the value itself, slopes follow in the order of the variables.
const SLOPES: usize = 1;

/// The memory of one evaluation; values and slopes by them are `[values][atoms]`.
struct Model<'a, S> {
    scratch: &'a mut [S],
    atoms: usize,
    values: &'a mut [S],
    by_value: &'a mut [S],
    /// Of the first value by the distance, `[pairs][2]`.
    slopes: &'a mut [S],
}

/// `energies`: one sum per atom, which are zero.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    born: &CustomBornProgram<M::Real>,
    memory: &mut [M::Stored],
    energies: &mut [M::Stored],
) {
    let atoms = energies.len();
    let (scratch, memory) = memory.split_at_mut(born.scratch());
    let (values, memory) = memory.split_at_mut(atoms * born.values());
    let (by_value, slopes) = memory.split_at_mut(atoms * born.values());
    let zero = frame.m.constant(0.0);
    for index in 0..values.len() {
        frame.m.put(values, index, zero);
        frame.m.put(by_value, index, zero);
    }
    let mut model = Model { scratch, atoms, values, by_value, slopes };
    let first = usize::from(born.first_value.is_some());
    if let Some(value) = &born.first_value {
        model.first_value::<M, GRADIENT>(frame, value);
    }
    for (index, value) in born.values.iter().enumerate() {
        model.over_atoms::<M, false>(frame, value, first + index, Purpose::Value, energies);
    }
    for term in &born.of_atoms {
        model.over_atoms::<M, GRADIENT>(frame, term, born.values(), Purpose::Energy, energies);
    }
    for term in &born.of_pairs {
        model.over_pairs::<M, GRADIENT>(frame, term, born.values(), energies);
    }
    if !GRADIENT {
        return;
    }
    for (index, value) in born.values.iter().enumerate().rev() {
        model.over_atoms::<M, true>(frame, value, first + index, Purpose::Chain, energies);
    }
    if let Some(value) = &born.first_value {
        model.chain_of_first::<M>(frame, value);
    }
}

/// What an expression of one atom is evaluated for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To write a value.
    Value,
    /// To add an energy and its slopes.
    Energy,
    /// To hand on the slope of the energy by a value to what the value is made of.
    Chain,
}

impl<S: bytemuck::Pod> Model<'_, S> {
    /// Sums the first value over pairs, in both orders.
    #[inline(always)]
    fn first_value<M: Machine<Stored = S>, const GRADIENT: bool>(
        &mut self,
        frame: &Frame<'_, M>,
        value: &PairProgram<M::Real>,
    ) {
        let m = frame.m;
        let program = &value.function.program;
        program.prepare(m, self.scratch);
        for (index, pair) in value.pairs.iter().enumerate() {
            let d = frame.position(pair[1]) - frame.position(pair[0]);
            program.set(m, self.scratch, 0, d.dot(d).sqrt());
            for (side, &atom) in pair.iter().enumerate() {
                let place = 2 * index + side;
                program.run::<M, GRADIENT>(m, self.scratch, value.function.folded(place));
                let sum = m.get(self.values, atom) + program.output(m, self.scratch, 0);
                m.put(self.values, atom, sum);
                if GRADIENT {
                    m.put(self.slopes, place, program.output(m, self.scratch, SLOPES));
                }
            }
        }
    }

    /// Evaluates an expression that sees the first `values` values, for every atom.
    #[inline(always)]
    fn over_atoms<M: Machine<Stored = S>, const GRADIENT: bool>(
        &mut self,
        frame: &mut Frame<'_, M>,
        function: &FoldedProgram<M::Real>,
        values: usize,
        purpose: Purpose,
        energies: &mut [S],
    ) {
        let m = frame.m;
        let program = &function.program;
        program.prepare(m, self.scratch);
        for atom in 0..self.atoms {
            let place = frame.place(atom);
            for (axis, coordinate) in [place.x, place.y, place.z].into_iter().enumerate() {
                program.set(m, self.scratch, axis, coordinate);
            }
            for value in 0..values {
                let number = m.get(self.values, value * self.atoms + atom);
                program.set(m, self.scratch, VALUES_OF_ATOM + value, number);
            }
            program.run::<M, GRADIENT>(m, self.scratch, function.folded(atom));
            let result = program.output(m, self.scratch, 0);
            let weight = match purpose {
                Purpose::Value => {
                    m.put(self.values, values * self.atoms + atom, result);
                    continue;
                }
                Purpose::Energy => {
                    let sum = m.get(energies, atom) + result;
                    m.put(energies, atom, sum);
                    m.constant(1.0)
                }
                Purpose::Chain => m.get(self.by_value, values * self.atoms + atom),
            };
            if !GRADIENT {
                continue;
            }
            let by_place = Vector {
                x: program.output(m, self.scratch, SLOPES),
                y: program.output(m, self.scratch, SLOPES + 1),
                z: program.output(m, self.scratch, SLOPES + 2),
            };
            frame.add_scaled(atom, weight, by_place);
            for value in 0..values {
                let place = value * self.atoms + atom;
                let by_value = program.output(m, self.scratch, SLOPES + VALUES_OF_ATOM + value);
                let sum = weight.mul_add(by_value, m.get(self.by_value, place));
                m.put(self.by_value, place, sum);
            }
        }
    }

    /// Adds the energies of pairs.
    #[inline(always)]
    fn over_pairs<M: Machine<Stored = S>, const GRADIENT: bool>(
        &mut self,
        frame: &mut Frame<'_, M>,
        term: &PairProgram<M::Real>,
        values: usize,
        energies: &mut [S],
    ) {
        let m = frame.m;
        let program = &term.function.program;
        program.prepare(m, self.scratch);
        for (index, pair) in term.pairs.iter().enumerate() {
            let d = frame.position(pair[1]) - frame.position(pair[0]);
            let distance = d.dot(d).sqrt();
            program.set(m, self.scratch, 0, distance);
            for value in 0..values {
                for (side, &atom) in pair.iter().enumerate() {
                    let number = m.get(self.values, value * self.atoms + atom);
                    program.set(m, self.scratch, VALUES_OF_PAIR + 2 * value + side, number);
                }
            }
            program.run::<M, GRADIENT>(m, self.scratch, term.function.folded(index));
            let sum = m.get(energies, pair[0]) + program.output(m, self.scratch, 0);
            m.put(energies, pair[0], sum);
            if GRADIENT {
                let slope = program.output(m, self.scratch, SLOPES) / distance;
                frame.add_scaled(pair[1], slope, d);
                frame.add_scaled(pair[0], -slope, d);
                for value in 0..values {
                    for (side, &atom) in pair.iter().enumerate() {
                        let place = value * self.atoms + atom;
                        let by_value =
                            program.output(m, self.scratch, SLOPES + VALUES_OF_PAIR + 2 * value + side);
                        let sum = m.get(self.by_value, place) + by_value;
                        m.put(self.by_value, place, sum);
                    }
                }
            }
        }
    }

    /// Hands the slopes by the first value on to the positions.
    #[inline(always)]
    fn chain_of_first<M: Machine<Stored = S>>(
        &mut self,
        frame: &mut Frame<'_, M>,
        value: &PairProgram<M::Real>,
    ) {
        let m = frame.m;
        for (index, &[i, j]) in value.pairs.iter().enumerate() {
            let d = frame.position(j) - frame.position(i);
            let (forth, back) = (m.get(self.slopes, 2 * index), m.get(self.slopes, 2 * index + 1));
            let slope = m.get(self.by_value, i) * forth + m.get(self.by_value, j) * back;
            let factor = slope / d.dot(d).sqrt();
            frame.add_scaled(j, factor, d);
            frame.add_scaled(i, -factor, d);
        }
    }
}
