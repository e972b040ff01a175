"""Alanine dipeptide: molecular-mechanics through the Force against OpenMM's own forces."""

import sys

import numpy
import openmm
from openmm import app
from force import context, energy_and_forces, force, particles

# Relative to the largest force; plugin molecular-mechanics promises 1e-9 against Reference in double precision, the CPU
# platform of OpenMM computes in single precision.
TOLERANCE = {"Reference": 1e-8, "CPU": 1e-4}

data = sys.argv[1]
start = app.PDBFile(data + "/alanine-dipeptide.pdb").getPositions(asNumpy=True)._value
generator = numpy.random.default_rng(7)
for solvent in ["vacuum", "hct", "obc1", "obc2", "gbn", "gbn2"]:
    own = openmm.XmlSerializer.deserialize(open("%s/alanine-dipeptide.%s.xml" % (data, solvent)).read())
    system = particles(22)
    system.addForce(force("freeland_molecular_mechanics", config='{"implicit": "%s"}' % solvent))
    for platform in ["Reference", "CPU"] if solvent == "obc1" else ["Reference"]:
        reference, ours = context(own), context(system, platform)
        for _ in range(10):
            positions = start + generator.normal(scale=0.005, size=start.shape)
            reference.setPositions(positions)
            ours.setPositions(positions)
            (energy, forces), (our_energy, our_forces) = energy_and_forces(reference), energy_and_forces(ours)
            scale = numpy.abs(forces).max()
            assert numpy.abs(our_forces - forces).max() < TOLERANCE[platform] * scale, (solvent, platform)
            assert abs(our_energy - energy) < TOLERANCE[platform] * scale, (solvent, platform, our_energy, energy)

# The energy of a run at constant energy stays: forces are those of the energy, at every step.
system = openmm.XmlSerializer.deserialize(open(data + "/alanine-dipeptide.obc1.xml").read())
while system.getNumForces():
    system.removeForce(0)
system.addForce(force("freeland_molecular_mechanics"))
run = context(system, integrator=openmm.VerletIntegrator(0.0002))
run.setPositions(start)
openmm.LocalEnergyMinimizer.minimize(run, 10.0)
run.setVelocitiesToTemperature(300.0, 1)
totals = []
for _ in range(20):
    run.getIntegrator().step(100)
    state = run.getState(getEnergy=True)
    totals.append((state.getPotentialEnergy() + state.getKineticEnergy())._value)
# 2 fs/10 steps: Verlet's fluctuation of the total energy at 300 K is some 0.1 kJ/mol here; a wrong force drifts by tens.
assert max(totals) - min(totals) < 1.0, totals
# Its bonds make it one molecule.
assert [len(molecule) for molecule in run.getMolecules()] == [22]
