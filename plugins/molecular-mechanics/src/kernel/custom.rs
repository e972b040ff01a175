//! Sums of an expression over distances, angles, torsions or positions.
use super::angles::Bend;
use super::{Frame, Vector, dihedral::Dihedral};
use crate::elementary::angle;
use crate::lanes::{Lane, Machine};
use crate::program::CustomProgram;
use crate::system::Geometry;

/// What was measured, and what its gradient needs.
enum Measured<L> {
    Distance(Vector<L>, L),
    Angle(Bend<L>),
    Torsion(Dihedral<L>),
    Position,
}

/// `energies`: one sum per atom, to which the terms that begin with it are added.
#[inline(always)]
pub fn run<M: Machine, const GRADIENT: bool>(
    frame: &mut Frame<'_, M>,
    custom: &CustomProgram<M::Real>,
    memory: &mut [M::Stored],
    energies: &mut [M::Stored],
) {
    let m = frame.m;
    let program = &custom.function.program;
    program.prepare(m, memory);
    for (index, &atoms) in custom.atoms.iter().enumerate() {
        let [i, j, k, _] = atoms;
        let measured = match custom.geometry {
            Geometry::Bond | Geometry::Pair => {
                let d = frame.position(j) - frame.position(i);
                let distance = d.dot(d).sqrt();
                program.set(m, memory, 0, distance);
                Measured::Distance(d, distance)
            }
            Geometry::Angle => {
                let bend = Bend::new(frame, [i, j, k]);
                program.set(m, memory, 0, bend.angle(m));
                Measured::Angle(bend)
            }
            Geometry::Torsion => {
                let dihedral = Dihedral::new(frame, atoms);
                program.set(m, memory, 0, angle(m, dihedral.sine, dihedral.cosine));
                Measured::Torsion(dihedral)
            }
            Geometry::Position => {
                let place = frame.place(i);
                program.set(m, memory, 0, place.x);
                program.set(m, memory, 1, place.y);
                program.set(m, memory, 2, place.z);
                Measured::Position
            }
        };
        program.run::<M, GRADIENT>(m, memory, custom.function.folded(index));
        let sum = m.get(energies, i) + program.output(m, memory, 0);
        m.put(energies, i, sum);
        if !GRADIENT {
            continue;
        }
        let slope = program.output(m, memory, 1);
        match measured {
            Measured::Distance(d, distance) => {
                let mut factor = slope / distance;
                if custom.geometry == Geometry::Bond {
                    // A bond without length has no direction.
                    let zero = m.constant(0.0);
                    factor = M::Lane::choose(zero.less(distance), factor, zero);
                }
                frame.add_scaled(j, factor, d);
                frame.add_scaled(i, -factor, d);
            }
            Measured::Angle(bend) => bend.add_gradient(frame, [i, j, k], slope),
            Measured::Torsion(dihedral) => dihedral.add_gradient(frame, atoms, slope),
            Measured::Position => {
                let (y, z) = (program.output(m, memory, 2), program.output(m, memory, 3));
                frame.add_gradient(i, Vector { x: slope, y, z });
            }
        }
    }
}
