"""What a configuration answers that the plugin cannot evaluate, and what OpenMM makes of it."""

import math

import numpy
import openmm
from force import context, energy_and_forces, force, particles, platforms, refused

THROWS, INFINITY, NAN = 0, 1, 2
GOOD, FAR = [[0, 0, 0], [0.3, 0, 0]], [[0, 0, 0], [200, 0, 0]]


def pair(failure, isolation=0, plugin="pair", **options):
    system = particles(2)
    system.addForce(force(plugin, failure=failure, isolation=isolation, **options))
    return system


for platform in platforms():
    for isolation in [0, 1] if platform == "Reference" else [0]:
        for failure, energy in [(INFINITY, math.inf), (NAN, math.nan)]:
            run = context(pair(failure, isolation), platform)
            run.setPositions(FAR)
            found, forces = energy_and_forces(run)
            assert numpy.array_equal(found, energy, equal_nan=True), (platform, failure, found)
            assert platform not in ("Reference", "CPU") or numpy.isnan(forces).all(), (platform, forces)
            run.setPositions(GOOD)
            assert abs(energy_and_forces(run)[0] - 20.0) < 1e-4, "and the Context goes on"
# A crash in a worker is a configuration that failed; a plugin that cannot be called at all is never answered with a number.
run = context(pair(INFINITY, 1, "pair_crashing"))
run.setPositions(FAR)
assert energy_and_forces(run)[0] == math.inf

# Particles of which nothing is asked feel nothing of it.
system = particles(3)
system.addForce(force("pair", failure=INFINITY, particles=[2, 0]))
run = context(system)
run.setPositions([[0, 0, 0], [1, 0, 0], [200, 0, 0]])
forces = energy_and_forces(run)[1]
assert numpy.isnan(forces[[0, 2]]).all() and not forces[1].any()


def minimised(failure):
    """The minimum is at 99.9 nm; beyond 100 nm, the plugin has no energy. The first step of OpenMM's minimiser is 1 nm long,
    0.7 nm for each atom, and so ends at 100.6 nm."""
    run = context(pair(failure, parameters={"stiffness": 10.0, "length": 99.9}))
    run.setPositions([[0, 0, 0], [99.2, 0, 0]])
    openmm.LocalEnergyMinimizer.minimize(run, 1e-3, 1000)
    positions = run.getState(getPositions=True).getPositions(asNumpy=True)._value
    return numpy.linalg.norm(positions[1] - positions[0])


assert "outside the domain (status 2)" in refused(lambda: minimised(THROWS))
assert abs(minimised(INFINITY) - 99.9) < 1e-3

# Monte Carlo refuses a step to where there is no energy: the box never grows beyond what the plugin bears.
system = particles(2)
system.setDefaultPeriodicBoxVectors([260, 0, 0], [0, 260, 0], [0, 0, 260])
system.addForce(force("pair_periodic", failure=INFINITY, parameters={"stiffness": 0.0}))
barostat = openmm.MonteCarloBarostat(1e-6, 300.0, 1)
barostat.setRandomNumberSeed(1)
system.addForce(barostat)
run = context(system, integrator=openmm.VerletIntegrator(1e-6))
run.setPositions([[0, 0, 0], [99, 0, 0]])
run.getIntegrator().step(300)
state = run.getState(getPositions=True, getEnergy=True)
positions = state.getPositions(asNumpy=True)._value
assert 50 < numpy.linalg.norm(positions[1] - positions[0]) < 100 and state.getPotentialEnergy()._value == 0.0

# Dynamics does not go on with forces that nobody computed: its coordinates are NaN, which every reporter refuses.
run = context(pair(INFINITY))
run.setPositions(FAR)
run.getIntegrator().step(2)
assert numpy.isnan(run.getState(getPositions=True).getPositions(asNumpy=True)._value).all()
