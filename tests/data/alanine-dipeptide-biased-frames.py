"""Makes alanine-dipeptide-biased-frames.npy: 3,000 frames of metadynamics, float32, nm, [3000, 22, 3].

The molecule is OpenMM's test system (ACE-ALA-NME), ff96 with OBC1 implicit solvent, 300 K, hydrogens of 3 Da, no
constraints: 12 walkers of 6.25 ps share a well-tempered bias on (phi, psi), which does no harm to p(x | phi, psi).

    python tests/data/alanine-dipeptide-biased-frames.py
"""

import pathlib

import numpy
import openmm
from openmm import app, unit

SEED = 20261201
WALKERS, FRAMES, STEPS = 12, 250, 10

here = pathlib.Path(__file__).resolve().parent
data = here.parent.parent / "plugins" / "molecule" / "data"
pdb = app.PDBFile(str(data / "alanine-dipeptide.pdb"))
field = app.ForceField("amber96.xml", "amber96_obc.xml")
system = field.createSystem(pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None, hydrogenMass=3 * unit.dalton)
variables = []
for atoms in ((4, 6, 8, 14), (6, 8, 14, 16)):
    torsion = openmm.CustomTorsionForce("theta")
    torsion.addTorsion(*atoms)
    variables.append(app.metadynamics.BiasVariable(torsion, -numpy.pi, numpy.pi, 0.3, periodic=True))
bias = app.metadynamics.Metadynamics(system, variables, 300, 15, 1.2, 20)
contexts = []
for walker in range(WALKERS):
    integrator = openmm.LangevinMiddleIntegrator(300, 5 / unit.picosecond, 0.0025)
    integrator.setRandomNumberSeed(SEED + walker)
    simulation = app.Simulation(pdb.topology, system, integrator, openmm.Platform.getPlatformByName("Reference"))
    simulation.context.setPositions(pdb.positions)
    simulation.minimizeEnergy()
    simulation.context.setVelocitiesToTemperature(300, SEED + walker)
    contexts.append(simulation)
frames = []
for frame in range(FRAMES):
    for simulation in contexts:
        bias.step(simulation, STEPS)
        state = simulation.context.getState(positions=True)
        frames.append(state.getPositions(asNumpy=True).value_in_unit(unit.nanometer))
numpy.save(here / "alanine-dipeptide-biased-frames.npy", numpy.asarray(frames, dtype=numpy.float32))
