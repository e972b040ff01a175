"""Makes the trajectories of this folder: three frames of two water molecules, as OpenMM and MDTraj write them.

    python make.py        needs openmm, mdtraj and numpy

The same frames, in nm, are in frames.npy. `box.dcd` has a unit cell with every frame, `plain.dcd` has none."""

import mdtraj
import numpy
import openmm
from openmm import app, unit

topology = app.Topology()
chain = topology.addChain()
for _ in range(2):
    residue = topology.addResidue("HOH", chain)
    for name, element in (("O", app.element.oxygen), ("H1", app.element.hydrogen), ("H2", app.element.hydrogen)):
        topology.addAtom(name, element, residue)

# Thousandths of an angstrom: what a PDB file keeps.
frames = numpy.random.default_rng(1).uniform(-2.0, 2.0, (3, 6, 3)).round(4)
numpy.save("frames.npy", frames)

with open("models.pdb", "w") as file:
    app.PDBFile.writeHeader(topology, file)
    for index, frame in enumerate(frames):
        app.PDBFile.writeModel(topology, frame * unit.nanometer, file, modelIndex=index + 1)
    app.PDBFile.writeFooter(topology, file)

with open("plain.dcd", "wb") as file:
    dcd = app.DCDFile(file, topology, 0.002)
    for frame in frames:
        dcd.writeModel(frame * unit.nanometer)

topology.setUnitCellDimensions(openmm.Vec3(4, 4, 4) * unit.nanometer)
with open("box.dcd", "wb") as file:
    dcd = app.DCDFile(file, topology, 0.002)
    for frame in frames:
        dcd.writeModel(frame * unit.nanometer)

trajectory = mdtraj.Trajectory(frames.astype("f4"), mdtraj.Topology.from_openmm(topology))
trajectory.save_dcd("mdtraj.dcd")
