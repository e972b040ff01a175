//! Terms in groups of as many as a register has lanes.
use crate::lanes::Real;

/// Terms of one kind, one in every lane; the last group repeats its last term with parameters of zero.
#[derive(Clone, Debug)]
pub struct Groups<T> {
    /// Atoms of a term.
    pub arity: usize,
    /// Parameters of a term.
    pub width: usize,
    /// `[groups][arity][lanes]`.
    pub atoms: Vec<u32>,
    /// `[groups][width][lanes]`.
    pub parameters: Vec<T>,
    /// Where the gradients of these terms begin, in vectors: `[groups][arity][3]`.
    pub gradients: usize,
}

impl<T> Groups<T> {
    /// How many there are.
    pub fn count(&self, lanes: usize) -> usize {
        self.atoms.len() / (self.arity * lanes)
    }
}

/// A term.
#[derive(Clone, Debug)]
pub struct Term<const ARITY: usize, const WIDTH: usize> {
    pub atoms: [usize; ARITY],
    pub parameters: [f64; WIDTH],
}

/// Where the gradients of all terms of all kinds lie, and which atom each belongs to.
#[derive(Clone, Debug)]
pub struct Ledger {
    lanes: usize,
    /// Vectors so far.
    vectors: usize,
    /// Atom and place of its x; y and z follow a vector later each.
    entries: Vec<(u32, u32)>,
}

/// The entries of a [`Ledger`] by atom: those of atom `i` are `places[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug)]
pub struct Places {
    pub starts: Vec<u32>,
    pub places: Vec<u32>,
}

impl Ledger {
    pub fn new(lanes: usize) -> Self {
        Self { lanes, vectors: 0, entries: Vec::new() }
    }

    /// Vectors of gradients.
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    pub fn by_atom(mut self, atoms: usize) -> Places {
        self.entries.sort_unstable();
        let before = |atom: usize| self.entries.partition_point(|&(other, _)| (other as usize) < atom) as u32;
        Places {
            starts: (0..=atoms).map(before).collect(),
            places: self.entries.iter().map(|&(_, place)| place).collect(),
        }
    }

    /// Puts terms into groups.
    pub fn group<T: Real, const ARITY: usize, const WIDTH: usize>(
        &mut self,
        terms: &[Term<ARITY, WIDTH>],
    ) -> Groups<T> {
        let lanes = self.lanes;
        let mut groups = Groups {
            arity: ARITY,
            width: WIDTH,
            atoms: Vec::with_capacity(terms.len().next_multiple_of(lanes) * ARITY),
            parameters: Vec::with_capacity(terms.len().next_multiple_of(lanes) * WIDTH),
            gradients: self.vectors,
        };
        for group in terms.chunks(lanes) {
            let last = group.len() - 1;
            for place in 0..ARITY {
                for lane in 0..lanes {
                    let atom = group[lane.min(last)].atoms[place] as u32;
                    groups.atoms.push(atom);
                    if lane <= last {
                        self.entries.push((atom, ((self.vectors + 3 * place) * lanes + lane) as u32));
                    }
                }
            }
            for parameter in 0..WIDTH {
                let of_lane = |lane: usize| group.get(lane).map_or(0.0, |term| term.parameters[parameter]);
                groups.parameters.extend((0..lanes).map(|lane| T::of(of_lane(lane))));
            }
            self.vectors += 3 * ARITY;
        }
        groups
    }
}
