//! Terms with one in every lane.
use super::super::{angles, bonds, impropers, maps, pairs, torsions};
use super::{Frame, SoloWorkspace};
use crate::lanes::{Lane, Machine, Real};
use crate::solo::{Groups, Part};

/// The series of the torsions of a group: cosines and sines in turn.
struct OfGroup<'a, S>(&'a [S]);

impl<M: Machine> torsions::Series<M> for OfGroup<'_, M::Stored> {
    #[inline(always)]
    fn factors(&self, m: M, n: usize) -> (M::Lane, M::Lane) {
        (m.get(self.0, 2 * n), m.get(self.0, 2 * n + 1))
    }
}

/// Energy of a part that consists of terms.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    m: M,
    part: &Part<M::Real>,
    workspace: &mut SoloWorkspace<'_, M::Real>,
) -> f64 {
    let mut energy = m.constant(0.0);
    let mut constant = 0.0;
    match part {
        Part::Bonds(groups) => {
            for group in 0..groups.count(M::LANES) {
                let (mut frame, p) = begin::<M, GRADIENT, 2>(m, groups, group, workspace);
                energy = bonds::add::<M, GRADIENT>(&mut frame, [0, 1], [m.get(p, 0), m.get(p, 1)], energy);
            }
        }
        Part::Angles(groups) => {
            for group in 0..groups.count(M::LANES) {
                let (mut frame, p) = begin::<M, GRADIENT, 3>(m, groups, group, workspace);
                let parameters = [m.get(p, 0), m.get(p, 1)];
                energy = angles::add::<M, GRADIENT>(&mut frame, [0, 1, 2], parameters, energy);
            }
        }
        Part::Torsions(groups, orders, sum) => {
            constant = *sum;
            for (group, &order) in orders.iter().enumerate() {
                let (mut frame, p) = begin::<M, GRADIENT, 4>(m, groups, group, workspace);
                energy = torsions::add::<M, GRADIENT>(&mut frame, [0, 1, 2, 3], order, &OfGroup(p), energy);
            }
        }
        Part::Impropers(groups) => {
            for group in 0..groups.count(M::LANES) {
                let (mut frame, p) = begin::<M, GRADIENT, 4>(m, groups, group, workspace);
                let (parameters, turn) = ([m.get(p, 0), m.get(p, 1)], Some(m.get(p, 2)));
                energy = impropers::add::<M, GRADIENT>(&mut frame, [0, 1, 2, 3], parameters, turn, energy);
            }
        }
        Part::Maps(groups, map) => {
            for group in 0..groups.count(M::LANES) {
                let (mut frame, p) = begin::<M, GRADIENT, 8>(m, groups, group, workspace);
                let of_all = maps::one::<M, GRADIENT>(&mut frame, [[0, 1, 2, 3], [4, 5, 6, 7]], map);
                energy = of_all.mul_add(m.get(p, 0), energy);
            }
        }
        Part::Listed(groups) => {
            for group in 0..groups.count(M::LANES) {
                let (mut frame, p) = begin::<M, GRADIENT, 2>(m, groups, group, workspace);
                let d = frame.position(1) - frame.position(0);
                let inverse_square = m.constant(1.0) / d.dot(d);
                let parameters = [m.get(p, 0), m.get(p, 1), m.get(p, 2)];
                let (of_pairs, slope) =
                    pairs::interaction::<M, GRADIENT>(m, parameters, inverse_square.sqrt(), inverse_square);
                energy = energy + of_pairs;
                if GRADIENT {
                    frame.add_scaled(1, slope, d);
                    frame.add_scaled(0, -slope, d);
                }
            }
        }
        Part::Pairs(_) | Part::Born(_) => {}
    }
    m.sum(energy).as_f64() + constant
}

/// The atoms of a group in space, with gradients of zero, and its parameters.
#[inline(always)]
fn begin<'a, M: Machine, const GRADIENT: bool, const ARITY: usize>(
    m: M,
    groups: &'a Groups<M::Real>,
    group: usize,
    workspace: &'a mut SoloWorkspace<'_, M::Real>,
) -> (Frame<'a, M>, &'a [M::Stored]) {
    let lanes = M::LANES;
    let size = ARITY * lanes;
    let padded = workspace.positions.len() / 3;
    let atoms = &groups.atoms[group * size..(group + 1) * size];
    for axis in 0..3 {
        let column = &workspace.positions[axis * padded..(axis + 1) * padded];
        for (place, atoms) in atoms.chunks_exact(lanes).enumerate() {
            let at = (3 * place + axis) * lanes;
            for (target, &atom) in workspace.staged[at..at + lanes].iter_mut().zip(atoms) {
                *target = column[atom as usize];
            }
        }
    }
    let vectors = groups.gradients + group * 3 * ARITY;
    let gradient = &mut workspace.of_terms[vectors * lanes..(vectors + 3 * ARITY) * lanes];
    if GRADIENT {
        gradient.fill(M::Real::default());
    }
    let size = groups.width * lanes;
    let parameters = &groups.parameters[group * size..(group + 1) * size];
    let frame = Frame {
        m,
        positions: bytemuck::cast_slice(&workspace.staged[..3 * ARITY * lanes]),
        origin: &[],
        gradient: bytemuck::cast_slice_mut(gradient),
    };
    (frame, bytemuck::cast_slice(parameters))
}
