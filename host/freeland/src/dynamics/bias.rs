//! What a bias on the coarse coordinates is, and the walls at the ends of a line.
use crate::space::Axis;
use crate::space::Domain;

/// Outside a line's range the wall rises by kT / 2 within this fraction of the range.
const WALL_WIDTH: f64 = 0.03;

/// A bias V(s), possibly another one for each walker.
pub trait Bias: Sync {
    /// V(s) of walker `walker` of a block, kT. Its gradient, kT per unit of s, is written to `gradient`.
    fn value(&self, walker: usize, s: &[f64], gradient: &mut [f64]) -> f64;
}

/// Half-parabolas outside the ranges of coordinates on a line. Inside they are zero, so that they change F there by no more
/// than a constant; they keep walkers where F is asked for.
#[derive(Debug, Clone)]
pub struct Walls {
    /// Axis, low end, high end, kT per squared unit.
    walls: Vec<(usize, f64, f64, f64)>,
}

impl Walls {
    /// Around the ranges of `variables`; circles have none.
    pub fn new(variables: &[Axis]) -> Self {
        let lines = variables.iter().enumerate().filter(|(_, variable)| variable.domain == Domain::Line);
        let walls = lines.map(|(axis, variable)| {
            let (low, high) = variable.range;
            (axis, low, high, (WALL_WIDTH * (high - low)).powi(-2))
        });
        Self { walls: walls.collect() }
    }

    /// Adds the gradient at `s` to `gradient` and returns the energy, kT.
    #[inline]
    pub fn add(&self, s: &[f64], gradient: &mut [f64]) -> f64 {
        let mut energy = 0.0;
        for (axis, low, high, stiffness) in &self.walls {
            let beyond = s[*axis] - s[*axis].clamp(*low, *high);
            energy += 0.5 * stiffness * beyond * beyond;
            gradient[*axis] += stiffness * beyond;
        }
        energy
    }
}

/// No bias but walls.
impl Bias for Walls {
    fn value(&self, _walker: usize, s: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        self.add(s, gradient)
    }
}
