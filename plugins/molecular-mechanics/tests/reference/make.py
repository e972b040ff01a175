#!/usr/bin/env python3
"""The molecules and Systems that this plugin is tested with, and a few energies and gradients by OpenMM's Reference platform.

    python make.py data        # two minutes; the folder `data` beside this script was made with it
    python many.py data OUT    # 400 configurations of every case; the tests do this themselves where they find OpenMM

Needs the openmm package with its `app` layer and numpy. For every case the folder gets
  CASE.xml   the System
  CASE.pdb   the atoms, with CONECT records
  CASE.json  {"openmm": version, "names": terms, "atoms": n, "configurations": m, "values": positions [m][n][3] nm,
             then terms [m][names] kJ/mol, then gradients [m][n][3] kJ/mol/nm}
"""

import argparse
import json
import math
from pathlib import Path

import numpy
import openmm
from openmm import app, unit

import many
from many import reference

PEPTIDE = ["LYS", "TRP", "GLU", "PHE", "ARG", "GLY", "ASP", "TYR", "HIS", "MET"]

# Case: (molecule, force-field files)
CASES = {
    "alanine-vacuum": ("alanine", ["amber96.xml"]),
    "alanine-hct": ("alanine", ["amber96.xml", "implicit/hct.xml"]),
    "alanine-obc1": ("alanine", ["amber96.xml", "implicit/obc1.xml"]),
    "alanine-obc2": ("alanine", ["amber96.xml", "implicit/obc2.xml"]),
    "alanine-gbn": ("alanine", ["amber96.xml", "implicit/gbn.xml"]),
    "alanine-gbn2": ("alanine", ["amber96.xml", "implicit/gbn2.xml"]),
    "alanine-obc1-salt": ("alanine", ["amber96.xml", "implicit/obc1.xml"]),
    "alanine-gbsa": ("alanine", ["amber96.xml", "amber96_obc.xml"]),
    "alanine-charmm36-2024": ("alanine", ["charmm36_2024.xml", "implicit/gbn2.xml"]),
    "pentaalanine-ff99sb-obc2": ("pentaalanine", ["amber99sb.xml", "implicit/obc2.xml"]),
    "pentaalanine-ff14sb-gbn": ("pentaalanine", ["amber14/protein.ff14SB.xml", "implicit/gbn.xml"]),
    "peptide-ff14sb-gbn2": ("peptide", ["amber14/protein.ff14SB.xml", "implicit/gbn2.xml"]),
    "peptide-ff99sb-gbsa": ("peptide", ["amber99sb.xml", "amber99_obc.xml"]),
    "zwitterion-charmm36-2024": ("zwitterion", ["charmm36_2024.xml", "implicit/obc2.xml"]),
    "peptide-ff19sb": ("peptide", ["amber19/protein.ff19SB.xml"]),
    "butane-rb": ("butane", None),
}
SALT = 1.2 / unit.nanometer


def place(a, b, c, length, angle, dihedral):
    """The point at `length` from a, `angle` to b and `dihedral` to c (nm, degrees)."""
    angle, dihedral = math.radians(angle), math.radians(dihedral)
    along = (b - a) / numpy.linalg.norm(b - a)
    normal = numpy.cross(c - b, b - a)
    normal = normal / numpy.linalg.norm(normal)
    side = numpy.cross(normal, along)
    return a + length * (
        math.cos(angle) * along + math.sin(angle) * (math.cos(dihedral) * side + math.sin(dihedral) * normal)
    )


