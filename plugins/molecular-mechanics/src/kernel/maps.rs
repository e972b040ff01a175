//! Correction maps: the patch is looked up lane by lane, the bicubic polynomial is evaluated in all lanes at once.
use super::{Frame, dihedral::Dihedral};
use crate::elementary::angle;
use crate::lanes::{Lane, Machine, Real};
use crate::program::{MapTerm, Patch};
use std::f64::consts::TAU;

/// The widest register there is: 16 `f32`.
const WIDEST: usize = 16;

#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    maps: &[Patch<M::Real>],
    terms: &[MapTerm],
) -> M::Lane {
    let m = frame.m;
    let mut energy = m.constant(0.0);
    for term in terms {
        energy = energy + one::<M, GRADIENT>(frame, [term.first, term.second], &maps[term.map]);
    }
    energy
}

/// Energy of two torsions of one map.
#[inline(always)]
pub fn one<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    torsions: [[usize; 4]; 2],
    map: &Patch<M::Real>,
) -> M::Lane {
    let m = frame.m;
    let first = Dihedral::new(frame, torsions[0]);
    let second = Dihedral::new(frame, torsions[1]);
    let steps = map.size as f64 / TAU;
    let (i, a) = place(m, &first, map.size, steps);
    let (j, b) = place(m, &second, map.size, steps);

    // Transposes the 16 coefficients of every lane's patch.
    let mut memory = [M::Real::default(); 16 * WIDEST];
    for lane in 0..M::LANES {
        let patch = &map.coefficients[i[lane] + map.size * j[lane]];
        for (power, &coefficient) in patch.iter().enumerate() {
            memory[power * M::LANES + lane] = coefficient;
        }
    }
    let stored: &[M::Stored] = bytemuck::cast_slice(&memory[..16 * M::LANES]);
    let c = |power: usize| m.get(stored, power);

    // Horner in the first variable over rows that are polynomials of the second.
    let (mut value, mut by_a, mut by_b) = (m.constant(0.0), m.constant(0.0), m.constant(0.0));
    for row in (0..4).rev() {
        let at = 4 * row;
        let in_b = c(at + 3).mul_add(b, c(at + 2)).mul_add(b, c(at + 1)).mul_add(b, c(at));
        if GRADIENT {
            let slope_b = (m.constant(3.0) * c(at + 3)).mul_add(b, m.constant(2.0) * c(at + 2));
            let slope_b = slope_b.mul_add(b, c(at + 1));
            by_a = by_a.mul_add(a, value);
            by_b = by_b.mul_add(a, slope_b);
        }
        value = value.mul_add(a, in_b);
    }
    if GRADIENT {
        let steps = m.constant(steps);
        first.add_gradient(frame, torsions[0], by_a * steps);
        second.add_gradient(frame, torsions[1], by_b * steps);
    }
    value
}

/// Grid index and place within the patch, of every lane.
#[inline(always)]
fn place<M: Machine>(
    m: M,
    dihedral: &Dihedral<M::Lane>,
    size: usize,
    steps: f64,
) -> ([usize; WIDEST], M::Lane) {
    let turn = angle(m, dihedral.sine, dihedral.cosine);
    let turn = M::Lane::choose(turn.less(m.constant(0.0)), turn + m.constant(TAU), turn);
    let mut memory = [M::Real::default(); WIDEST];
    let stored: &mut [M::Stored] = bytemuck::cast_slice_mut(&mut memory[..M::LANES]);
    m.put(stored, 0, turn * m.constant(steps));
    let mut indices = [0; WIDEST];
    for (index, value) in indices.iter_mut().zip(&mut memory[..M::LANES]) {
        let position = value.as_f64();
        // A cast saturates, and NaN becomes 0.
        *index = (position as usize).min(size - 1);
        *value = M::Real::of(position - *index as f64);
    }
    let stored: &[M::Stored] = bytemuck::cast_slice(&memory[..M::LANES]);
    (indices, m.get(stored, 0))
}
