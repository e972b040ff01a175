//! Runs a [`Function`] for as many configurations as a register has lanes.
//!
//! The memory of a program is one vector per number: constants, variables, folded numbers, then the result of every instruction.
//! Arithmetic runs over registers; other functions go lane by lane through the standard library in double precision, so that no
//! lane ever sees what is in another.
use super::function::Function;
use super::graph::{Id, Node};
use super::operator::{Binary, Unary};
use super::table::Table;
use crate::lanes::{Lane, Machine, Real};
use std::sync::Arc;

/// One result; arguments are places in the memory.
#[derive(Clone, Copy, Debug)]
struct Instruction {
    operation: Operation,
    arguments: [u32; 3],
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Unary(Unary),
    Binary(Binary),
    Power(i32),
    Select,
    Table(u32, Option<u8>),
}

/// A [`Function`] at one precision.
#[derive(Clone, Debug)]
pub struct Program<T> {
    constants: Vec<T>,
    variables: usize,
    folded: usize,
    instructions: Vec<Instruction>,
    /// How many of the instructions the value needs; the rest is for derivatives.
    for_value: usize,
    /// Places of the value and the derivatives.
    outputs: Vec<u32>,
    tables: Vec<Arc<Table>>,
}

impl<T: Real> Program<T> {
    /// Makes a function ready.
    pub fn new(function: &Function) -> Self {
        let graph = function.graph();
        let (roots, folded) = (function.roots(), function.folded());
        let all = graph.reachable(roots);
        let mut places = vec![u32::MAX; all.last().map_or(0, |id| id.index() + 1)];
        let constants: Vec<Id> = all.iter().copied().filter(|&id| graph.as_constant(id).is_some()).collect();
        let mut next = 0;
        for &id in &constants {
            places[id.index()] = next;
            next += 1;
        }
        for &id in &all {
            if let Node::Variable(index) = graph.node(id)
                && (index as usize) < function.variables()
            {
                places[id.index()] = next + index;
            }
        }
        next += function.variables() as u32;
        for &id in folded {
            places[id.index()] = next;
            next += 1;
        }
        // What folded nodes are made of is not needed here: reaching stops at what has a place.
        let mut instructions = Vec::new();
        let mut for_value = 0;
        for (round, targets) in [&roots[..1], roots].into_iter().enumerate() {
            for id in needed(function, targets, &places) {
                let arguments = graph.node(id).children().map(|child| places[child.index()]);
                instructions.push(Instruction::new(graph.node(id), arguments));
                places[id.index()] = next;
                next += 1;
            }
            if round == 0 {
                for_value = instructions.len();
            }
        }
        Self {
            constants: constants.iter().filter_map(|&id| graph.as_constant(id)).map(T::of).collect(),
            variables: function.variables(),
            folded: folded.len(),
            instructions,
            for_value,
            outputs: roots.iter().map(|root| places[root.index()]).collect(),
            tables: graph.tables().to_vec(),
        }
    }

    /// Vectors of memory.
    pub fn memory(&self) -> usize {
        self.constants.len() + self.variables + self.folded + self.instructions.len()
    }

    /// Writes the constants; once before any number of [`Program::run`] in the same memory.
    #[inline(always)]
    pub fn prepare<M: Machine<Real = T>>(&self, m: M, memory: &mut [M::Stored]) {
        for (place, &constant) in self.constants.iter().enumerate() {
            m.put(memory, place, m.splat(constant));
        }
    }

    /// Writes a variable.
    #[inline(always)]
    pub fn set<M: Machine<Real = T>>(&self, m: M, memory: &mut [M::Stored], variable: usize, value: M::Lane) {
        m.put(memory, self.constants.len() + variable, value);
    }

    /// The value (0) or the derivative by a variable (from 1 on).
    #[inline(always)]
    pub fn output<M: Machine<Real = T>>(&self, m: M, memory: &[M::Stored], index: usize) -> M::Lane {
        m.get(memory, self.outputs[index] as usize)
    }

    /// Computes the value and, with `GRADIENT`, the derivatives, with these folded numbers.
    #[inline(always)]
    pub fn run<M: Machine<Real = T>, const GRADIENT: bool>(
        &self,
        m: M,
        memory: &mut [M::Stored],
        folded: &[T],
    ) {
        let mut place = self.constants.len() + self.variables;
        for &number in folded {
            m.put(memory, place, m.splat(number));
            place += 1;
        }
        let count = if GRADIENT { self.instructions.len() } else { self.for_value };
        for instruction in &self.instructions[..count] {
            let [a, b, _] = instruction.arguments.map(|place| place as usize);
            match instruction.operation {
                Operation::Unary(operator) => unary(m, memory, operator, a, place),
                Operation::Binary(operator) => binary(m, memory, operator, [a, b], place),
                Operation::Power(power) => {
                    let value = integer_power(m, m.get(memory, a), power);
                    m.put(memory, place, value);
                }
                operation => self.lane_by_lane::<M>(memory, operation, instruction.arguments, place),
            }
            place += 1;
        }
    }

