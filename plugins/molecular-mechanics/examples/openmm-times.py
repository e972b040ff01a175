"""Microseconds per energy and gradient of a System with one OpenMM Context on each platform named: best of many, in Python.

    python openmm-times.py SYSTEM.xml MOLECULE.pdb SECONDS PLATFORM...
"""

import sys
import time

import openmm
from openmm import app

system = openmm.XmlSerializer.deserialize(open(sys.argv[1]).read())
positions = app.PDBFile(sys.argv[2]).positions
for name in sys.argv[4:]:
    platform = openmm.Platform.getPlatformByName(name)
    context = openmm.Context(system, openmm.VerletIntegrator(0.001), platform)
    best, start = float("inf"), time.perf_counter()
    while True:
        begin = time.perf_counter()
        context.setPositions(positions)
        context.getState(getEnergy=True, getForces=True).getPotentialEnergy()
        end = time.perf_counter()
        best = min(best, end - begin)
        if end - start > float(sys.argv[3]):
            break
    print(1e6 * best)
