#!/usr/bin/env python3
"""Rotors whose equal atoms have unequal charges, as fits of the electrostatic potential of one conformation give them.

    python make.py .    # a second; the files in this folder were made with it

Needs the openmm package with its `app` layer and numpy. `disulfide` is CH3-S-S-Cl, whose hydrogens have the charges 0.7, -0.35
and -0.35; `acetate` is CH3-CO2, whose oxygens have -0.9 and -0.7. The numbers are of the right size and nobody's force field.
"""

import argparse
import math
from itertools import combinations
from pathlib import Path

import numpy
import openmm
from openmm import app, unit

SIGMA_NM = {"C": 0.34, "S": 0.36, "Cl": 0.35, "O": 0.30, "H": 0.25}
BOND_K, ANGLE_K, EPSILON = 250000.0, 600.0, 0.2


def place(a, b, c, length, angle, dihedral):
    """The point p at `length` from a with the angle p-a-b and the torsion p-a-b-c (nm, degrees; 0 is cis)."""
    angle, dihedral = math.radians(angle), math.radians(dihedral)
    along = (a - b) / numpy.linalg.norm(a - b)
    normal = numpy.cross(b - c, along)
    normal = normal / numpy.linalg.norm(normal)
    side = numpy.cross(normal, along)
    return a + length * (
        -math.cos(angle) * along + math.sin(angle) * (math.cos(dihedral) * side + math.sin(dihedral) * normal)
    )


def write(stem, names, elements, charges, positions, bonds, torsions, impropers=()):
    """One molecule: harmonic bonds and angles at their values in `positions`, torsions (atoms, n, phase, k)."""
    system = openmm.System()
    for element in elements:
        system.addParticle(app.Element.getBySymbol(element).mass)
    length = lambda i, j: float(numpy.linalg.norm(positions[i] - positions[j]))
    bond_force, angle_force = openmm.HarmonicBondForce(), openmm.HarmonicAngleForce()
    for i, j in bonds:
        bond_force.addBond(i, j, length(i, j), BOND_K)
    for (i, j), (k, l) in combinations(bonds, 2):
        shared = {i, j} & {k, l}
        if shared:
            (middle,), (first, last) = shared, sorted({i, j} ^ {k, l})
            u, v = positions[first] - positions[middle], positions[last] - positions[middle]
            cosine = numpy.dot(u, v) / numpy.linalg.norm(u) / numpy.linalg.norm(v)
            angle_force.addAngle(first, middle, last, math.acos(cosine), ANGLE_K)
    torsion_force = openmm.PeriodicTorsionForce()
    for atoms, n, phase, k in [*torsions, *impropers]:
        torsion_force.addTorsion(*atoms, n, phase, k)
    nonbonded = openmm.NonbondedForce()
    for element, charge in zip(elements, charges):
        nonbonded.addParticle(charge, SIGMA_NM[element], EPSILON)
    nonbonded.createExceptionsFromBonds(bonds, 0.0, 0.5)
    for force in [bond_force, angle_force, torsion_force, nonbonded]:
        system.addForce(force)
    lines = openmm.XmlSerializer.serialize(system).splitlines()
    stem.with_suffix(".xml").write_text("\n".join(line.strip() for line in lines) + "\n")

    topology = app.Topology()
    residue = topology.addResidue("LIG", topology.addChain())
    atoms = [topology.addAtom(n, app.Element.getBySymbol(e), residue) for n, e in zip(names, elements)]
    for i, j in bonds:
        topology.addBond(atoms[i], atoms[j])
    with open(stem.with_suffix(".pdb"), "w") as file:
        app.PDBFile.writeFile(topology, positions * 10.0 * unit.angstrom, file)
    pdb = stem.with_suffix(".pdb")
    pdb.write_text("".join(line for line in pdb.open() if not line.startswith("REMARK")))


def methyl(centre, axis, other):
    return [place(centre, axis, other, 0.109, 109.0, torsion) for torsion in (60.0, 180.0, -60.0)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder

    carbon, sulfur = numpy.zeros(3), numpy.array([0.181, 0.0, 0.0])
    second = place(sulfur, carbon, numpy.array([0.0, 0.1, 0.0]), 0.205, 103.0, 180.0)
    chlorine = place(second, sulfur, carbon, 0.205, 103.0, 90.0)
    positions = numpy.array([carbon, sulfur, second, chlorine, *methyl(carbon, sulfur, second)])
    write(
        folder / "disulfide",
        ["C0", "S1", "S2", "CL3", "H4", "H5", "H6"],
        ["C", "S", "S", "Cl", "H", "H", "H"],
        [0.0, 0.0, 0.0, -0.7, 0.7, -0.35, -0.35],
        positions,
        [(0, 1), (1, 2), (2, 3), (0, 4), (0, 5), (0, 6)],
        [((0, 1, 2, 3), 2, 0.0, 6.0)] + [((h, 0, 1, 2), 3, 0.0, 2.0) for h in (4, 5, 6)],
    )

    methyl_carbon, carbon = numpy.zeros(3), numpy.array([0.152, 0.0, 0.0])
    beside = numpy.array([0.0, 0.1, 0.0])
    oxygens = [place(carbon, methyl_carbon, beside, 0.125, 118.0, torsion) for torsion in (0.0, 180.0)]
    positions = numpy.array([methyl_carbon, carbon, *oxygens, *methyl(methyl_carbon, carbon, oxygens[0])])
    write(
        folder / "acetate",
        ["C0", "C1", "O2", "O3", "H4", "H5", "H6"],
        ["C", "C", "O", "O", "H", "H", "H"],
        [-0.2, 0.8, -0.9, -0.7, 0.0, 0.0, 0.0],
        positions,
        [(0, 1), (1, 2), (1, 3), (0, 4), (0, 5), (0, 6)],
        [((h, 0, 1, 2), 3, 0.0, 0.5) for h in (4, 5, 6)],
        [((0, 2, 1, 3), 2, math.pi, 40.0)],
    )


main()
