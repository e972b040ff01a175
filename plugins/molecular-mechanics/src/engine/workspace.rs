//! The memory of one block, made once and used again.
use crate::kernel::{PER_ATOM, PER_PAIR, partial_sums};
use crate::lanes::Real;
use crate::program::Program;

/// Bytes of a cache line, and of the widest register.
const LINE: usize = 64;

/// Numbers whose first lies at the start of a cache line.
#[derive(Debug)]
struct Aligned<T> {
    memory: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Real> Aligned<T> {
    fn new(length: usize) -> Self {
        let memory = vec![T::default(); length + LINE / size_of::<T>()];
        let start = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { memory, start, length }
    }

    fn get(&self) -> &[T] {
        &self.memory[self.start..self.start + self.length]
    }

    fn get_mut(&mut self) -> &mut [T] {
        &mut self.memory[self.start..self.start + self.length]
    }
}

/// As many configurations as a register has lanes, lane by lane next to each other, and what is computed from them.
#[derive(Debug)]
pub struct Block<T> {
    lanes: usize,
    /// Whether no configuration was loaded yet.
    fresh: bool,
    row: Vec<f64>,
    positions: Aligned<T>,
    gradient: Aligned<T>,
    partial: Aligned<T>,
    pairs: Aligned<T>,
    atoms: Aligned<T>,
    origin: Aligned<T>,
    custom: Aligned<T>,
}

/// The parts of a [`Block`].
pub struct Parts<'a, T> {
    pub positions: &'a [T],
    pub gradient: &'a mut [T],
    pub partial: &'a mut [T],
    pub pairs: &'a mut [T],
    pub atoms: &'a mut [T],
    pub origin: &'a [T],
    pub custom: &'a mut [T],
}

impl<T: Real> Block<T> {
    /// Memory for a program on registers of so many lanes.
    pub fn new(program: &Program<T>, lanes: usize) -> Self {
        let (pairs, born_atoms) =
            program.born.first().map_or((0, 0), |born| (born.rows.terms.len(), program.atoms));
        Self {
            lanes,
            fresh: true,
            row: vec![0.0; 3 * program.atoms],
            positions: Aligned::new(3 * program.atoms * lanes),
            gradient: Aligned::new(3 * program.atoms * lanes),
            partial: Aligned::new(partial_sums(program) * lanes),
            pairs: Aligned::new(PER_PAIR * pairs * lanes),
            atoms: Aligned::new(PER_ATOM * born_atoms * lanes),
            origin: Aligned::new(3 * lanes),
            custom: Aligned::new(program.custom_memory() * lanes),
        }
    }

    /// For the kernels.
    pub fn parts(&mut self) -> Parts<'_, T> {
        Parts {
            positions: self.positions.get(),
            gradient: self.gradient.get_mut(),
            partial: self.partial.get_mut(),
            pairs: self.pairs.get_mut(),
            atoms: self.atoms.get_mut(),
            origin: self.origin.get(),
            custom: self.custom.get_mut(),
        }
    }

    /// Puts a configuration, `[atoms * 3]` nm, into a lane. It is moved so that its first atom lies at the origin: in single
    /// precision the place of a molecule would otherwise cost digits.
    pub fn load<P: Copy + Into<f64>>(&mut self, lane: usize, positions: &[P]) {
        let lanes = self.lanes;
        let origin: [f64; 3] = std::array::from_fn(|axis| positions[axis].into());
        for (axis, &origin) in origin.iter().enumerate() {
            self.origin.get_mut()[axis * lanes + lane] = T::of(origin);
        }
        let target = self.positions.get_mut().chunks_exact_mut(3 * lanes);
        for (target, position) in target.zip(positions.as_chunks::<3>().0) {
            for axis in 0..3 {
                let value = position[axis].into();
                target[axis * lanes + lane] = T::of(value - origin[axis]);
            }
        }
        if self.fresh {
            // Lanes that nobody fills have a molecule all the same: atoms on one line or in one place give numbers too small to
            // be normal, with which an Intel Xeon took 42 us for a single configuration instead of 16.
            let positions = self.positions.get_mut().chunks_exact_mut(lanes);
            for values in positions.chain(self.origin.get_mut().chunks_exact_mut(lanes)) {
                values.fill(values[lane]);
            }
            self.fresh = false;
        }
    }

    /// Energy of a lane, kJ/mol.
    pub fn energy(&self, lane: usize) -> f64 {
        self.partial.get()[lane..].iter().step_by(self.lanes).map(|part| part.as_f64()).sum()
    }

    /// Gradient of a lane, kJ/mol/nm, `[atoms * 3]`.
    pub fn gradient(&mut self, lane: usize) -> &[f64] {
        let values = self.gradient.get()[lane..].iter().step_by(self.lanes);
        for (target, value) in self.row.iter_mut().zip(values) {
            *target = value.as_f64();
        }
        &self.row
    }
}
