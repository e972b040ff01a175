"""Microseconds per energy and gradient of a System with one OpenMM Reference Context: best of many, on one core.

    python openmm-reference.py SYSTEM.xml MOLECULE.pdb
"""

import sys
import time

import openmm
from openmm import app

system = openmm.XmlSerializer.deserialize(open(sys.argv[1]).read())
platform = openmm.Platform.getPlatformByName("Reference")
context = openmm.Context(system, openmm.VerletIntegrator(0.001), platform)
positions = app.PDBFile(sys.argv[2]).positions
best = float("inf")
for _ in range(400):
    begin = time.perf_counter()
    context.setPositions(positions)
    context.getState(getEnergy=True, getForces=True).getPotentialEnergy()
    best = min(best, time.perf_counter() - begin)
print(1e6 * best)
