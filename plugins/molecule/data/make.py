#!/usr/bin/env python3
"""Makes the data of this folder: alanine dipeptide (ACE-ALA-NME), and golden values for the tests.

    python make.py            # needs the openmm package, with its `app` layer

Writes, beside itself:
  alanine-dipeptide.pdb           22 atoms in the order of Amber, every bond as a CONECT record: the minimum near
                                  phi = -65, psi = 147 degrees with obc1, in the one wide basin of C7eq and PII
  alanine-dipeptide.VARIANT.xml   OpenMM System: ff96, no cutoff, no constraints, and an implicit solvent
  golden.json                     energies and gradients by OpenMM's Reference platform through Python

VARIANT is vacuum, hct, obc1, obc2, gbn or gbn2. The force field is amber96.xml with implicit/VARIANT.xml; note that
amber96_obc.xml, in spite of its name, is obc2 and nothing else.
"""

import json
import math
import random
from pathlib import Path

import openmm
from openmm import app, unit

FOLDER = Path(__file__).resolve().parent
VARIANTS = ["vacuum", "hct", "obc1", "obc2", "gbn", "gbn2"]

# The molecule from ideal internal coordinates: name, element, residue, then the reference atoms (by index) of
# bond length / angstrom, angle / degree, dihedral / degree. phi = 4-6-8-14 and psi = 6-8-14-16.
PHI, PSI = -80.0, 80.0
ATOMS = [
    ("HH31", "H", "ACE", None),
    ("CH3", "C", "ACE", (0, 1.09)),
    ("HH32", "H", "ACE", (1, 1.09, 0, 109.5)),
    ("HH33", "H", "ACE", (1, 1.09, 0, 109.5, 2, 120.0)),
    ("C", "C", "ACE", (1, 1.52, 0, 109.5, 2, -120.0)),
    ("O", "O", "ACE", (4, 1.23, 1, 120.5, 0, 0.0)),
    ("N", "N", "ALA", (4, 1.335, 1, 116.5, 5, 180.0)),
    ("H", "H", "ALA", (6, 1.01, 4, 120.0, 1, 0.0)),
    ("CA", "C", "ALA", (6, 1.45, 4, 122.0, 1, 180.0)),
    ("HA", "H", "ALA", (8, 1.09, 6, 109.0, 4, PHI + 119.0)),
    ("CB", "C", "ALA", (8, 1.53, 6, 110.0, 4, PHI - 122.0)),
    ("HB1", "H", "ALA", (10, 1.09, 8, 109.5, 6, 60.0)),
    ("HB2", "H", "ALA", (10, 1.09, 8, 109.5, 6, 180.0)),
    ("HB3", "H", "ALA", (10, 1.09, 8, 109.5, 6, -60.0)),
    ("C", "C", "ALA", (8, 1.52, 6, 111.0, 4, PHI)),
    ("O", "O", "ALA", (14, 1.23, 8, 120.5, 6, PSI + 180.0)),
    ("N", "N", "NME", (14, 1.335, 8, 116.5, 6, PSI)),
    ("H", "H", "NME", (16, 1.01, 14, 120.0, 8, 0.0)),
    ("CH3", "C", "NME", (16, 1.45, 14, 122.0, 8, 180.0)),
    ("HH31", "H", "NME", (18, 1.09, 16, 109.5, 14, 60.0)),
    ("HH32", "H", "NME", (18, 1.09, 16, 109.5, 14, 180.0)),
    ("HH33", "H", "NME", (18, 1.09, 16, 109.5, 14, -60.0)),
]


def place(a, b, c, length, angle, dihedral):
    """The point at `length` from a, `angle` to b and `dihedral` to c."""
    angle, dihedral = math.radians(angle), math.radians(dihedral)
    along = normalised(b - a)
    normal = normalised(cross(c - b, b - a))
    side = cross(along, normal)
    return a + length * (
        math.cos(angle) * along + math.sin(angle) * (math.cos(dihedral) * side + math.sin(dihedral) * normal)
    )


def cross(u, v):
    return openmm.Vec3(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])


def normalised(v):
    return v * (1.0 / math.sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2))


def dihedral(p, i, j, k, l):
    b1, b2, b3 = p[j] - p[i], p[k] - p[j], p[l] - p[k]
    n1, n2 = cross(b1, b2), cross(b2, b3)
    m = cross(n1, normalised(b2))
    dot = lambda u, v: u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
    return math.degrees(math.atan2(-dot(m, n2), dot(n1, n2)))


def is_l_amino_acid(p):
    """CORN rule: (N - CA) x (C - CA) . (CB - CA) is positive in an L amino acid."""
    n, c, cb = p[6] - p[8], p[14] - p[8], p[10] - p[8]
    x = cross(n, c)
    return x[0] * cb[0] + x[1] * cb[1] + x[2] * cb[2] > 0