def chain_of(sequence, caps, phi=-80.0, psi=120.0):
    """The sequence, between ACE and NME if `caps`: heavy atoms from ideal geometry; hydrogens are added by OpenMM."""
    topology = app.Topology()
    chain = topology.addChain("A")
    positions = []

    def add(residue, name, element, where):
        positions.append(where)
        return topology.addAtom(name, app.Element.getBySymbol(element), residue)

    previous, carbon = numpy.zeros(3), numpy.array([0.152, 0.0, 0.0])
    nitrogen = place(carbon, previous, numpy.array([0.0, 0.1, 0.0]), 0.1335, 116.0, 0.0)
    if caps:
        ace = topology.addResidue("ACE", chain)
        add(ace, "CH3", "C", previous)
        add(ace, "C", "C", carbon)
        add(ace, "O", "O", place(carbon, previous, nitrogen, 0.123, 121.0, 180.0))
    for index, name in enumerate(sequence):
        residue = topology.addResidue(name, chain)
        alpha = place(nitrogen, carbon, previous, 0.145, 122.0, 180.0)
        next_carbon = place(alpha, nitrogen, carbon, 0.152, 111.0, phi)
        next_nitrogen = place(next_carbon, alpha, nitrogen, 0.1335, 116.0, psi)
        add(residue, "N", "N", nitrogen)
        add(residue, "CA", "C", alpha)
        add(residue, "C", "C", next_carbon)
        add(residue, "O", "O", place(next_carbon, alpha, next_nitrogen, 0.123, 121.0, 180.0))
        side_chain(residue, add, name, nitrogen, alpha, next_carbon)
        if not caps and index == len(sequence) - 1:
            add(residue, "OXT", "O", place(next_carbon, alpha, nitrogen, 0.125, 118.0, psi))
        previous, carbon, nitrogen = alpha, next_carbon, next_nitrogen
    if caps:
        nme = topology.addResidue("NME", chain)
        add(nme, "N", "N", nitrogen)
        add(nme, "C", "C", place(nitrogen, carbon, previous, 0.145, 122.0, 180.0))
    topology.createStandardBonds()
    return topology, positions


# Heavy atoms of side chains: name, element, then the three reference atoms, nm, degrees, degrees.
T = 110.0
SIDE = {
    "LYS": [("CG", "C", "CB CA N", 0.153, T, 180), ("CD", "C", "CG CB CA", 0.153, T, 180),
            ("CE", "C", "CD CG CB", 0.153, T, 180), ("NZ", "N", "CE CD CG", 0.149, T, 180)],
    "ARG": [("CG", "C", "CB CA N", 0.153, T, 180), ("CD", "C", "CG CB CA", 0.153, T, 180),
            ("NE", "N", "CD CG CB", 0.146, T, 180), ("CZ", "C", "NE CD CG", 0.133, 124, 180),
            ("NH1", "N", "CZ NE CD", 0.133, 120, 0), ("NH2", "N", "CZ NE CD", 0.133, 120, 180)],
    "GLU": [("CG", "C", "CB CA N", 0.153, T, 180), ("CD", "C", "CG CB CA", 0.152, T, 180),
            ("OE1", "O", "CD CG CB", 0.125, 118, 0), ("OE2", "O", "CD CG CB", 0.125, 118, 180)],
    "ASP": [("CG", "C", "CB CA N", 0.152, T, 180), ("OD1", "O", "CG CB CA", 0.125, 118, 0),
            ("OD2", "O", "CG CB CA", 0.125, 118, 180)],
    "MET": [("CG", "C", "CB CA N", 0.153, T, 180), ("SD", "S", "CG CB CA", 0.181, T, 180),
            ("CE", "C", "SD CG CB", 0.181, 100, 180)],
    "PHE": [("CG", "C", "CB CA N", 0.151, 114, 180), ("CD1", "C", "CG CB CA", 0.139, 120, 90),
            ("CD2", "C", "CG CB CA", 0.139, 120, -90), ("CE1", "C", "CD1 CG CB", 0.139, 120, 180),
            ("CE2", "C", "CD2 CG CB", 0.139, 120, 180), ("CZ", "C", "CE1 CD1 CG", 0.139, 120, 0)],
    "HIS": [("CG", "C", "CB CA N", 0.150, 114, 180), ("ND1", "N", "CG CB CA", 0.138, 122, 90),
            ("CD2", "C", "CG CB CA", 0.136, 131, -90), ("CE1", "C", "ND1 CG CB", 0.132, 109, 180),
            ("NE2", "N", "CD2 CG CB", 0.137, 107, 180)],
    "TRP": [("CG", "C", "CB CA N", 0.150, 114, 180), ("CD1", "C", "CG CB CA", 0.136, 127, 90),
            ("CD2", "C", "CG CB CA", 0.143, 127, -90), ("NE1", "N", "CD1 CG CB", 0.138, 110, 180),
            ("CE2", "C", "CD2 CG CB", 0.141, 107, 180), ("CE3", "C", "CD2 CG CB", 0.140, 134, 0),
            ("CZ2", "C", "CE2 CD2 CG", 0.139, 122, 180), ("CZ3", "C", "CE3 CD2 CG", 0.138, 119, 180),
            ("CH2", "C", "CZ2 CE2 CD2", 0.137, 118, 0)],
}
SIDE["TYR"] = SIDE["PHE"] + [("OH", "O", "CZ CE1 CD1", 0.136, 120, 180)]


