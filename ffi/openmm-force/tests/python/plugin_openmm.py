"""The plugin `openmm` where OpenMM of another version than it was built with is loaded: in this process and in workers."""

import glob
import sys

import numpy
import openmm
from openmm import app
from force import context, energy_and_forces, force, particles

# One library, one platform, the same numbers; the order of sums may differ between a Force alone and one among others.
TOLERANCE = 1e-12


def libraries(process):
    """Files with libOpenMM that a process has mapped."""
    with open("/proc/%s/maps" % process) as maps:
        paths = (line.split(maxsplit=5)[-1].strip() for line in maps)
        return {path for path in paths if "/libOpenMM.so" in path}


def descendants(process="self"):
    """Processes below one: workers, and what watches over them."""
    found = []
    for path in glob.glob("/proc/%s/task/*/children" % process):
        with open(path) as file:
            for child in file.read().split():
                found += [child, *descendants(child)]
    return found


data = sys.argv[1]
start = app.PDBFile(data + "/alanine-dipeptide.pdb").getPositions(asNumpy=True)._value
own = context(openmm.XmlSerializer.deserialize(open(data + "/alanine-dipeptide.obc1.xml").read()))
here = libraries("self")
assert len(here) == 1, here

for isolation in [0, 1]:
    system = particles(22)
    system.addForce(force("freeland_openmm", config='{"implicit": "obc1", "contexts": 1}', isolation=isolation))
    run = context(system)
    generator = numpy.random.default_rng(3)
    for _ in range(3):
        positions = start + generator.normal(scale=0.005, size=start.shape)
        own.setPositions(positions)
        run.setPositions(positions)
        (energy, forces), (our_energy, our_forces) = energy_and_forces(own), energy_and_forces(run)
        scale = numpy.abs(forces).max()
        assert abs(our_energy - energy) < TOLERANCE * scale, (isolation, our_energy, energy)
        assert numpy.abs(our_forces - forces).max() < TOLERANCE * scale, isolation
    # No second OpenMM came into this process, and the worker took the one that is here.
    assert libraries("self") == here
    if isolation:
        found = [libraries(process) for process in descendants()]
        assert here in found and all(each in (here, set()) for each in found), (found, here)
    del run

# What OpenMM throws crosses its own boundary twice.
system = particles(2)
system.addForce(force("freeland_openmm", config='{"platform": "Invented"}'))
try:
    context(system)
except openmm.OpenMMException as exception:
    assert "Invented" in str(exception) and "Reference" in str(exception), exception
else:
    raise AssertionError("a platform that does not exist was not refused")
