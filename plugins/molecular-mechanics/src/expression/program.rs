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