def build():
    """Topology and positions / nm from the table."""
    topology = app.Topology()
    chain = topology.addChain("A")
    residues = {}
    positions = []
    for name, element, residue, internal in ATOMS:
        if residue not in residues:
            residues[residue] = topology.addResidue(residue, chain)
        topology.addAtom(name, app.Element.getBySymbol(element), residues[residue])
        if internal is None:
            positions.append(openmm.Vec3(0, 0, 0))
        elif len(internal) == 2:
            positions.append(openmm.Vec3(internal[1], 0, 0))
        elif len(internal) == 4:
            i, length, j, angle = internal
            along = normalised(positions[j] - positions[i])
            side = openmm.Vec3(0, 1, 0)
            a = math.radians(angle)
            positions.append(positions[i] + length * (math.cos(a) * along + math.sin(a) * side))
        else:
            i, length, j, angle, k, torsion = internal
            positions.append(place(positions[i], positions[j], positions[k], length, angle, torsion))
    atoms = list(topology.atoms())
    for index, (_, _, _, internal) in enumerate(ATOMS):
        if internal is not None:
            topology.addBond(atoms[internal[0]], atoms[index])
    return topology, [p * 0.1 for p in positions]


def make_system(topology, variant):
    files = ["amber96.xml"] + ([] if variant == "vacuum" else [f"implicit/{variant}.xml"])
    return app.ForceField(*files).createSystem(
        topology, nonbondedMethod=app.NoCutoff, constraints=None, rigidWater=False, removeCMMotion=False
    )


def make_context(system):
    return openmm.Context(system, openmm.VerletIntegrator(0.001), openmm.Platform.getPlatformByName("Reference"))


def write_pdb(path, topology, positions):
    lines = ["REMARK   1 ALANINE DIPEPTIDE, ACE-ALA-NME, ATOM ORDER OF AMBER; MADE BY make.py"]
    for atom, p in zip(topology.atoms(), positions):
        name = f" {atom.name:<3}" if len(atom.name) < 4 else atom.name
        x, y, z = (10 * v for v in p)
        lines.append(
            f"ATOM  {atom.index + 1:5d} {name} {atom.residue.name} A{atom.residue.index + 1:4d}    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00          {atom.element.symbol:>2}"
        )
    partners = {atom.index: [] for atom in topology.atoms()}
    for a, b in topology.bonds():
        partners[a.index].append(b.index)
        partners[b.index].append(a.index)
    for index, others in partners.items():
        lines.append(f"CONECT{index + 1:5d}" + "".join(f"{o + 1:5d}" for o in sorted(others)))
    lines.append("END")
    path.write_text("\n".join(lines) + "\n")


def golden(systems, start):
    """For each variant: the total and every force's energy, kJ/mol, and the gradient, kJ/mol/nm, of six configurations."""
    rng = random.Random(2402)
    configurations = [start]
    for width in [0.002, 0.005, 0.01, 0.02, 0.03]:
        configurations.append([p + openmm.Vec3(*(rng.gauss(0.0, width) for _ in range(3))) for p in start])
    result = {
        "recipe": "plugins/molecule/data/make.py",
        "openmm": openmm.Platform.getOpenMMVersion(),
        "positions_nm": [[list(p) for p in configuration] for configuration in configurations],
        "variants": {},
    }
    for variant, system in systems.items():
        groups = [force.getForceGroup() for force in system.getForces()]
        for group, force in enumerate(system.getForces()):
            force.setForceGroup(group)
        context = make_context(system)
        energies, gradients, terms = [], [], []
        for configuration in configurations:
            context.setPositions(configuration)
            state = context.getState(getEnergy=True, getForces=True)
            energies.append(state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole))
            forces = state.getForces().value_in_unit(unit.kilojoule_per_mole / unit.nanometer)
            gradients.append([[-f[0], -f[1], -f[2]] for f in forces])
            terms.append(
                [
                    context.getState(getEnergy=True, groups={group}).getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole)
                    for group in range(system.getNumForces())
                ]
            )
        for group, force in zip(groups, system.getForces()):
            force.setForceGroup(group)
        names = [force.getName() for force in system.getForces()]
        result["variants"][variant] = {"energies": energies, "gradients": gradients, "names": names, "terms": terms}
    (FOLDER / "golden.json").write_text(json.dumps(result) + "\n")


def main():
    topology, positions = build()
    pdb = FOLDER / "alanine-dipeptide.pdb"
    context = make_context(make_system(topology, "obc1"))
    context.setPositions(positions)
    openmm.LocalEnergyMinimizer.minimize(context, tolerance=0.01)
    minimum = context.getState(getPositions=True, getEnergy=True)
    positions = minimum.getPositions().value_in_unit(unit.nanometer)
    centre = sum(positions, openmm.Vec3(0, 0, 0)) * (1.0 / len(positions))
    write_pdb(pdb, topology, [p - centre for p in positions])

    # From here on the PDB is the input, so that anybody's System from the file is the same.
    molecule = app.PDBFile(str(pdb))
    start = molecule.getPositions().value_in_unit(unit.nanometer)
    systems = {variant: make_system(molecule.topology, variant) for variant in VARIANTS}
    for variant, system in systems.items():
        (FOLDER / f"alanine-dipeptide.{variant}.xml").write_text(openmm.XmlSerializer.serialize(system))
    golden(systems, start)
    assert is_l_amino_acid(start), "the wrong enantiomer"
    phi, psi = dihedral(start, 4, 6, 8, 14), dihedral(start, 6, 8, 14, 16)
    print(f"start: phi {phi:.2f}, psi {psi:.2f} degrees, minimum {minimum.getPotentialEnergy()} (obc1)")


if __name__ == "__main__":
    main()
