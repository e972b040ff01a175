//! Counts the operations of one configuration, by running the kernels on a machine that counts.
use crate::config::Config;
use crate::engine::Block;
use crate::kernel::{self, Workspace};
use crate::lanes::{Lane, Machine};
use crate::molecule::Molecule;
use crate::program::Program;
use epp::sdk::CreateError;
use std::cell::Cell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Operations of one energy and gradient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations {
    /// Additions, subtractions and multiplications.
    pub plain: u64,
    /// A product and a sum at once.
    pub fused: u64,
    /// Divisions.
    pub divisions: u64,
    /// Square roots.
    pub roots: u64,
    /// Comparisons, choices, signs, and the handling of exponents: no arithmetic, but instructions all the same.
    pub others: u64,
}

impl Operations {
    /// Floating-point operations: two for a fused one, one for every other of arithmetic.
    pub fn flops(&self) -> u64 {
        self.plain + 2 * self.fused + self.divisions + self.roots
    }
}

thread_local! {
    static COUNT: Cell<Operations> = const { Cell::new(Operations { plain: 0, fused: 0, divisions: 0, roots: 0, others: 0 }) };
}

fn count(change: impl FnOnce(&mut Operations)) {
    COUNT.with(|cell| {
        let mut operations = cell.get();
        change(&mut operations);
        cell.set(operations);
    });
}

/// Counts one energy and gradient of the configuration that the molecule's PDB holds.
///
/// # Errors
/// As the creation of the plugin.
pub fn operations(config: &Config) -> Result<Operations, CreateError> {
    let molecule = Molecule::load(&epp::sdk::CreateRequest::new(config.clone()))?;
    let program = Program::<f64>::new(molecule.system.masses.len(), &molecule.system.forces);
    let mut block = Block::new(&program, 1);
    block.load(0, &molecule.topology.positions);
    let parts = block.parts();
    let workspace = Workspace {
        positions: parts.positions,
        gradient: parts.gradient,
        partial: parts.partial,
        pairs: parts.pairs,
        atoms: parts.atoms,
        origin: parts.origin,
        custom: parts.custom,
    };
    COUNT.set(Operations::default());
    kernel::run::<Counter, true>(Counter, &program, workspace);
    Ok(COUNT.get())
}

/// The machine that counts; one lane.
#[derive(Clone, Copy)]
struct Counter;

#[derive(Clone, Copy)]
struct Counted(f64);

impl Machine for Counter {
    type Real = f64;
    type Lane = Counted;
    type Stored = f64;
    const LANES: usize = 1;

    fn splat(self, value: f64) -> Counted {
        Counted(value)
    }

    fn get(self, memory: &[f64], index: usize) -> Counted {
        Counted(memory[index])
    }

    fn put(self, memory: &mut [f64], index: usize, value: Counted) {
        memory[index] = value.0;
    }

    fn sum(self, value: Counted) -> f64 {
        value.0
    }
}

fn plain(value: f64) -> Counted {
    count(|operations| operations.plain += 1);
    Counted(value)
}

fn division(value: f64) -> Counted {
    count(|operations| operations.divisions += 1);
    Counted(value)
}

fn other<T>(value: T) -> T {
    count(|operations| operations.others += 1);
    value
}

impl Add for Counted {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        plain(self.0 + other.0)
    }
}

impl Sub for Counted {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        plain(self.0 - other.0)
    }
}

impl Mul for Counted {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        plain(self.0 * other.0)
    }
}

impl Div for Counted {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        division(self.0 / other.0)
    }
}

impl Neg for Counted {
    type Output = Self;
    fn neg(self) -> Self {
        other(Counted(-self.0))
    }
}

impl Lane for Counted {
    type Mask = bool;
    type Integer = i32;

    fn mul_add(self, factor: Self, addend: Self) -> Self {
        count(|operations| operations.fused += 1);
        Counted(self.0.mul_add(factor.0, addend.0))
    }

    fn sqrt(self) -> Self {
        count(|operations| operations.roots += 1);
        Counted(self.0.sqrt())
    }

    fn abs(self) -> Self {
        other(Counted(self.0.abs()))
    }

    fn max(self, other_value: Self) -> Self {
        other(Counted(self.0.max(other_value.0)))
    }

    fn min(self, other_value: Self) -> Self {
        other(Counted(self.0.min(other_value.0)))
    }

    fn less(self, other_value: Self) -> bool {
        other(self.0 < other_value.0)
    }

    fn choose(mask: bool, yes: Self, no: Self) -> Self {
        other(if mask { yes } else { no })
    }

    fn split_integer(self) -> (i32, Self) {
        // An addition and two subtractions on the real machines.
        count(|operations| operations.plain += 3);
        let whole = self.0.round();
        (whole as i32, Counted(self.0 - whole))
    }

    fn scale(self, power: i32) -> Self {
        count(|operations| operations.others += 2);
        Counted(self.0 * 2f64.powi(power))
    }

    fn split_exponent(self) -> (Self, Self) {
        // A subtraction and five operations on bits.
        count(|operations| {
            operations.plain += 1;
            operations.others += 5;
        });
        let exponent = (self.0 * std::f64::consts::SQRT_2).log2().floor();
        (Counted(exponent), Counted(self.0 / exponent.exp2()))
    }
}
