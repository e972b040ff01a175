"""The plugin in a worker process: a crash of it is an OpenMMException, and the Context goes on."""

import glob
import os
import time

import numpy
from force import context, energy_and_forces, force, particles, refused


def system_of(plugin, count=2, **options):
    system = particles(count)
    system.setDefaultPeriodicBoxVectors([2, 0, 0], [0, 2, 0], [0, 0, 2])
    system.addForce(force(plugin, isolation=1, **options))
    return system


def children():
    """Processes whose parent is this one, whichever thread started them."""
    count = 0
    for path in glob.glob("/proc/self/task/*/children"):
        with open(path) as file:
            count += len(file.read().split())
    return count


# What it computes is what it computes in this process: box, parameters, particles.
run = context(system_of("pair_periodic", count=3, particles=[2, 0], parameters={"stiffness": 100.0}))
assert dict(run.getParameters()) == {"stiffness": 100.0, "length": 0.1}
run.setPositions([[0, 0, 0], [0.5, 0, 0], [1.7, 0, 0]])
energy, forces = energy_and_forces(run)
assert abs(energy - 2.0) < 1e-9 and numpy.allclose(forces, [[-20, 0, 0], [0, 0, 0], [20, 0, 0]], atol=1e-9), forces
run.setParameter("length", 0.2)
assert abs(energy_and_forces(run)[0] - 0.5) < 1e-9
run.getIntegrator().step(100)
del run

# A crash is an exception with a status, and the next configuration is evaluated again.
run = context(system_of("pair_crashing"))
for _ in range(2):
    run.setPositions([[0, 0, 0], [200, 0, 0]])
    text = refused(lambda: energy_and_forces(run))
    assert "libpair_crashing.so'" in text and "internal error of the plugin (status 8)" in text, text
    run.setPositions([[0, 0, 0], [0.3, 0, 0]])
    assert abs(energy_and_forces(run)[0] - 20.0) < 1e-9
run.setPositions([[0, 0, 0], [float("nan"), 0, 0]])
assert "non-finite input (status 1)" in refused(lambda: energy_and_forces(run))

# The worker ends with its Context.
assert children() > 0
del run
end = time.monotonic() + 10
while children() > 0:
    assert time.monotonic() < end
    time.sleep(0.01)

# Its executable is not there.
os.environ["FREELAND_WORKER"] = "/nowhere/freeland-worker"
assert "'/nowhere/freeland-worker'" in refused(lambda: context(system_of("pair")))