    /// What has no instruction.
    #[inline(always)]
    fn lane_by_lane<M: Machine<Real = T>>(
        &self,
        memory: &mut [M::Stored],
        operation: Operation,
        arguments: [u32; 3],
        place: usize,
    ) {
        let numbers: &mut [T] = bytemuck::cast_slice_mut(memory);
        let [a, b, c] = arguments.map(|place| place as usize * M::LANES);
        for lane in 0..M::LANES {
            let (x, y, z) = (numbers[a + lane], numbers[b + lane], numbers[c + lane]);
            numbers[place * M::LANES + lane] = match operation {
                Operation::Select => {
                    if x == T::default() {
                        z
                    } else {
                        y
                    }
                }
                Operation::Table(table, derivative) => {
                    let arguments = [x.as_f64(), y.as_f64(), z.as_f64()];
                    T::of(self.tables[table as usize].at(arguments, derivative))
                }
                _ => x,
            };
        }
    }
}

/// What has to be computed for `targets`, in order, beyond what has a place.
fn needed(function: &Function, targets: &[Id], places: &[u32]) -> Vec<Id> {
    let graph = function.graph();
    let mut wanted = vec![false; places.len()];
    for target in targets {
        wanted[target.index()] = true;
    }
    let all = graph.reachable(targets);
    for &id in all.iter().rev() {
        if wanted[id.index()] && places[id.index()] == u32::MAX {
            for child in graph.node(id).children() {
                wanted[child.index()] = true;
            }
        }
    }
    all.into_iter().filter(|id| wanted[id.index()] && places[id.index()] == u32::MAX).collect()
}

impl Instruction {
    fn new(node: Node, arguments: impl Iterator<Item = u32>) -> Self {
        let operation = match node {
            Node::Unary(operator, _) => Operation::Unary(operator),
            Node::Binary(operator, ..) => Operation::Binary(operator),
            Node::Power(_, power) => Operation::Power(power),
            Node::Table { table, derivative, .. } => Operation::Table(table, derivative),
            // Constants and variables have places of their own.
            Node::Select(..) | Node::Constant(_) | Node::Variable(_) => Operation::Select,
        };
        let mut places = [0; 3];
        for (place, argument) in places.iter_mut().zip(arguments) {
            *place = argument;
        }
        Self { operation, arguments: places }
    }
}

#[inline(always)]
fn unary<M: Machine>(m: M, memory: &mut [M::Stored], operator: Unary, a: usize, place: usize) {
    let x = m.get(memory, a);
    let value = match operator {
        Unary::Negate => -x,
        Unary::Sqrt => x.sqrt(),
        Unary::Square => x * x,
        Unary::Cube => x * x * x,
        Unary::Reciprocal => m.constant(1.0) / x,
        Unary::Abs => x.abs(),
        _ => {
            let numbers: &mut [M::Real] = bytemuck::cast_slice_mut(memory);
            for lane in 0..M::LANES {
                let x = numbers[a * M::LANES + lane].as_f64();
                numbers[place * M::LANES + lane] = M::Real::of(operator.at(x));
            }
            return;
        }
    };
    m.put(memory, place, value);
}

#[inline(always)]
fn binary<M: Machine>(m: M, memory: &mut [M::Stored], operator: Binary, [a, b]: [usize; 2], place: usize) {
    let (x, y) = (m.get(memory, a), m.get(memory, b));
    let value = match operator {
        Binary::Add => x + y,
        Binary::Subtract => x - y,
        Binary::Multiply => x * y,
        Binary::Divide => x / y,
        Binary::Min => M::Lane::choose(y.less(x), y, x),
        Binary::Max => M::Lane::choose(x.less(y), y, x),
        Binary::Power | Binary::Atan2 => {
            let numbers: &mut [M::Real] = bytemuck::cast_slice_mut(memory);
            for lane in 0..M::LANES {
                let x = numbers[a * M::LANES + lane].as_f64();
                let y = numbers[b * M::LANES + lane].as_f64();
                numbers[place * M::LANES + lane] = M::Real::of(operator.at(x, y));
            }
            return;
        }
    };
    m.put(memory, place, value);
}