def side_chain(residue, add, name, nitrogen, alpha, carbon):
    """Adds the heavy atoms of the side chain of an L amino acid."""
    if name == "GLY":
        return
    atoms = {"N": nitrogen, "CA": alpha, "C": carbon}
    # The plane of N, CA, C; CB lies 122 degrees behind the carbonyl carbon.
    atoms["CB"] = beta(nitrogen, alpha, carbon)
    add(residue, "CB", "C", atoms["CB"])
    for atom, element, references, length, angle, dihedral in SIDE.get(name, []):
        a, b, c = (atoms[reference] for reference in references.split())
        atoms[atom] = place(a, b, c, length, angle, dihedral)
        add(residue, atom, element, atoms[atom])


def beta(nitrogen, alpha, carbon):
    n, c = nitrogen - alpha, carbon - alpha
    n, c = n / numpy.linalg.norm(n), c / numpy.linalg.norm(c)
    bisector = -(n + c) / numpy.linalg.norm(n + c)
    normal = numpy.cross(n, c) / numpy.linalg.norm(numpy.cross(n, c))
    return alpha + 0.153 * (math.cos(math.radians(54)) * bisector + math.sin(math.radians(54)) * normal)


def butane():
    """CH3-CH2-CH2-CH3 from internal coordinates, and a System with Ryckaert-Bellemans torsions (parameters after OPLS-AA)."""
    topology = app.Topology()
    residue = topology.addResidue("BUT", topology.addChain("A"))
    c = [numpy.zeros(3), numpy.array([0.153, 0.0, 0.0])]
    c.append(place(c[1], c[0], numpy.array([0.0, 0.1, 0.0]), 0.153, 112.7, 0.0))
    c.append(place(c[2], c[1], c[0], 0.153, 112.7, 70.0))
    positions = list(c)
    atoms = [topology.addAtom(f"C{i + 1}", app.Element.getBySymbol("C"), residue) for i in range(4)]
    for i in range(3):
        topology.addBond(atoms[i], atoms[i + 1])
    hydrogens = [(0, 1, 2, (60, 180, 300)), (1, 0, None, None), (2, 3, None, None), (3, 2, 1, (60, 180, 300))]
    for carbon, neighbour, third, dihedrals in hydrogens:
        if dihedrals is None:
            other = 3 - carbon if abs(3 - 2 * carbon) == 1 else 0
            third, dihedrals = other, (120, 240)
        for dihedral in dihedrals:
            positions.append(place(c[carbon], c[neighbour], c[third], 0.109, 109.5, dihedral))
            atoms.append(topology.addAtom(f"H{len(atoms) - 3}", app.Element.getBySymbol("H"), residue))
            topology.addBond(atoms[carbon], atoms[-1])

    system = openmm.System()
    bonds, angles, torsions = openmm.HarmonicBondForce(), openmm.HarmonicAngleForce(), openmm.RBTorsionForce()
    nonbonded = openmm.NonbondedForce()
    is_carbon = [atom.element.symbol == "C" for atom in atoms]
    neighbours = [[] for _ in atoms]
    for a, b in topology.bonds():
        neighbours[a.index].append(b.index)
        neighbours[b.index].append(a.index)
        both = is_carbon[a.index] and is_carbon[b.index]
        bonds.addBond(a.index, b.index, 0.1529 if both else 0.109, 224262.4 if both else 284512.0)
    for atom in atoms:
        system.addParticle(atom.element.mass)
        if is_carbon[atom.index]:
            hydrogens = sum(not is_carbon[n] for n in neighbours[atom.index])
            nonbonded.addParticle(-0.06 * hydrogens, 0.35, 0.276144)
        else:
            nonbonded.addParticle(0.06, 0.25, 0.12552)
    for j, around in enumerate(neighbours):
        for x in range(len(around)):
            for y in range(x):
                carbons = is_carbon[around[x]] + is_carbon[around[y]]
                theta, k = {0: (107.8, 276.144), 1: (110.7, 313.8), 2: (112.7, 488.273)}[carbons]
                angles.addAngle(around[x], j, around[y], math.radians(theta), k)
    for a, b in topology.bonds():
        for i in neighbours[a.index]:
            for l in neighbours[b.index]:
                if i == b.index or l == a.index or i == l:
                    continue
                if is_carbon[i] and is_carbon[l]:
                    series = [2.9288, -1.4644, 0.2092, -1.6736, 0.35, -0.21]
                else:
                    series = [0.6276, 1.8828, 0.0, -2.5104, 0.0, 0.0]
                torsions.addTorsion(i, a.index, b.index, l, *series)
    nonbonded.createExceptionsFromBonds([(a.index, b.index) for a, b in topology.bonds()], 0.5, 0.5)
    for force in [bonds, angles, torsions, nonbonded]:
        system.addForce(force)
    return topology, positions, system


