#!/usr/bin/env python3
"""Capped amino acids that the tests look for hidden states in: amber14 ff14SB with GBn2, no cutoff, no constraints.

    python make.py .    # a few seconds; the files in this folder were made with it

Needs the openmm package with its `app` layer and numpy. Every residue X gives ace-X-nme.xml, the System, and ace-X-nme.pdb,
its atoms with CONECT records, relaxed from ideal geometry.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy
import openmm
from openmm import app, unit

sys.path.insert(0, str(Path(__file__).parents[3] / "plugins/molecular-mechanics/tests/reference"))
import make


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


# The peptide bonds of the other script are cis.
make.place = place
T = 110.0
make.SIDE["VAL"] = [("CG1", "C", "CB CA N", 0.153, T, 180), ("CG2", "C", "CB CA N", 0.153, T, -60)]
make.SIDE["SER"] = [("OG", "O", "CB CA N", 0.143, T, 60)]
make.SIDE["PRO"] = [("CG", "C", "CB CA N", 0.153, 104, -25), ("CD", "C", "CG CB CA", 0.153, 105, 35)]
FILES = ["amber14/protein.ff14SB.xml", "implicit/gbn2.xml"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    field = app.ForceField(*FILES)
    for residue in ["VAL", "SER", "PHE", "PRO"]:
        topology, positions = make.chain_of([residue], True, phi=-75.0, psi=150.0)
        modeller = app.Modeller(topology, [openmm.Vec3(*p) for p in positions] * unit.nanometer)
        modeller.addHydrogens(field, platform=make.reference())
        system = make.make_system(residue, modeller.topology, FILES)
        relaxed = make.relax(system, modeller.positions)
        name = arguments.folder / f"ace-{residue.lower()}-nme"
        lines = openmm.XmlSerializer.serialize(system).splitlines()
        name.with_suffix(".xml").write_text("\n".join(line.strip() for line in lines) + "\n")
        make.write_pdb(name.with_suffix(".pdb"), modeller.topology, relaxed)


if __name__ == "__main__":
    main()