#[inline(always)]
fn integer_power<M: Machine>(m: M, x: M::Lane, power: i32) -> M::Lane {
    let one = m.constant(1.0);
    let mut base = if power < 0 { one / x } else { x };
    let mut rest = power.unsigned_abs();
    let mut result = one;
    while rest != 0 {
        if rest & 1 == 1 {
            result = result * base;
        }
        base = base * base;
        rest >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;
    use crate::expression::Scope;
    use crate::lanes::{Double, Single};
    use pulp::{Arch, Scalar, Simd, WithSimd};

    /// Runs a function at places of its own in every lane; returns value and derivatives, lane by lane.
    struct Everywhere<'a, T> {
        function: &'a Function,
        places: &'a [[f64; 2]],
        parameter: f64,
        precision: std::marker::PhantomData<T>,
    }

    fn everywhere<M: Machine>(m: M, of: &Everywhere<'_, M::Real>) -> Vec<Vec<f64>> {
        let program = Program::<M::Real>::new(of.function);
        let folded: Vec<_> = of.function.fold([of.parameter]).into_iter().map(M::Real::of).collect();
        let mut results = Vec::new();
        for places in of.places.chunks(M::LANES) {
            let nothing: M::Stored = bytemuck::Zeroable::zeroed();
            let mut input = vec![nothing; 2];
            for (lane, place) in places.iter().enumerate() {
                for axis in 0..2 {
                    let numbers: &mut [M::Real] = bytemuck::cast_slice_mut(&mut input);
                    numbers[axis * M::LANES + lane] = M::Real::of(place[axis]);
                }
            }
            let mut memory = vec![nothing; program.memory()];
            program.prepare(m, &mut memory);
            for axis in 0..2 {
                program.set(m, &mut memory, axis, m.get(&input, axis));
            }
            program.run::<M, true>(m, &mut memory, &folded);
            let mut output = vec![nothing; 3];
            for index in 0..3 {
                m.put(&mut output, index, program.output(m, &memory, index));
            }
            let output: &[M::Real] = bytemuck::cast_slice(&output);
            for lane in 0..places.len() {
                results.push((0..3).map(|index| output[index * M::LANES + lane].as_f64()).collect());
            }
            // The value alone has the same bits.
            program.run::<M, false>(m, &mut memory, &folded);
            let mut alone = vec![nothing];
            m.put(&mut alone, 0, program.output(m, &memory, 0));
            let alone: &[M::Real] = bytemuck::cast_slice(&alone);
            assert_eq!(format!("{:?}", &alone[..places.len()]), format!("{:?}", &output[..places.len()]));
        }
        results
    }

    impl WithSimd for &Everywhere<'_, f64> {
        type Output = Vec<Vec<f64>>;
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            everywhere(Double(simd), self)
        }
    }

    impl WithSimd for &Everywhere<'_, f32> {
        type Output = Vec<Vec<f64>>;
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            everywhere(Single(simd), self)
        }
    }

    /// Whether two numbers are equal up to `tolerance`, or both are none.
    fn close(found: f64, expected: f64, tolerance: f64) -> bool {
        (found.is_nan() && expected.is_nan())
            || found == expected
            || (found - expected).abs() <= tolerance * expected.abs().max(1e-3)
    }

    #[test]
    fn lanes_compute_what_numbers_do() {
        let scope = Scope::new(["x", "y", "p"].map(String::from).to_vec(), Vec::new());
        let mut random = Random(7);
        for _ in 0..500 {
            let depth = 1 + random.below(5);
            let text = random.expression(depth);
            let function = Function::new(&text, &scope, 2).unwrap();
            let places: Vec<[f64; 2]> =
                (0..11).map(|_| [2.0 * random.number() - 0.3, 2.0 * random.number()]).collect();
            let of = Everywhere {
                function: &function,
                places: &places,
                parameter: 1.7,
                precision: std::marker::PhantomData,
            };
            let of: &Everywhere<'_, f64> = &of;
            for found in [Arch::new().dispatch(of), of.with_simd(Scalar)] {
                for (found, place) in found.iter().zip(&places) {
                    let expected = function.evaluate(&[place[0], place[1], 1.7]);
                    for (&found, &expected) in found.iter().zip(&expected) {
                        assert!(
                            close(found, expected, 0.0),
                            "{text} at {place:?}: {found} is not {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn single_precision_follows() {
        let scope = Scope::new(["x", "y", "p"].map(String::from).to_vec(), Vec::new());
        for text in ["p*(x-y)^2/(1+x)", "exp(-x*p)*erf(y)+tanh(x)^3", "select(step(x-y), x^p, atan2(y, x))"] {
            let function = Function::new(text, &scope, 2).unwrap();
            let places: Vec<[f64; 2]> = (0..19).map(|i| [0.4 + 0.1 * f64::from(i), 1.0]).collect();
            let of = Everywhere {
                function: &function,
                places: &places,
                parameter: 1.7,
                precision: std::marker::PhantomData,
            };
            for (found, place) in Arch::new().dispatch(&of as &Everywhere<'_, f32>).iter().zip(&places) {
                // At the rounded place, where a step may fall to the other side.
                let place = place.map(|x| f64::from(x as f32));
                let expected = function.evaluate(&[place[0], place[1], 1.7]);
                for (&found, &expected) in found.iter().zip(&expected) {
                    assert!(
                        (found - expected).abs() < 1e-5,
                        "{text} at {place:?}: {found} is not {expected}"
                    );
                }
            }
        }
    }
}