def molecules():
    """Topology and relaxed positions / nm by molecule."""
    found = {}
    field = app.ForceField("amber14/protein.ff14SB.xml")
    for name, sequence, caps in [
        ("alanine", ["ALA"], True),
        ("pentaalanine", ["ALA"] * 5, True),
        ("peptide", PEPTIDE, True),
        ("zwitterion", PEPTIDE, False),
    ]:
        topology, positions = chain_of(sequence, caps)
        modeller = app.Modeller(topology, [openmm.Vec3(*p) for p in positions] * unit.nanometer)
        modeller.addHydrogens(field, variants=None, platform=reference())
        system = field.createSystem(modeller.topology)
        found[name] = (modeller.topology, relax(system, modeller.positions), None)
    topology, positions, system = butane()
    found["butane"] = (topology, relax(system, [openmm.Vec3(*p) for p in positions]), system)
    return found


def relax(system, positions):
    context = openmm.Context(system, openmm.VerletIntegrator(0.001), reference())
    context.setPositions(positions)
    openmm.LocalEnergyMinimizer.minimize(context, maxIterations=300)
    return context.getState(getPositions=True).getPositions(asNumpy=True).value_in_unit(unit.nanometer)


def make_system(name, topology, files):
    options = {"implicitSolventKappa": SALT} if name.endswith("salt") else {}
    system = app.ForceField(*files).createSystem(topology, nonbondedMethod=app.NoCutoff, constraints=None, **options)
    # Force fields bring all their correction maps; the file is smaller with those that are used.
    for force in system.getForces():
        if isinstance(force, openmm.CMAPTorsionForce):
            keep_used_maps(force, system)
    return system


def keep_used_maps(force, system):
    used = sorted({force.getTorsionParameters(i)[0] for i in range(force.getNumTorsions())})
    smaller = openmm.CMAPTorsionForce()
    smaller.setName(force.getName())
    for index in used:
        smaller.addMap(*force.getMapParameters(index))
    for i in range(force.getNumTorsions()):
        index, *atoms = force.getTorsionParameters(i)
        smaller.addTorsion(used.index(index), *atoms)
    index = [f.getName() for f in system.getForces()].index(force.getName())
    system.removeForce(index)
    system.addForce(smaller)


def write_pdb(path, topology, positions):
    lines = ["REMARK   1 MADE BY tests/reference/make.py OF THE PLUGIN MOLECULAR-MECHANICS"]
    for atom, p in zip(topology.atoms(), positions):
        name = f" {atom.name:<3}" if len(atom.name) < 4 else atom.name
        x, y, z = 10 * p
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
    path.write_text("\n".join(lines + ["END"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(CASES), help="cases")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    known = molecules()
    for case in arguments.only:
        molecule, files = CASES[case]
        topology, positions, system = known[molecule]
        system = system or make_system(case, topology, files)
        lines = openmm.XmlSerializer.serialize(system).splitlines()
        (arguments.folder / f"{case}.xml").write_text("\n".join(line.strip() for line in lines) + "\n")
        write_pdb(arguments.folder / f"{case}.pdb", topology, positions)
        # Half as many of the large molecules: the folder is kept in the repository.
        configurations = many.configurations(system, positions, 2 if len(positions) < 100 else 1)
        header, parts = many.evaluate(system, configurations)
        header["values"] = [
            float(f"{value:.16g}") if math.isfinite(value) else None for part in parts for value in part.ravel()
        ]
        (arguments.folder / f"{case}.json").write_text(json.dumps(header) + "\n")
        print(f"{case}: {header['atoms']} atoms, {header['names']}", flush=True)


if __name__ == "__main__":
    main()
